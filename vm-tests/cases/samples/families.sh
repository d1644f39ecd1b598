# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2016,SC2209 # sourced by samples.sh; names of lists; comm is a name
# shellcheck shell=bash
# families.sh - what ci-runner and coding-agent have in common: a forge, a project that is built, a home with secrets, and
# services that would do for a family what it may not.

# The forge: git's plain files by HTTP.
forge_make() {
	git init -q -b main --bare /tmp/site/lib.git
	git init -q -b main /tmp/lib
	echo 'int seven(void) { return 7; }' >/tmp/lib/seven.c
	git -C /tmp/lib add .
	git -C /tmp/lib -c user.name=a -c user.email=a@example.org commit -q -m one
	git -C /tmp/lib push -q /tmp/site/lib.git HEAD:refs/heads/main
	git -C /tmp/site/lib.git update-server-info
	mkdir -p /home/alice/.ssh /home/alice/.aws
	echo key >/home/alice/.ssh/id_rsa
	echo token >/home/alice/.aws/credentials
	echo '# mine' >/home/alice/.bashrc
	chown -R 1000:1000 /home/alice
}

# project_make FOLDER - a program, its Makefile and its test.
project_make() {
	printf '%s\n' '#include <stdio.h>' 'int seven(void);' 'int main(void) { printf("%d\n", seven()); }' >"$1/main.c"
	printf '%s\n' 'all: prog' '	./prog | grep -qx 7' '	python3 -B test.py' 'prog: main.c lib/seven.c' '	gcc -o $@ $^' >"$1/Makefile"
	cat >"$1/test.py" <<-'T'
		import json, os, socket, ssl, subprocess, tempfile, threading
		server = socket.create_server(("127.0.0.1", 0))
		threading.Thread(target=lambda: server.accept()[0].sendall(b"seven"), daemon=True).start()
		with socket.create_connection(server.getsockname()) as s:
		    assert s.recv(5) == b"seven"
		with tempfile.NamedTemporaryFile() as f:
		    f.write(b"x")
		print(json.dumps(subprocess.run(["./prog"], capture_output=True, text=True).stdout))
	T
	echo SECRET=1 >"$1/.env"
	cp "$bin"/subject-{open,connect} "$1/"
}

family_sockets=(/run/dbus/system_bus_socket /run/docker.sock /run/user/1000/bus /run/user/1000/systemd/private
	/run/systemd/private /tmp/tmux-1000/default /run/podman/podman.sock @/tmp/.X11-unix/X0 /run/screen/S-alice/1.tty)

# family_sockets_asked FAMILY - by a program of its own, and by OpenSSH's of a real agent.
family_sockets_asked() {
	local path agent=/tmp/ssh-agent1/agent.1

	sockets_serve "${family_sockets[@]}"
	for path in "${family_sockets[@]}"; do
		comm=python3 try "$1: the socket $path" connect deny "unix:$path" 'never = $brokers' -- \
		"$1" "python3 -c '$ask' connect $path"
	done
	kill "$sockets_served"
	mkdir -p ${agent%/*}
	chown 1000:1000 ${agent%/*}
	rm -f $agent
	alice ssh-agent -D -a $agent >/dev/null &
	wait_until test -S $agent
	comm=ssh-add try "$1: the user's SSH agent" connect deny unix:$agent 'never = $brokers' -- agent_asked "$1" $agent
	kill $!
}

# It has no keys, which is told by exit code 1.
agent_asked() {
	case $("$1" "SSH_AUTH_SOCK=$2 ssh-add -l 2>&1") in
	*'no identities'*) echo OK ;;
	*'Operation not permitted'*) echo EPERM ;;
	esac
}
