# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# 48-confine.sh - what the daemon forbids itself, and that it does its work all the same.

reset_files
mkdir "$work/logs" "$work/elsewhere"
start_daemon --log "$work/logs/log" --state "$work/state"

claim 'it makes no system calls but those that it needs'
is seccomp "$(awk '$1 == "Seccomp:" { print $2 }' "/proc/$daemon/status")" 2

if dmesg 2>/dev/null | grep -q 'landlock: Up and running' || grep -q landlock /sys/kernel/security/lsm 2>/dev/null; then
	claim 'it writes to no folder but its own, wherever a link leads'
	mv "$work/logs" "$work/logs.own"
	ln -s "$work/elsewhere" "$work/logs"
	kill -USR1 "$daemon"
	wait_for said "cannot open $work/logs/log anew: writing to the old file: Permission denied"
	is elsewhere "$(ls "$work/elsewhere")" ''
	rm "$work/logs"
	mv "$work/logs.own" "$work/logs"
fi

claim 'a log that is rotated is opened anew'
mv "$work/logs/log" "$work/logs/log.1"
kill -USR1 "$daemon"
wait_for test -e "$work/logs/log"

claim 'a reload keeps the last good policy'
rm "$work/state/last-good.ini"
ctl reload
is_code 0
is kept "$(ls "$work/state")" last-good.ini
stop_daemon
claim 'its socket is gone with it'
is socket "$(ls "$socket" 2>/dev/null)" ''
rm -r "$work/logs" "$work/elsewhere" "$work/state"
