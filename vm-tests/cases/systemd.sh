#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2034,SC2154,SC2015,SC2016,SC2209 # lib.sh reads and sets variables; pass and fail never fail; names of lists
# systemd.sh KERNEL - inside a VM with a Debian of its own, whose first process is systemd, and a clock that counts
# instructions and skips what is idle: the daemon by its unit, baseline-audit.ini for IDLE_HOURS (1) and under attack, the
# journal, syslog.
kernel=$1
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cases=$checkout/vm-tests/cases
. "$cases/lib.sh"
socket=/run/portcullis/control.sock
log=/var/log/portcullis/decisions.jsonl
group=systemd
phase=audit

# As packages would.
install_all() {
	local share=/usr/share/portcullis

	mkdir -p $share /etc/portcullis
	cp "$checkout/build/bin/portcullisd" /usr/sbin/
	cp "$checkout/build/bin/policyctl" /usr/bin/
	cp -r "$checkout"/policy/{lists,samples} $share/
	cp "$checkout/dist/portcullisd.service" /usr/lib/systemd/system/
	cp "$checkout/dist/tmpfiles.conf" /usr/lib/tmpfiles.d/portcullis.conf
	cp "$checkout/dist/portcullis.logrotate" /etc/logrotate.d/portcullis
	chown -R root:root $share
	sed 's,\.\./lists/,/usr/share/portcullis/lists/,' $share/samples/baseline-audit.ini >"$policy"
	printf '[output]\njournal = yes\nsyslog = yes\n' >/etc/portcullis/portcullisd.conf
	systemd-tmpfiles --create portcullis.conf
}

# Users with keys, services that somebody can be after, and rsyslogd telling what it makes of a message.
prepare_host() {
	local address socket

	useradd -m -s /bin/bash alice
	mkdir -p /root/.ssh /root/.kube /home/alice/.ssh /etc/ssl/private /run/secrets/kubernetes.io /run/containerd
	ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
	cp /root/.ssh/id_ed25519.pub /home/alice/.ssh/authorized_keys
	cp /root/.ssh/id_ed25519 /home/alice/.ssh/
	chown -R alice: /home/alice
	echo token | tee /root/.kube/config /etc/ssl/private/site.key /run/secrets/kubernetes.io/token >/tmp/secret
	for address in 169.254.169.254 fd00:ec2::254; do "$busybox" ip addr add $address dev lo; done
	"$busybox" httpd -p '[::]:80' -h /tmp
	for socket in /run/docker.sock /run/containerd/containerd.sock; do nc -lkU $socket </dev/null >/tmp/engine 2>&1 & done
	cat >/etc/rsyslog.d/portcullis.conf <<-'C'
		template(name="told" type="string" string="%syslogfacility-text%.%syslogseverity-text% %msg:2:$%\n")
		if $programname == "portcullisd" then action(type="omfile" file="/var/log/told" template="told")
	C
	systemctl restart rsyslog
	mkdir -p /run/systemd/system/getty@tty1.service.d
	printf '[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin root --noclear %%I linux\n' \
		>/run/systemd/system/getty@tty1.service.d/login.conf
	prepare_shops
}

# Two servers that do what they are told, one that systemd starts for each connection, and an inetd with a shell of its own.
prepare_shops() {
	cat >/etc/systemd/system/shop.socket <<-'U'
		[Socket]
		ListenStream=127.0.0.1:7000
		Accept=yes
	U
	cat >/etc/systemd/system/shop@.service <<-'U'
		[Service]
		StandardInput=socket
		ExecStart=/usr/bin/awk '{ system($0) }'
	U
	echo '127.0.0.1:7001 stream tcp nowait root /bin/sh sh' >/etc/inetd.conf
	systemctl daemon-reload
	systemctl restart shop.socket inetd
}

start_daemon() {
	local path

	systemctl start portcullisd
	is "the unit starts, and is active once the daemon is ready" "$? $(systemctl is-active portcullisd)" "0 active"
	# What lib.sh asks for.
	daemon=$(systemctl show -P MainPID portcullisd)
	: >/tmp/expected
	read_lines
	read_status
	for path in "${!status[@]}"; do status_before[$path]=${status[$path]}; done
}

# What is logged from here on is what follows.
mark() {
	daemon_settle
	log_start=$(($(stat -c %s "$log") + 1))
}

records_made() { tail -c "+$log_start" "$log"; }

# records_at_most NAME COUNT - since the mark; they are shown.
records_at_most() {
	local count

	daemon_settle
	count=$(records_made | grep -c .)
	((count <= $2)) && pass "$1: at most $2 records" || fail "$1: at most $2 records" "$count"
	records_made | head -n 30 | json brief
}

# A user who comes by sshd, and stays; and root on the console, of whom no password is asked here.
log_in_twice() {
	mkfifo /tmp/keys
	ssh -tt -o StrictHostKeyChecking=no -o LogLevel=ERROR alice@127.0.0.1 </tmp/keys >/tmp/session 2>&1 &
	exec 3>/tmp/keys
	echo 'echo here: $USER' >&3
	wait_until grep -q 'here: alice' /tmp/session
	is "a user logs in by sshd" $? 0
	systemctl restart getty@tty1
	wait_until pgrep -t tty1 bash >/tmp/out
	is "root logs in on the console" $? 0
	is "both have a session" "$(loginctl list-sessions --no-legend | grep -cE ' (alice|root) ')" 2
}

cases_idle() {
	local start=$SECONDS hours=${IDLE_HOURS:-1}

	mark
	log_in_twice
	sleep "${hours}h"
	is "idle: hours that went by" $(((SECONDS - start) / 3600)) "$hours"
	records_at_most "baseline-audit: idle with systemd, cron, sshd and two logins" $((5 * hours))
}

# What people do, and services: nobody is to be told.
cases_everyday() {
	local name command

	mark
	while read -r name command; do
		bash -c "$command" </dev/null >/tmp/out 2>&1
		is "works: $name" $? 0
	done <<-'E'
		su su alice -c true
		chage chage -l alice
		passwd passwd -S alice
		user useradd -m bob && userdel -r bob
		password echo alice:secret | chpasswd
		ssh ssh alice@127.0.0.1 true
		keys ssh-keygen -y -f /root/.ssh/id_ed25519
		services systemctl restart cron ssh dbus systemd-logind rsyslog
		logs logrotate -f /etc/logrotate.d/rsyslog
		daily run-parts /etc/cron.daily
		temporary systemd-tmpfiles --clean
		run systemd-run --wait -p PrivateTmp=yes -p DynamicUser=yes true
	E
	records_at_most "baseline-audit: everyday work" 0
}

cases_secrets() {
	local secrets='audit = $secrets' path

	comm=cat
	try "a shell of root reads the hashes" open audit /etc/shadow "$secrets" read -- word_of bash -c '/usr/bin/cat /etc/shadow; true'
	for path in /etc/gshadow /home/alice/.ssh/id_ed25519 /etc/ssh/ssh_host_ed25519_key /etc/ssl/private/site.key \
		/root/.kube/config /run/secrets/kubernetes.io/token; do
		try "$path is read" open audit "$path" "$secrets" read -- word_of /usr/bin/cat "$path"
	done
	comm=mv try "a key is moved" open audit /root/.ssh/id_ed25519 "$secrets" '' -- word_of /usr/bin/mv /root/.ssh/id_ed25519 /root/key
	comm=bash try "a login of a user reads her key" open audit /home/alice/.ssh/id_ed25519 "$secrets" read -- alice_types \
		'read -r x <~/.ssh/id_ed25519'
	unset comm
}

# By the keyboard of the session that is there.
alice_types() {
	echo "$1; echo done-\$?" >&3
	wait_until grep -q 'done-0' /tmp/session && echo OK
}

cases_network() {
	local path

	comm=curl
	try "the metadata" connect audit '169.254.169.254 port 80 tcp' 'audit = $metadata' -- word_of curl -fs http://169.254.169.254/secret
	try "the metadata, IPv6" connect audit 'fd00:ec2::254 port 80 tcp' 'audit = $metadata' -- word_of curl -fs "http://[fd00:ec2::254]/secret"
	comm=nc try "the metadata, by nc" connect audit '169.254.169.254 port 80 tcp' 'audit = $metadata' -- \
		word_of bash -c 'echo GET /secret | nc -N 169.254.169.254 80'
	for path in /run/docker.sock /run/containerd/containerd.sock; do
		comm=nc try "the socket $path" connect audit "unix:$path" 'audit = $engines' -- word_of nc -NU $path
	done
	unset comm
}

cases_places() {
	local folder

	for folder in /tmp /var/tmp /dev/shm; do
		cp /usr/bin/true $folder/program
		try "a program in $folder" exec audit $folder/program 'audit = /{tmp,var/tmp,dev/shm}/**' -- word_of $folder/program
	done
	comm=perl try "a program in a memfd" exec audit anon: 'audit = anon:' -- word_of perl -e '
		my ($name, $fd) = ("x"); $fd = syscall(319, $name, 0);
		open(my $from, "<", "/usr/bin/true"); open(my $to, ">&=", $fd);
		undef $/; syswrite($to, <$from>);
		exec("/proc/self/fd/$fd")'
	try "systemd's service for a connection starts a shell" exec audit /usr/bin/dash 'audit = $shells' -- asked 7000 'cat /tmp/secret'
	try "inetd starts a shell" exec audit /usr/bin/dash '' -- asked 7001 'cat /tmp/secret'
}

# asked PORT COMMAND - a server is told that.
asked() {
	[[ $(nc -N 127.0.0.1 "$1" <<<"$2") == token ]] && echo OK
}

cases_persistence() {
	local rule='audit.write = $startup' path

	comm=bash
	for path in /etc/cron.d/job /etc/systemd/system/evil.service /home/alice/.ssh/authorized_keys /etc/ld.so.preload /root/.bashrc; do
		try "$path is written" open audit $path "$rule" write -- word_of bash -c ": >>$path"
	done
	unset comm
	rm -f /etc/ld.so.preload /etc/cron.d/job
}

# What `journalctl` shows of our own entries, and what the log has, field by field.
journal_fields() {
	journalctl -o json --all "$@" | json journal prefix=PORTCULLIS_ -
}

cases_outputs() {
	local denied=5

	printf '%s\n' '[policy]' 'version = 1' 'mode = enforce' '[exec]' 'deny = /srv/tools/**' '[open]' 'deny = /srv/secret/**' \
		'audit = /srv/watched' '[connect]' 'deny = 192.0.2.0/24' '[profile editors]' 'exe = /srv/editor/busybox' '[open editors]' \
		'allow.write = /etc/portcullis/**' 'allow.write = /proc/sys/kernel/ftrace_enabled' >"$policy"
	mkdir -p /srv/secret /srv/tools /srv/editor
	cp "$busybox" /srv/editor/
	cp /usr/bin/true /srv/tools/
	touch /srv/watched /srv/secret/key '/srv/secret/two words' $'/srv/secret/two\nlines'
	systemctl reload portcullisd
	is "systemctl reload: the new policy is live" "$?" 0
	mark
	policyctl log -f -n 0 --json --verdict deny >/tmp/followed 2>&1 &
	# It and who asks.
	wait_until clients_are 2
	cat /srv/secret/key /srv/secret/two* /srv/watched 2>/tmp/out
	/srv/tools/true 2>>/tmp/out
	curl -s http://192.0.2.1/
	is "it refuses" "$(grep -c 'Operation not permitted' /tmp/out)" 4
	daemon_settle
	is "denials in the log" "$(records_made | grep -c '"verdict":"deny"')" $denied
	wait_until lines_are $denied /tmp/followed
	kill $!
	is "policyctl log --follow --json shows just these" "$(</tmp/followed)" "$(records_made | grep '"verdict":"deny"')"
	journalctl --sync
	cases_journal
	cases_syslog
}

clients_are() { (($(policyctl status --json | json status | "$busybox" awk '$1 == "records.clients" { print $2 }') >= $1)); }

lines_are() { (($(wc -l <"$2") == $1)); }

cases_journal() {
	records_made | grep '"verdict":"deny"' | json journal >/tmp/wanted
	journal_fields PORTCULLIS_VERDICT=deny >/tmp/got
	is "journalctl PORTCULLIS_VERDICT=deny -o json shows just the denials, with all fields" "$(</tmp/got)" "$(</tmp/wanted)"
	is "of the unit, with the priority of a warning" "$(journalctl -o json PORTCULLIS_VERDICT=deny | json status |
		grep -cE '^(PRIORITY 4|SYSLOG_FACILITY 10|_SYSTEMD_UNIT portcullisd.service)$')" 3
	is "what would be denied is a notice" "$(journalctl -p 5..5 -o cat PORTCULLIS_OBJECT=/srv/watched | grep -c '^would deny open read /srv/watched to cat')" 1
}

# By /dev/log, where the journal listens, which hands all on to rsyslogd: what came straight from us to it, too.
cases_syslog() {
	journalctl -o cat PORTCULLIS_VERDICT=deny | sort >/tmp/wanted
	journalctl -o cat _TRANSPORT=syslog SYSLOG_IDENTIFIER=portcullisd SYSLOG_FACILITY=10 PRIORITY=4 | sort >/tmp/got
	is "syslog: the same words come by /dev/log, as authpriv.warning" "$(</tmp/got)" "$(</tmp/wanted)"
	sort /tmp/wanted /tmp/wanted | sed 's/^/authpriv.warning /' >/tmp/wanted.twice
	wait_until lines_are "$(wc -l </tmp/wanted.twice)" <(grep '^authpriv.warning' /var/log/told)
	is "syslog: rsyslogd has them from both" "$(grep '^authpriv.warning' /var/log/told | sort)" "$(</tmp/wanted.twice)"
	is "syslog: what would be denied is a notice" "$(grep -c '^authpriv.notice would deny open read /srv/watched to cat' /var/log/told)" 2
}

# By the program that the policy names.
edit() { /srv/editor/busybox sh -c "$1"; }

cases_unit() {
	policyctl status >/tmp/out
	is "policyctl status: all is as the policy asks" "$? $(grep -c enforce /tmp/out)" "0 1"
	policyctl doctor >/tmp/out
	is "policyctl doctor finds nothing wrong" "$? $(grep -c '^\[-\]' /tmp/out) $(grep -c '^\[+\]' /tmp/out)" "0 0 $(grep -c '^\[[^?]\]' /tmp/out)"
	is "with the rights that the unit leaves, the hooks are tried" "$(grep -c '^\[+\] hooks: each was reached' /tmp/out) $(
		grep -cE 'userns_create|sb_mount|sb_umount|move_mount|sb_pivotroot|mmap_addr|file_mprotect|ptrace_access|task_' /tmp/out)" "1 0"
	printf '%s\n' '[policy]' 'version = 1' 'mode = enforce' '[system]' 'deny = bpf' >/tmp/bpf.ini
	policyctl check --lifeline /tmp/bpf.ini >/tmp/lifeline 2>&1
	is "a policy that keeps the daemon and policyctl from bpf is none for this host" \
		"$? $(grep -c '^/tmp/bpf.ini:5: error: \(the daemon\|policyctl\) (.*) needs to use bpf, which this rule refuses' /tmp/lifeline)" "1 2"
	is "in enforce mode nobody writes what the policy is, or what hooks hang on" \
		"$(word_of tee -a "$policy" </dev/null) $(word_of tee /proc/sys/kernel/ftrace_enabled </dev/null)" "EPERM EPERM"
	# Linux 7.3 and later refuse it while programs hang on ftrace.
	if edit "echo 0 >/proc/sys/kernel/ftrace_enabled" 2>/dev/null; then
		sleep 1.1
		policyctl doctor >/tmp/out
		is "with ftrace switched off it does, and tells the remedy" \
			"$? $(grep -A1 '^\[-\] hooks' /tmp/out | grep -c 'remedy: sysctl kernel.ftrace_enabled=1')" "1 1"
		is "and so does an error record" "$(grep -c '"error":"not all hooks are live' "$log")" 1
		edit "echo 1 >/proc/sys/kernel/ftrace_enabled"
	else
		is "where ftrace can't be switched off hooks stay live" "$(policyctl status | grep -c '^hooks  *live')" 1
	fi
	edit "echo '[opne]' >>$policy"
	systemctl reload portcullisd 2>/tmp/out
	is "systemctl reload: a policy with a mistake fails" $? 1
	journalctl --sync
	is "its mistake is in the unit's journal, by the daemon and by who asked" \
		"$(journalctl -u portcullisd -o cat | grep -c "^$policy:16: error: unknown section \[opne\]")" 2
	is "the old policy stays" "$(systemctl is-active portcullisd) $(word_of cat /srv/secret/key)" "active EPERM"
	logrotate -f /etc/logrotate.d/portcullis
	is "logrotate: the next record is in a new file" "$? $(word_of cat /srv/secret/key)" "0 EPERM"
	daemon_settle
	wait_until lines_are 1 "$log"
	is "logrotate: nothing else is" "$(wc -l <"$log")" 1
	read_status
	is "nothing was lost" "$(troubles)" ''
	systemctl restart portcullisd
	is "restarted with that mistake: the last good policy is in force" "$(systemctl is-active portcullisd) $(word_of cat /srv/secret/key)" "active EPERM"
	is "and status says so" "$(policyctl status >/tmp/out; echo $?) $(grep -c 'NOT THE CONFIGURED ONE' /tmp/out)" "1 1"
	systemctl stop portcullisd
	is "the unit ends, and the policy goes on" "$(systemctl show -P Result portcullisd) $(word_of cat /srv/secret/key)" "success EPERM"
	policyctl detach --yes >/tmp/out
	is "policyctl detach ends it" "$? $(word_of cat /srv/secret/key)" "0 OK"
}

install_all
prepare_host
start_daemon
for part in idle everyday secrets network places persistence; do
	"cases_$part"
	judge
done
phase=enforce
for part in outputs unit; do
	"cases_$part"
done
printf 'closing %d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
