# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# programs.sh - programs that know nothing of these tests: a web server and its client, a compiler, an SSH tool.

prepare_programs() {
	local name

	mkdir -p /tmp/n/{p,nginx}
	for name in deny okay; do
		echo "int $name;" >/tmp/n/p/$name.h
		echo "#include \"$name.h\"" >/tmp/n/p/includes-$name.c
		ssh-keygen -q -t ed25519 -N '' -f /tmp/n/p/$name-key
	done
	cat >/tmp/n/nginx/conf <<-'E'
		pid /tmp/n/nginx/pid;
		user root root;
		events { }
		http {
			access_log off;
			client_body_temp_path /tmp/n/nginx; proxy_temp_path /tmp/n/nginx; fastcgi_temp_path /tmp/n/nginx;
			uwsgi_temp_path /tmp/n/nginx; scgi_temp_path /tmp/n/nginx;
			server { listen 8080; root /tmp/n/p; }
		}
	E
	nginx -e /tmp/n/nginx/error -c /tmp/n/nginx/conf
}

# Each of these ends with OK, EPERM if the program said so, or what else it said.
word() {
	if [[ $1 == *'Operation not permitted'* ]]; then echo EPERM; elif [[ $2 == 0 ]]; then echo OK; else echo "$1"; fi
}

fetch() {
	local said

	said=$(curl -fsv --max-time 5 -o /dev/null "$1" 2>&1)
	word "$said" $?
}

# The server's own words: it hides its reasons from the client.
serve() {
	local code

	: >/tmp/n/nginx/error
	curl -fs --max-time 5 -o /dev/null "http://127.0.0.1:8080/$1"
	code=$?
	word "$(</tmp/n/nginx/error)" $code
}

compile() {
	local said

	said=$(cd /tmp/n/p && LC_ALL=C gcc -E -o /dev/null "$1" 2>&1)
	word "$said" $?
}

read_key() {
	local said

	said=$(ssh-keygen -y -f "$1" 2>&1)
	word "$said" $?
}

cases_programs() {
	local deny='deny = /tmp/n/p/deny*' okay='allow.log = /tmp/n/p/okay*'

	comm=curl try "curl" connect allow "127.0.0.1 port 8080 tcp" default -- fetch http://127.0.0.1:8080/okay.h
	comm=curl try "curl, deny" connect deny "127.0.0.20 port 8080 tcp" 'deny = 127.0.0.20 port 8080 tcp' -- \
		fetch http://127.0.0.20:8080/okay.h
	comm=nginx try "nginx serves a file" open allow /tmp/n/p/okay-key "$okay" read -- serve okay-key
	comm=nginx try "nginx serves a file, deny" open deny /tmp/n/p/deny-key "$deny" read -- serve deny-key
	comm=cc1 try "gcc reads a header" open allow /tmp/n/p/okay.h "$okay" read -- compile includes-okay.c
	comm=cc1 try "gcc reads a header, deny" open deny /tmp/n/p/deny.h "$deny" read -- compile includes-deny.c
	comm=ssh-keygen try "ssh-keygen reads a key" open allow /tmp/n/p/okay-key "$okay" read -- read_key /tmp/n/p/okay-key
	comm=ssh-keygen try "ssh-keygen reads a key, deny" open deny /tmp/n/p/deny-key "$deny" read -- read_key /tmp/n/p/deny-key
}

after_programs() { account "accounting of programs"; }
