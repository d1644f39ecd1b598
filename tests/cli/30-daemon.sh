# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# 30-daemon.sh - start, status, records, reload, end.

claim 'without a daemon its verbs say so and exit with 2'
reset_files
printf '[system]\ndeny = mount\nnever.quiet = kexec\naudit = ptrace\n' >>"$work/policy.ini"
for verb in reload status log 'mode audit'; do
	# shellcheck disable=SC2086
	ctl $verb
	is_code 2
	is err "$err" "policyctl: cannot reach the daemon at $socket: No such file or directory; is portcullisd running?"
done

claim 'the daemon gets ready and keeps four capabilities'
start_daemon --log "$work/log"
has daemon "$(<"$work/daemon.err")" 'portcullisd: ready: */policy.ini, 12 rules, generation '
is caps "$(awk '/^CapEff/ { print $2 }' "/proc/$daemon/status")" 000000c000001004
is 'bounding set' "$(awk '/^CapBnd/ { print $2 }' "/proc/$daemon/status")" 000000c000001004
is no_new_privs "$(awk '/^NoNewPrivs/ { print $2 }' "/proc/$daemon/status")" 1

claim 'socket, lock and log are closed to others'
is socket "$(stat -c %a "$socket" | sed 's/660/600/')" 600
is log "$(stat -c %a "$work/log")" 640
is pid "$(<"$socket.lock")" "$daemon"

claim 'status of a sound daemon is 0, in words'
ctl status
is_code 0
has out "$out" 'state       as the policy asks'
has out "$out" "policy      $work/policy.ini, name test"
has out "$out" 'rules       exec 3, open 4, connect 2, system 3; image of '
has out "$out" 'mode        exec enforce, open enforce, connect enforce, system enforce'
has out "$out" 'hooks       live'
has out "$out" 'caps kept   cap_dac_read_search cap_net_admin cap_perfmon cap_bpf'
has out "$out" 'troubles    none'
hasnt out "$out" $'\x1b'
is columns "$(grep -v '^policy' <<<"$out" | awk 'length > 80')" ''

claim 'a log without records says so'
ctl log
is_code 0
is out "$out" ''
is err "$err" 'policyctl: nothing has been recorded yet; -f waits for what comes'

claim 'status in JSON is JSON'
ctl status --json
is_code 0
is sound "$(python3 -c 'import json, sys; print(json.load(sys.stdin)["sound"])' <<<"$out")" True

claim 'records have verdict, object and rule'
ask 'open read /srv/secret' 'open write /srv/fixed' 'open read /srv/watched/x' 'exec read anon:' \
	'connect read 10.9.9.9 port 22 tcp' 'connect read 10.1.2.3 port 22 tcp' 'open read /srv/other' \
	'open both /srv/secret' 'open read /srv/watched/a\x0ab\x1b\[2J' \
	'system read mount' 'system read kexec' 'system read ptrace' 'system read bpf'
wait_for logged 9
is objects "$(python3 "$here/fields.py" hook verdict access object verb rule <"$work/log")" "\
open deny read /srv/secret deny policy.ini:7
open deny write /srv/fixed never policy.ini:8
open audit read /srv/watched/x audit policy.ini:9
exec deny - anon: deny policy.ini:13
connect deny - 10.9.9.9 port 22 tcp deny policy.ini:18
open deny read+write /srv/secret deny policy.ini:7
open audit read /srv/watched/a\\nb\\x1b[2J audit policy.ini:9
system deny - mount deny policy.ini:24
system audit - ptrace audit policy.ini:26"

claim 'counters balance, also for what was not logged'
ctl status --json
is counters "$(python3 "$here/fields.py" --counters <<<"$out")" "\
exec deny 1 1 0 0 0
open allow 1 0 0 1 0
open audit 2 2 0 0 0
open deny 3 3 0 0 0
connect allow 1 0 0 1 0
connect deny 1 1 0 0 0
system allow 1 0 0 1 0
system audit 1 1 0 0 0
system deny 2 1 0 1 0"

claim 'log shows them, unable to talk to the terminal'
ctl log
is_code 0
is lines "$(wc -l <<<"$out")" 9
has out "$out" ' deny  open read       /srv/secret                      denied by policy.ini:7 (deny.read = /srv/secret)         /usr/bin/fake\[4711\] uid 1000'
has out "$out" ' audit open read       /srv/watched/a\\x0ab\\x1b\[2J       audited by policy.ini:9 (audit = /srv/watched/\*\*)        /usr/bin/fake\[4711\] uid 1000'
has out "$out" ' deny  connect         10.9.9.9 port 22 tcp             denied by policy.ini:18 (deny = 10.0.0.0/8 port 22 tcp)  /usr/bin/fake\[4711\] uid 1000'
has out "$out" ' deny  system          mount                            denied by policy.ini:24 (deny = mount)                   /usr/bin/fake\[4711\] uid 1000'
hasnt out "$out" $'\x1b'

claim 'log --json gives the records as they are'
ctl log --json
is_code 0
is records "$out" "$(<"$work/log")"

claim 'log -n gives the last ones'
ctl log -n 2 --json
is records "$out" "$(tail -n 2 "$work/log")"

claim 'log -f shows what comes'
"$bin/policyctl" --socket "$socket" log -f -n 0 --json >"$work/follow" &
follower=$!
sleep 0.3
ask 'open read /srv/secret'
wait_for test -s "$work/follow"
is record "$(<"$work/follow")" "$(tail -n 1 "$work/log")"
kill "$follower"
wait "$follower" 2>/dev/null

claim 'log -f tells the rules of the policy that was loaded meanwhile'
"$bin/policyctl" --socket "$socket" log -f -n 1 >"$work/follow" &
follower=$!
wait_for grep -qF 'denied by policy.ini:7 (deny.read = /srv/secret)' "$work/follow"
sed -i 's,^deny.read = /srv/secret,deny.read = /srv/{secret\,hidden},' "$work/policy.ini"
ctl reload
is_code 0
ask 'open read /srv/hidden'
wait_for grep -qF 'denied by policy.ini:7 (deny.read = /srv/{secret,hidden})' "$work/follow"
pass
kill "$follower"
wait "$follower" 2>/dev/null

claim 'log -f ends with the reader of its pipe'
timeout 10 "$bin/policyctl" --socket "$socket" log -f -n 5 --json | head -n 1 >/dev/null &
pipeline=$!
sleep 0.3
ask 'open read /srv/secret'
wait "$pipeline"
code=$?
is_code 0

claim 'a second daemon says who holds the lock'
run "$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket"
is_code 1
is err "$err" "portcullisd: portcullisd is already running with pid $daemon, which holds $socket.lock"
ctl status
is_code 0

claim 'SIGTERM ends it cleanly, records first'
ask '200 times open read /srv/secret'
stop_daemon
is_code 0
is records "$(wc -l <"$work/log")" 212
has daemon "$(<"$work/daemon.err")" 'portcullisd: ended: 216 decided = 212 logged + 0 coalesced + 4 unlogged + 0 lost; 212 records taken, 0 unwritten'
if [[ -e $socket ]]; then fail 'the socket is still there'; else pass; fi

claim 'a burst of 100,000 records loses none'
start_daemon --log "$work/log"
before=$(wc -l <"$work/log")
ask '100000 times open read /srv/secret'
burst_is_taken()
{
	"$bin/policyctl" --socket "$socket" status --json | grep -q '"taken": 100000'
}
wait_for burst_is_taken
is written "$(($(wc -l <"$work/log") - before))" 100000
is lost "$(output file lost)" 0
stop_daemon
is_code 0

claim 'SIGINT does as well'
start_daemon
stop_daemon INT
is_code 0
has daemon "$(<"$work/daemon.err")" 'portcullisd: ending by signal 2'
