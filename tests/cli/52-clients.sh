# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034,SC2016
# 52-clients.sh - a thousand clients at once: silent, slow, malformed and cut off.

reset_files
printf '[profile web]\nexe = /usr/sbin/nginx\n' >>"$work/policy.ini"
printf '[protect]\nfiles = no\n[run web]\nuser = 65534\n' >"$work/clients.conf"
start_daemon --config "$work/clients.conf"
chmod 711 "$work"
ctl status
before=$(awk '/^VmRSS/ { print $2 }' "/proc/$daemon/status")
coproc crowd { python3 "$here/clients.py" "$socket" 1000 65534 2>&1; }
read -r said <&"${crowd[0]}"

claim 'a thousand clients of a stranger are connected, or find the door closed'
is said "$said" READY

claim 'meanwhile root is answered at once, and reloads'
start=$SECONDS
for _ in 1 2 3 4 5; do
	ctl status
	is_code 0
done
ctl reload
is_code 0
if ((SECONDS - start < 5)); then pass; else fail "six answers took $((SECONDS - start)) s"; fi

claim 'of these no more are held than there are places for, but for those that are kept for root'
echo >&"${crowd[1]}"
read -r held closed <&"${crowd[0]}"
wait "$crowd_PID"
if ((held > 0 && held <= 28 && held + closed == 1000)); then pass; else fail "held are $held, closed $closed"; fi

claim 'once they are gone so is what they took'
wait_for eval '[[ $("$bin/policyctl" --socket "$socket" status --json | grep -c "\"clients\": 1,") == 1 ]]'
after=$(awk '/^VmRSS/ { print $2 }' "/proc/$daemon/status")
if ((after < before + 4096)) || grep -qa __asan_init "$bin/portcullisd-fake"; then pass; else fail "RSS $before → $after KiB"; fi
ctl status
is_code 0
stop_daemon
