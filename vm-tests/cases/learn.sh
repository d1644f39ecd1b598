#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2034,SC2154,SC2015,SC2016,SC2209 # lib.sh reads and sets variables; pass and fail never fail
# learn.sh KERNEL - inside the VM: nginx with PHP, sshd, PostgreSQL and the build of a package do their work while it is
# recorded; what is learned of that lets them work when all else is refused, and none of the attacks in.
kernel=$1
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cases=$checkout/vm-tests/cases
SAMPLE='web-server ssh-bastion database'
. "$cases/lib.sh"
. "$cases/samples.sh"
group=learn
jobs=(web ssh cluster build)

# What learn leaves to its reader, among the rest.
secrets=(/etc/ssl/private/site.key /etc/shadow /etc/ssh/ssh_host_ed25519_key)

# ---- The jobs: PREPARE, START, WORK, ATTACKS and STOP of each. ----

# An application with a hole in it: it does what it is told to.
web_prepare() {
	{
		printf '%s\n' '<?php if (!isset($_GET["do"])) { echo "hello", PHP_EOL; exit; } ?>'
		cat /var/www/html/shell.php
	} >/var/www/html/app.php
}

web_jobs() {
	web_work
	works "an application" hello site_get http://127.0.0.1/app.php
}

hole() { shell "$1" "$2" app.php; }

web_attack() {
	local comm='php-fpm.*'

	try "web: a shell" exec deny /usr/bin/dash default -- hole shell ''
	try "web: a program" exec deny /usr/bin/id default -- hole run /usr/bin/id
	try "web: a program that was uploaded" exec deny /var/www/html/uploads/tool default -- hole run /var/www/html/uploads/tool
	try "web: hashes of passwords" open deny /etc/shadow default read -- hole read /etc/shadow
	try "web: the server's key" open deny /etc/ssl/private/site.key default read -- hole read /etc/ssl/private/site.key
	try "web: somebody's files" open deny /home/alice/notes default read -- hole read /home/alice/notes
	try "web: the content" open deny /var/www/html/mine default write -- hole write /var/www/html/mine
	try "web: the metadata" connect deny '169.254.169.254 port 80 tcp' default -- hole call tcp://169.254.169.254:80
	try "web: elsewhere" connect deny '192.0.2.10 port 8081 tcp' default -- hole call tcp://192.0.2.10:8081
	try "web: this host" connect deny '127.0.0.1 port 443 tcp' default -- hole call tcp://127.0.0.1:443
	comm=nginx
	try "web: requests are passed elsewhere" connect deny '192.0.2.10 port 8081 tcp' default -- proxied elsewhere/
	try "web: other files are served" open deny /etc/debian_version default read -- proxied private/debian_version
}

ssh_prepare() { :; }
ssh_start() { bastion_start; }

# An agent's socket has a random name in a folder with another: of one of both it takes more to see it.
ssh_jobs() {
	bastion_work
	bastion_agent_work
}

ssh_stop() { bastion_stop; }

ssh_attack() {
	local comm=sshd

	try "ssh: it passes somebody on to elsewhere" connect deny '192.0.2.10 port 8081 tcp' default -- forwarded_to 8081
	try "ssh: with settings of somebody's" open deny /home/alice/notes default read -- settings_of /home/alice/notes
	is "$phase: ssh: a library that is put into it" "$(LD_PRELOAD=/var/preload.so /usr/sbin/sshd -t 2>&1 | grep -o STOLEN)" \
		"$([[ $phase == enforce ]] || echo STOLEN)"
}

# sshd tells its client no reason.
forwarded_to() {
	local said

	said=$(printf 'GET / HTTP/1.0\r\n\r\n' | ssh -F /tmp/ssh/config -W "192.0.2.10:$1" alice@127.0.0.1 2>&1)
	case $said in
	*'some site'*) echo OK ;;
	*) grep -q 'Operation not permitted' /tmp/ssh/log && echo EPERM || echo "$said" ;;
	esac
}

# Whatever it makes of them: they are none.
settings_of() {
	[[ $(/usr/sbin/sshd -t -f "$1" 2>&1) == *'Operation not permitted'* ]] && echo EPERM || echo OK
}

cluster_prepare() { :; }
cluster_start() { :; }
cluster_jobs() { database_work; }

cluster_stop() {
	works "it stops" '' pg_ctlcluster "$postgres_version" main stop
	pg_dropcluster "$postgres_version" main
}

cluster_attack() {
	local comm=postgres

	comm=sh try "SQL: a program" exec deny /usr/bin/id default -- id_run
	try "SQL: somebody's file" open deny /home/alice/notes default read -- word_of cluster_sql -c "SELECT pg_read_file('/home/alice/notes')"
	try "SQL: a file elsewhere" open deny /var/tmp/postgres default write -- word_of cluster_sql -c "COPY item TO '/var/tmp/postgres'"
	try "SQL: a library of one's own" open deny /var/preload.so default read -- library_loaded
}

# By the shell that it may start, as one command of its own needs that.
id_run() { [[ $(cluster_sql -c "COPY (SELECT 1) TO PROGRAM 'exec /usr/bin/id'") == *failed* ]] && echo EPERM || echo OK; }

# Debian's own way from a source to a package.
build_prepare() {
	local package=/srv/build/hello-1.0

	printf '#!/bin/sh\n"$@"\n' >/usr/local/bin/builder
	chmod 755 /usr/local/bin/builder
	mkdir -p $package/debian/source /var/lib/dpkg
	# The guest has a /var of its own.
	touch /var/lib/dpkg/status
	cd $package || return
	printf '%s\n' '#include <stdio.h>' 'int main(void) { puts("hello"); }' >hello.c
	printf '%s\n' 'hello: hello.c' '	gcc -O2 -o $@.new $<' '	mv $@.new $@' \
		"	./\$@ | perl -ne 'exit !/hello/'" >Makefile
	printf '%s\n' 'Source: hello' 'Maintainer: A <a@example.org>' '' 'Package: hello' 'Architecture: any' \
		'Depends: libc6' 'Description: hello' >debian/control
	printf '%s\n' 'hello (1.0) unstable; urgency=low' '' '  * It is.' '' \
		' -- A <a@example.org>  Sun, 01 Nov 2026 10:00:00 +0000' >debian/changelog
	echo '3.0 (native)' >debian/source/format
	printf '%s\n' '#!/usr/bin/make -f' 'build clean binary-indep:' 'binary: binary-arch' 'binary-arch:' '	$(MAKE) hello' \
		'	install -D hello debian/hello/usr/bin/hello' '	mkdir -p debian/hello/DEBIAN' \
		'	dpkg-gencontrol -Pdebian/hello' '	dpkg-deb --root-owner-group --build debian/hello ..' >debian/rules
	chmod 755 debian/rules
	cd / || return
	chown -R 1000:1000 /srv/build
}

builder() { (cd /srv/build/hello-1.0 && alice DEB_RULES_REQUIRES_ROOT=no TMPDIR=/tmp /usr/local/bin/builder "$@"); }
build_start() { :; }
build_stop() { "$busybox" rm -rf /srv/build; }

build_jobs() {
	[[ -d /srv/build ]] || build_prepare
	works "a package is built" hello package_built
}

package_built() {
	builder dpkg-buildpackage -b -uc -us -d -nc -rfakeroot >/tmp/build.out 2>&1 || tail -n 5 /tmp/build.out
	dpkg-deb --fsys-tarfile /srv/build/hello_1.0_*.deb | tar -xO ./usr/bin/hello >/tmp/hello
	chmod 755 /tmp/hello
	/tmp/hello
}

build_attack() {
	local home=/home/alice

	comm=sh try "build: a line for the next login" open deny $home/.bashrc default write -- word_of builder sh -c "echo evil >>$home/.bashrc"
	comm=sh try "build: a secret" open deny $home/.ssh/id_rsa default read -- word_of builder sh -c "read x <$home/.ssh/id_rsa"
	comm=sh try "build: hashes of passwords" open deny /etc/shadow default read -- word_of builder sh -c 'read x </etc/shadow'
	comm='' try "build: another program" exec deny /usr/bin/curl default -- word_of builder curl -fs http://192.0.2.10:8081/
	comm=perl try "build: elsewhere" connect deny '192.0.2.10 port 8081 tcp' default -- word_of builder \
		perl -e 'socket(S, 2, 1, 0); connect(S, pack("S n C4 x8", 2, 8081, 192, 0, 2, 10)) or die "$!\n"'
	comm='' try "build: a program in /tmp" exec deny /tmp/hello default -- word_of builder /tmp/hello
}

# ---- The way. ----

# each COMMAND… - of each job, from its start to its end.
each() {
	local part

	for sample in "${jobs[@]}"; do
		start=$SECONDS
		"${sample}_start"
		for part; do "$part"; done
		"${sample}_stop"
		echo "# $kernel $phase: $sample took $((SECONDS - start)) s"
	done
}

mark_log() {
	daemon_settle
	log_start=$(($(stat -c %s "$log") + 1))
}

work_job() { "${sample}_jobs"; }

attack_job() { "${sample}_attack"; }

# learn_rules NUMBER - from the daemon's log to that drop-in file. What is left to its reader is taken, too: nobody but the jobs
# did anything meanwhile.
learn_rules() {
	local file=${policy%/*}/policy.d/$1-learned.ini

	mkdir -p "${file%/*}"
	ctl learn --policy "$policy" "$log" >/tmp/learned.ini 2>/tmp/learn.err
	is "it learns" "$? $(</tmp/learn.err)" '0 '
	sed 's/^; \(allow[.a-z]* = \)/\1/' /tmp/learned.ini >"$file"
	echo "# $kernel: $(grep -c . "$log") records, $(grep -c '^allow' "$file") rules, $(grep -c '^; allow' /tmp/learned.ini) of them left to the reader"
}

mkdir -p "${policy%/*}"
prepare_samples
for sample in "${jobs[@]}"; do "${sample}_prepare"; done
site_serve 127.0.0.1:8080 192.0.2.10:8081
each work_job attack_job
phase=audit
# What is learned is what was seen: nobody logged in at a console, or installed a package.
reload_options=(--force)
policy_write learn audit
if daemon_start; then
	# What has another name each time is seen to have one by the second.
	each work_job
	each work_job
	daemon_settle
	learn_rules 90
	for secret in "${secrets[@]}"; do
		is "left to the reader: $secret" "$(grep "= $secret\$" /tmp/learned.ini)" "; allow.read = $secret"
	done
	# Again until nothing is left: what may not be moved to where the new rules allow more shows only now.
	policy_load learn audit
	each work_job
	daemon_settle
	is "nothing is lost while it learns" "$(ctl status --json | grep -c '"lost": [1-9]')" 0
	learn_rules 91
	ctl check "$policy" >/tmp/out 2>&1
	is "check accepts it" "$?" 0
	phase=enforce
	policy_load learn enforce
	ctl replay --policy "$policy" --json "$log" >/tmp/replayed
	is "nothing of what was seen would be denied" $? 0
	each mark_log work_job quiet attack_job judge
	daemon_stop
fi
printf 'closing %d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
