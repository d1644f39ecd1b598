# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2016,SC2209 # sourced by samples.sh; names of lists
# shellcheck shell=bash
# database.sh - PostgreSQL by Debian's own tools, from the making of a cluster to queries; and others at its files.

prepare_database() {
	local versions=(/usr/lib/postgresql/*)

	postgres_version=${versions[-1]##*/}
	cluster=/var/lib/postgresql/$postgres_version/main
	"$busybox" rm -rf "/etc/postgresql/$postgres_version"
	echo '# mine' >/tmp/auto.conf
	mkdir -p /var/log/postgresql /run/postgresql
	chown -R postgres:postgres /var/lib/postgresql /var/log/postgresql /run/postgresql /etc/postgresql
}

as_postgres() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }

cluster_sql() { as_postgres psql -X -q -At -v ON_ERROR_STOP=1 "$@" 2>&1; }

database_work() {
	works "a cluster is made" '' database_make
	works "it starts" '' pg_ctlcluster "$postgres_version" main start
	works "queries" '1000|500500' cluster_sql -c 'CREATE TABLE item AS SELECT n FROM generate_series(1, 1000) n' \
		-c 'CREATE INDEX ON item (n)' -c 'SELECT count(*), sum(n) FROM item'
	works "workers, languages, words" '2000|Ö|jump' cluster_sql -c 'SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0;
		SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0' \
		-c "SELECT count(*) * 2, upper('ö'), btrim(to_tsvector('english', 'jumping')::text, ''':1') FROM item"
	works "a copy by its own protocol" 0 database_copy
}

sample_database() {
	local wanted

	database_work
	quiet
	database_attacks
	works "it stops" '' pg_ctlcluster "$postgres_version" main stop
	[[ $phase == control ]] && wanted=OK || wanted=EPERM
	works "root removes it" $wanted word_of pg_dropcluster "$postgres_version" main
}

database_make() {
	pg_createcluster "$postgres_version" main -- --no-sync --locale=C.UTF-8 >/tmp/database.out 2>&1 || cat /tmp/database.out
}

database_copy() {
	"$busybox" rm -rf /tmp/pg-copy
	as_postgres pg_basebackup --no-sync -c fast -X none -D /tmp/pg-copy 2>&1 | grep -v '^NOTICE'
	echo "${PIPESTATUS[0]}"
}

database_attacks() {
	local rule='deny = $clusters/**' file=$cluster/global/pg_control

	comm=cat try "its user reads a table" open deny "$file" "$rule" read -- word_of as_postgres cat "$file"
	comm=cat try "root reads a table" open deny "$file" "$rule" read -- word_of /usr/bin/cat "$file"
	comm=tar try "root packs it" open deny "$cluster/global" "$rule" read -- \
		word_of tar -cf /tmp/database.tar "$cluster/global"
	comm=mv try "it gets another name" open deny "$cluster/pg_twophase" "$rule" '' -- \
		word_of as_postgres sh -c "cd $cluster && mv pg_twophase other && mv other pg_twophase"
	comm=cp try "its settings are replaced" open deny "$cluster/postgresql.auto.conf" "$rule" '' -- \
		word_of as_postgres cp /tmp/auto.conf "$cluster/postgresql.auto.conf"
	comm=python3 try "an interpreter reads it" open deny "$file" "$rule" read -- \
		word_of as_postgres python3 -c "open('$file')"
	comm=postgres
	try "SQL: a program" exec deny /usr/bin/dash default -- program_run
	try "SQL: somebody's file" open deny /home/alice/notes default read -- \
		word_of cluster_sql -c "SELECT pg_read_file('/home/alice/notes')"
	try "SQL: a file elsewhere" open deny /var/tmp/postgres default write -- \
		word_of cluster_sql -c "COPY item TO '/var/tmp/postgres'"
	try "SQL: a library of one's own" open deny /var/preload.so default read -- library_loaded
	unset comm
}

# Whatever popen() says of it, to PostgreSQL there was no memory.
program_run() {
	local said

	said=$(cluster_sql -c "COPY (SELECT 1) TO PROGRAM 'cat >/dev/null'")
	case $said in
	'') echo OK ;;
	*"could not execute command"*) echo EPERM ;;
	*) echo "$said" ;;
	esac
}

# It is none of the server's kind, which is found when it has been loaded.
library_loaded() {
	local said

	said=$(cluster_sql -c "LOAD '/var/preload.so'")
	case $said in
	*'missing magic block'*) echo OK ;;
	*'Operation not permitted'*) echo EPERM ;;
	*) echo "$said" ;;
	esac
}
