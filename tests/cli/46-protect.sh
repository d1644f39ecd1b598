# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034,SC2016
# 46-protect.sh - the rules that [protect] files adds, and a start that recovers.

reset_files
settings=$work/settings.conf

claim 'unless the settings say otherwise the files of the policy are not for others to write'
: >"$settings"
mkdir "$work/policy.d"
printf '[open]\ndeny = $more\n[list more]\nfile = ../more.txt\n' >"$work/policy.d/10.ini"
echo /srv/more >"$work/more.txt"
start_daemon --config "$settings" --state "$work/state"
ctl rules
for file in policy.ini policy.d 'policy.d/\*\*' policy.d/10.ini more.txt settings.conf state 'state/\*\*'; do
	is "$file" "$(grep -c "\[protect\] files:[0-9]* *\[open\] *deny.write = $work/$file$" <<<"$out")" 1
done
has rules "$out" 'deny.write = /proc/sys/kernel/ftrace_enabled'

claim 'a reload takes the change, and the rules are gone'
printf '[protect]\nfiles = no\n' >"$settings"
ctl reload
is_code 0
ctl rules
hasnt rules "$out" 'deny.write ='

claim 'a rule that allows the same file is told from ours'
printf '[protect]\nfiles = yes\n' >"$settings"
printf '[open]\nallow.write = %s\n' "$work/more.txt" >"$work/policy.d/20.ini"
ctl reload
is_code 1
has err "$err" "protect\] files:"
has err "$err" "contradicts 'allow.write = $work/more.txt' at $work/policy.d/20.ini:2"
rm "$work/policy.d/20.ini"

claim 'the same rule is none too many'
printf '[open]\ndeny.write = %s\n' "$work/more.txt" >"$work/policy.d/20.ini"
ctl reload
is_code 0
stop_daemon

claim 'a policy by a relative name is protected by its own'
run bash -c "cd '$work' && exec timeout 5 '$bin/portcullisd-fake' --policy policy.ini --socket '$socket.other' --config settings.conf"
hasnt err "$err" 'error'
has err "$err" 'ready:'

claim 'settings that are neither yes nor no are refused by line'
printf '[protect]\nsealed = perhaps\n' >"$settings"
run "$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket" --config "$settings"
is_code 1
has err "$err" "$settings:2: error: 'perhaps' is neither yes nor no"

claim 'a recovery begins in audit mode, loudly'
printf '[protect]\nfiles = no\n' >"$settings"
start_daemon --config "$settings" --recover
has daemon "$(<"$work/daemon.err")" "recovering: nothing is refused until 'policyctl mode policy' says so"
ctl status
is_code 1
has out "$out" 'audit is forced'
ctl mode policy
is_code 0
ctl status
is_code 0
stop_daemon

claim 'what the policy outlives the daemon by is what sealing takes'
printf '[protect]\nfiles = no\nsealed = yes\n' >"$settings"
start_daemon --config "$settings"
has daemon "$(<"$work/daemon.err")" 'not sealed: that takes \[protect\] bpf = yes, and --pins'
stop_daemon

claim 'of what is sealed the program that may go on with it is not written to'
printf '[protect]\nsealed = yes\n' >"$settings"
start_daemon --config "$settings"
ctl rules
has rules "$out" "deny.write = $(realpath "$bin/portcullisd-fake")"
stop_daemon
rm -r "$work/policy.d" "$work/more.txt"
