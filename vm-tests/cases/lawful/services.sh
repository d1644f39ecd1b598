# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2016 # sourced by lawful.sh; other shells expand what is quoted
# shellcheck shell=bash
# services.sh - a database, a web server with an application that asks it, and a login server with its clients.

postgres() {
	local program=$1 dirs=(/usr/lib/postgresql/*/bin)

	shift
	setpriv --reuid postgres --regid postgres --clear-groups "${dirs[-1]}/$program" "$@"
}

# initdb takes half a minute: it is not one of the workloads.
prepare_services() {
	mkdir -m 0777 /tmp/l/made
	postgres initdb -D /tmp/l/made/cluster -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/tmp/l/initdb 2>&1 ||
		fail "a database cluster can be made" "$(tail -n 3 /tmp/l/initdb)"
}

database_start() {
	postgres pg_ctl -s -w -D "$now/database/cluster" -l "$now/database/log" start \
		-o "-p 5544 -k $now/database -c listen_addresses=127.0.0.1 -c fsync=off"
}

database_stop() { postgres pg_ctl -s -w -D "$now/database/cluster" -m fast stop; }

sql() { psql -X -q -At -v ON_ERROR_STOP=1 -U postgres -p 5544 -d postgres "$@"; }

# The server goes on for the web application.
work_database() {
	chown postgres .
	cp -a /tmp/l/made/cluster .
	database_start
	sql -h "$now/database" <<-'Q'
		CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL);
		INSERT INTO item SELECT n, 'item ' || n FROM generate_series(1, 5000) n;
		CREATE INDEX ON item (name);
		ANALYZE item;
		SELECT count(*), sum(id), max(name) FROM item;
		-- Workers share memory.
		SET max_parallel_workers_per_gather = 2;
		SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
		SELECT sum(id * 2 + 1) FROM item WHERE id % 3 = 1;
		RESET ALL;
		BEGIN; DELETE FROM item WHERE id < 100; SAVEPOINT s; DELETE FROM item; ROLLBACK TO s; COMMIT;
		COPY (SELECT id FROM item ORDER BY id LIMIT 3) TO PROGRAM 'tr 0-9 a-j >/tmp/l/now/database/letters';
		COPY item TO '/tmp/l/now/database/items';
		CREATE TEMP TABLE again (LIKE item);
		COPY again FROM '/tmp/l/now/database/items';
		SELECT count(*) FROM again;
		VACUUM FULL item;
		\! cat letters
	Q
	sql -h 127.0.0.1 -c 'SELECT count(*) FROM item' -c 'SELECT 1 / 0' || echo "psql: $?"
	sha256sum items
}

web_conf() {
	cat >conf <<-E
		pid $now/web/pid;
		user www-data www-data;
		worker_processes 2;
		events { }
		http {
			access_log $now/web/access;
			client_body_temp_path $now/web/t; proxy_temp_path $now/web/t; fastcgi_temp_path $now/web/t;
			uwsgi_temp_path $now/web/t; scgi_temp_path $now/web/t;
			client_body_in_file_only clean;
			server {
				listen 127.0.0.1:5580;
				root $now/web/root;
				location /app/ { proxy_pass http://127.0.0.1:5581/cgi-bin/; }
				location /inner/ { proxy_pass http://unix:$now/web/inner.sock:/; }
			}
			server { listen unix:$now/web/inner.sock; root $now/web/root; sendfile on; }
		}
	E
}

# get ARG… - one client, its requests one after the other: the status and size of each, and what came.
get() { curl -sS -w '\n%{http_code} %{size_download}\n' "$@"; }

# wait_for COMMAND… - half a minute at most.
wait_for() {
	for ((i = 0; i < 300; i++)); do
		"$@" && return
		sleep 0.1
	done
	return 1
}

is_gone() { [[ ! -e $1 ]]; }

# The application behind the web server is a script that asks the database by its client.
web_application() {
	mkdir -p cgi/cgi-bin
	cat >cgi/cgi-bin/item <<-'S'
		#!/bin/sh
		case $REQUEST_METHOD-$QUERY_STRING in
		POST-*) query="INSERT INTO item VALUES (100000, repeat('x', $(wc -c))) RETURNING id" ;;
		*-count) query='SELECT count(*), max(length(name)) FROM item' ;;
		*) query='SELECT * FROM missing' ;;
		esac
		printf 'Content-Type: text/plain\r\n\r\n'
		exec psql -X -q -At -h 127.0.0.1 -p 5544 -U postgres -d postgres -c "$query" 2>&1
	S
	chmod +x cgi/cgi-bin/item
	"$busybox" httpd -f -p 127.0.0.1:5581 -h cgi &
}

work_web() {
	local app at=http://127.0.0.1:5580

	mkdir -p root/dir t
	printf '%s\n' {1..20000} >root/page
	head -c 100000 root/page >upload
	web_conf
	web_application
	app=$!
	nginx -e "$now/web/error" -c "$now/web/conf"
	get $at/{page,inner/page} -o page -o inner --next \
		$at/{none,dir/,app/item?count,app/item?fail} --next \
		$at/app/item --data-binary @upload --next -r 100-120 $at/page --next $at/app/item?count
	cmp page inner && cmp page root/page
	# All at once, and a meter that nothing silences.
	get -Z --parallel-immediate "$at/page?[1-8]" -o 'p#1' 2>meter
	sha256sum p?
	kill -QUIT "$(<pid)"
	wait_for is_gone pid
	kill $app
	wait $app || echo "application: $?"
	database_stop
	wc -l <access
	sed -nE 's/.*\[(emerg|alert|crit|error)\] [^ ]* (\*[0-9]+ )?/\1: /p' error
}

ssh_files() {
	ssh-keygen -q -t ed25519 -N '' -f key
	cp key.pub authorized
	cat >server <<-E
		ListenAddress 127.0.0.1:5522
		HostKey $now/ssh/key
		PidFile $now/ssh/pid
		AuthorizedKeysFile $now/ssh/authorized
		StrictModes no
		PermitRootLogin yes
		UsePAM yes
		Subsystem sftp /usr/lib/openssh/sftp-server
	E
	cat >client <<-E
		Host loop
			HostName 127.0.0.1
			Port 5522
			IdentityFile $now/ssh/key
			UserKnownHostsFile $now/ssh/known
			StrictHostKeyChecking accept-new
			LogLevel ERROR
			ControlPath $now/ssh/control
	E
}

# All go through the first one's connection, whose process gets the others' descriptors.
work_ssh() {
	mkdir -p /run/sshd
	[[ -e /etc/shadow ]] || pwconv
	sed -i 's/^root:!*/root:*/' /etc/shadow
	ssh_files
	/usr/sbin/sshd -f "$now/ssh/server" -E "$now/ssh/log"
	ssh -F client -M -N -f loop
	seq 1000 | ssh -F client loop 'id -un; wc -l; echo "$SSH_CONNECTION" | cut -d " " -f 3-; exit 7' || echo "ssh: $?"
	seq 10000 >file
	scp -q -F client file "loop:$now/ssh/copy"
	printf '%s\n' "cd $now/ssh" 'put file sent' 'chmod 600 sent' 'ls -1 sent' 'get sent got' 'rename sent moved' 'rm moved' |
		sftp -q -b - -F client loop
	GIT_SSH_COMMAND='ssh -F client' git clone -q "loop:$now/git/first" clone
	git -C clone log --format=%H
	ssh -F client -O exit loop 2>&1
	cmp file copy
	cmp file got
	kill "$(<pid)"
	wait_for is_gone pid
	grep -c '^Accepted publickey' log || true
}
