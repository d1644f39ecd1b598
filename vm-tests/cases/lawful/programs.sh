# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2016 # sourced by lawful.sh; other shells expand what is quoted
# shellcheck shell=bash
# programs.sh - a version control system, interpreters, shell jobs, tools that change the accounts.

work_git() {
	export HOME=$now/git GIT_AUTHOR_DATE='2022-01-01T00:00:00Z' GIT_COMMITTER_DATE='2022-01-01T00:00:00Z'
	printf '[user]\nname = Nobody\nemail = nobody@localhost\n[init]\ndefaultBranch = main\n' >.gitconfig
	git init -q first
	cd first || return
	mkdir -p src/deep
	printf '%s\n' {1..500} >src/deep/file
	ln -s src/deep/file link
	printf '#!/bin/sh\necho "the hook runs"\n' >.git/hooks/pre-commit
	chmod +x .git/hooks/pre-commit
	git add -A
	git commit -q -m first
	git mv src moved
	git commit -q -m 'a directory moves'
	git grep -nP '9(?=9)'
	git gc -q
	cd .. || return
	git clone -q "file://$PWD/first" second
	cmp first/moved/deep/file second/moved/deep/file
	echo three >second/file
	git -C second add file
	git -C second commit -q -m second
	git -C second push -q origin main:pushed
	git -C first log --format='%H %s' --stat pushed
}

work_python() { python3 -S "$cases/lawful/python.py"; }

# Not in Debian's standard choice of packages, but a compiler of machine code where it is installed.
work_node() {
	/usr/bin/node -e '
		let sum = 0;
		for (let i = 0; i < 1000000; i++) sum = (sum * 31 + i) % 1000003;
		console.log(sum);
		const code = new Uint8Array([0,97,115,109,1,0,0,0,1,7,1,96,2,127,127,1,127,3,2,1,0,7,7,1,3,97,100,100,0,0,10,9,1,7,0,32,0,32,1,106,11]);
		console.log(new WebAssembly.Instance(new WebAssembly.Module(code)).exports.add(40, 2));
		console.log(require("child_process").execFileSync("/bin/echo", ["child"]).toString());'
}

# What cron, supervisors and people's own scripts do.
work_jobs() {
	cat >job <<-'S'
		#!/bin/sh
		flock lock sh -c 'read n <count; echo $((n + 1)) >count'
	S
	chmod +x job
	echo 0 >count
	for _ in 1 2 3; do ./job & done
	wait
	cat count - <(echo substituted) <<<'here'
	timeout 0.2 sleep 30 || echo "timeout: $?"
	setsid -w nohup sh -c 'trap "echo caught; exit 4" TERM; kill -TERM $$; sleep 5' || echo "job: $?"
	mkfifo pipe
	(echo through >pipe) &
	read -r word <pipe
	echo "$word"
	nice -n 5 env -i sh -c 'echo "$(nice) $# ${HOME-none}"'
	echo 'echo "a script without a line of its own"' >plain
	chmod +x plain
	./plain
	printf '%s\n' a b c | xargs -P 2 -n 1 echo | sort
	./none || echo "missing: $?"
	chmod -x plain
	./plain || echo "not executable: $?"
}

# /etc is the guest's own.
work_accounts() {
	useradd -m -d "$now/accounts/home" -s /bin/sh -u 4711 lawful
	su lawful -c 'id; touch "$HOME/mine"; cat /etc/shadow' || echo "su: $?"
	stat -c '%n %U %a' home/mine
	userdel -r lawful 2>&1 | grep -v 'mail spool' || true
	getent passwd lawful || echo "getent: $?"
}

work_memory() { python3 -S "$cases/lawful/memory.py"; }

work_sockets() { python3 -S "$cases/lawful/sockets.py"; }
