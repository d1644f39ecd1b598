# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2086,SC2094,SC2016,SC2015,SC2209 # sourced by samples.sh
# shellcheck shell=bash
# ssh-bastion.sh - OpenSSH as Debian sets it up: logins, ways through to a host behind, and thieves of its keys.

prepare_ssh_bastion() {
	local home

	mkdir -p /tmp/ssh /run/sshd
	[[ -e $host_key ]] || ssh-keygen -q -t ed25519 -N '' -f $host_key
	cp $host_key $host_key.same
	ssh-keygen -q -t ed25519 -N '' -f /tmp/ssh/key
	for home in /root /home/alice; do
		mkdir -p $home/.ssh
		cp /tmp/ssh/key.pub $home/.ssh/authorized_keys
	done
	cp /tmp/ssh/key /home/alice/.ssh/id_ed25519
	cp /usr/bin/id /home/alice/tool
	chown -R 1000:1000 /home/alice
	sed -i 's/^root:!*/root:*/' /etc/shadow
	cat >/tmp/ssh/config <<-'C'
		Host *
			IdentityFile /tmp/ssh/key
			UserKnownHostsFile /dev/null
			StrictHostKeyChecking no
			LogLevel ERROR
	C
}

log_in() { ssh -F /tmp/ssh/config "$@"; }

bastion_start() {
	/usr/sbin/sshd -E /tmp/ssh/log || fail "$phase: sshd starts" "$(tail -n 1 /tmp/ssh/log)"
	wait_until grep -qs . /run/sshd.pid
}

bastion_agent_work() {
	works "on to a host behind, with an agent" alice ssh-agent sh -c "ssh-add -q /tmp/ssh/key
		ssh -F /tmp/ssh/config -A alice@127.0.0.1 \
			ssh -o IdentityFile=none -o StrictHostKeyChecking=no -o LogLevel=ERROR alice@10.1.2.3 id -un"
}

bastion_work() {
	works "a login" alice log_in alice@127.0.0.1 id -un
	works "root's login" root log_in root@127.0.0.1 id -un
	works "through to a host behind" alice log_in -o 'ProxyCommand=ssh -F /tmp/ssh/config -W %h:%p alice@127.0.0.1' alice@10.1.2.3 id -un
	bastion_agent_work
}

bastion_stop() {
	kill "$(</run/sshd.pid)"
	wait_until is_missing /run/sshd.pid
}

sample_ssh_bastion() {
	bastion_start
	bastion_work
	quiet
	bastion_attacks
	bastion_stop
}

bastion_attacks() {
	local rule='deny = /etc/ssh/ssh_host_*_key' got

	site_serve 192.0.2.10:80
	comm=cat try "root reads a host key" open deny $host_key "$rule" read -- word_of /usr/bin/cat $host_key
	comm=ssh-keygen try "ssh-keygen shows it" open deny $host_key "$rule" read -- word_of ssh-keygen -y -f $host_key
	comm=cat try "a login of root reads it" open deny $host_key "$rule" read -- word_of log_in root@127.0.0.1 cat $host_key
	comm=cp try "it is replaced" open deny $host_key "$rule" '' -- word_of /usr/bin/cp $host_key.same $host_key
	comm=ln try "it gets another name" open deny $host_key "$rule" '' -- word_of /usr/bin/ln -f $host_key /etc/ssh/other
	comm=python3 try "an interpreter reads it" open deny $host_key "$rule" read -- word_of python3 -c "open('$host_key')"
	rm -f /etc/ssh/other
	got=$(LD_PRELOAD=/var/preload.so /usr/sbin/sshd -t 2>&1)
	[[ $phase == control ]] && is "$phase: a library that is put into sshd" "$got" STOLEN ||
		is "$phase: a library that is put into sshd reads nothing" "$got" ''
	comm=ssh-keygen try "a user's key" open deny /home/alice/.ssh/id_ed25519 'deny = $homes/.ssh/{id_*,*.pem,*.key}' read -- \
		word_of alice ssh-keygen -y -f /home/alice/.ssh/id_ed25519
	comm=curl try "elsewhere" connect deny '192.0.2.10 port 80 tcp' default -- word_of alice curl -fsv http://192.0.2.10/
	comm=sshd try "elsewhere, through sshd" connect deny '192.0.2.10 port 80 tcp' default -- forwarded
	try "a program that somebody brought" exec deny /home/alice/tool 'deny = $homes/**' -- word_of alice /home/alice/tool
	kill "${sites_served[@]}"
}

# sshd's own words: it tells its client no reason but that.
forwarded() {
	local said

	said=$(printf 'GET / HTTP/1.0\r\n\r\n' | ssh -F /tmp/ssh/config -W 192.0.2.10:80 alice@127.0.0.1 2>&1)
	case $said in
	*'some site'*) echo OK ;;
	*'Operation not permitted'*) echo EPERM ;;
	*) grep -q 'Operation not permitted' /tmp/ssh/log && echo EPERM || echo "$said" ;;
	esac
}
