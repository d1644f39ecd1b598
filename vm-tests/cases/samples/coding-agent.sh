# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2016,SC2209 # sourced by samples.sh; others expand what is quoted
# shellcheck shell=bash
# coding-agent.sh - a program that works in a user's home with the user's rights: its work, and what it is not to do.

prepare_coding_agent() {
	printf '#!/bin/sh\n"$@"\n' >/usr/local/bin/coding-agent
	chmod 755 /usr/local/bin/coding-agent
	mkdir -p /home/alice/{src/tool,.cache,.config,bin}
	project_make /home/alice/src/tool
	git clone -q /tmp/site/lib.git /home/alice/src/tool/lib
	git -C /home/alice/src/tool/lib remote set-url origin http://198.51.100.10:443/lib.git
	printf '[user]\n\tname = Alice\n\temail = alice@example.org\n' >/home/alice/.gitconfig
	cp /usr/bin/id /home/alice/bin/
	chown -R 1000:1000 /home/alice
}

agent() { (cd /home/alice/src/tool && alice /usr/local/bin/coding-agent sh -c "$1"); }

sample_coding_agent() {
	site_serve 198.51.100.10:443 203.0.113.10:443 192.0.2.10:80 127.0.0.1:8022
	works "asks its service" 'some site' agent 'curl -fsS http://203.0.113.10:443/'
	works "reads what was written and adds to it" 'Alice' agent 'cd lib && git fetch -q && git checkout -q -B topic && echo >>seven.c &&
		git commit -q -am two && git log -1 --format=%an && git checkout -q main'
	works "builds, runs, tests" '"7\n"' agent 'make -s'
	works "moves folders of its own" '' agent 'mkdir -p d/a && mv d d2 && mv d2/a d2/b && rm -r d2 prog &&
		mv lib lib2 && mv lib2 lib'
	works "remembers" 'x' agent 'mkdir -p ~/.cache/coding-agent && echo x >~/.cache/coding-agent/x && cat ~/.cache/coding-agent/x'
	quiet
	agent_attacks
	kill "${sites_served[@]}"
}

agent_attacks() {
	local never='never = $secrets' home=/home/alice hooks='deny.write = $homes/src/**/.git/hooks/'

	comm=cat
	try "agent: a secret of the home" open deny $home/.ssh/id_rsa "$never" read -- word_of agent 'cat ~/.ssh/id_rsa'
	try "agent: another" open deny $home/.aws/credentials "$never" read -- word_of agent 'cat ~/.aws/credentials'
	try "agent: of the project" open deny $home/src/tool/.env "$never" read -- word_of agent 'cat .env'
	try "agent: any other file of the home" open deny $home/notes default read -- word_of agent 'cat ~/notes'
	comm=mv try "agent: moves a secret" open deny $home/.ssh/id_rsa "$never" '' -- \
		word_of agent 'mv ~/.ssh/id_rsa ~/src/x && mv ~/src/x ~/.ssh/id_rsa'
	comm=mv try "agent: moves the folder of secrets" open deny $home/.ssh default '' -- \
		word_of agent 'mv ~/.ssh ~/src/x && mv ~/src/x ~/.ssh'
	comm=ln try "agent: links a secret" open deny $home/.ssh/id_rsa "$never" '' -- \
		word_of agent 'ln ~/.ssh/id_rsa ~/src/y && rm ~/src/y'
	comm=sh try "agent: a line for the next login" open deny $home/.bashrc default write -- \
		word_of agent 'echo evil >>~/.bashrc'
	comm=sh try "agent: a hook" open deny $home/src/tool/lib/.git/hooks/post-checkout "$hooks" write -- \
		word_of agent 'echo evil >lib/.git/hooks/post-checkout && rm lib/.git/hooks/post-checkout'
	comm=git try "agent: a setting that runs" open deny $home/src/tool/lib/.git/config.lock \
		'deny.write = $homes/src/**/.git/{config,config.lock,config.worktree}' '' -- \
		word_of agent 'git -C lib config core.pager evil && git -C lib config --unset core.pager'
	comm=mv try "agent: another folder of hooks" open deny $home/src/tool/lib/.git/hooks "$hooks" '' -- \
		word_of agent 'mkdir -p h && mv lib/.git/hooks lib/.git/h && mv lib/.git/h lib/.git/hooks'
	comm=mv try "agent: the repository, aside" open deny $home/src/tool/lib/.git 'deny.write = $homes/src/**/.git' '' -- \
		word_of agent 'mv lib/.git lib/g && mv lib/g lib/.git'
	comm=sh try "agent: a repository of its own" open deny $home/src/tool/new/.git 'deny.write = $homes/src/**/.git' '' -- \
		word_of agent 'mkdir -p new && echo gitdir: ../evil >new/.git && rm new/.git'
	comm=sh try "agent: programs of the home" exec deny $home/bin/id default -- word_of agent '"$HOME/bin/id"'
	comm=sh try "agent: asks the service manager" exec deny /usr/bin/systemd-run '' -- word_of agent 'systemd-run --version'
	comm=curl
	try "agent: elsewhere" connect deny '192.0.2.10 port 80 tcp' default -- word_of agent 'curl -fsv http://192.0.2.10/'
	try "agent: services of this host" connect deny '127.0.0.1 port 8022 tcp' default -- \
		word_of agent 'curl -fsv http://127.0.0.1:8022/'
	unset comm
	works "not the agent: the user's own programs read on" key alice cat $home/.ssh/id_rsa
	family_sockets_asked agent
}
