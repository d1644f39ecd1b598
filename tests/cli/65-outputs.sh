# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# 65-outputs.sh - where records go, by portcullisd.conf.
#
# No journald and no syslogd of the host is written to: receiver.py stands for both, at their own paths in a mount
# namespace that it shares with the daemon alone. The last claim is about a real journald, in such a namespace too.

claim 'outputs that are wrong keep the daemon from starting'
reset_files
cat >"$work/settings.conf" <<'SETTINGS'
[output]
file = decisions.jsonl
journal = true
sislog = yes
stdout = yes
stdout = no
[output two]
file = /dev/null
[metrics]
listen = 0.0.0.0:9477
SETTINGS
run "$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket" --config "$work/settings.conf"
is_code 1
is errors "$(sed "s,^portcullisd: ,,; s,$work/,,g" <<<"$err")" "\
settings.conf:2: error: 'decisions.jsonl' is no absolute path
settings.conf:3: error: 'true' is neither yes nor no
settings.conf:4: error: unknown key 'sislog' in [output]; did you mean 'syslog'?
settings.conf:6: error: 'stdout' stands twice
settings.conf:7: error: [output] takes no name; write [output]
settings.conf:10: error: '0.0.0.0:9477' is open to the network, and nobody is asked for a password; write 127.0.0.1:PORT, [::1]:PORT or unix:/PATH
not starting: settings.conf is wrong"

claim 'a file that can not be opened refuses the start'
printf '[output]\nfile = %s/none/log\n' "$work" >"$work/settings.conf"
run "$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket" --config "$work/settings.conf"
is_code 1
is err "$err" "portcullisd: cannot open the decision log $work/none/log: No such file or directory"

is_reopened()
{
	[[ $(grep -c "opened $work/log anew" "$work/daemon.err") -ge $1 ]]
}

claim 'the shipped logrotate sample rotates the log, and no record is lost by that'
if command -v logrotate >/dev/null; then
	printf '[output]\nfile = %s/log\n' "$work" >"$work/settings.conf"
	start_daemon --config "$work/settings.conf"
	sed "s,/var/log/portcullis/decisions.jsonl,$work/log,; s,systemctl kill .*,kill -USR1 $daemon," \
		"$here/../../dist/portcullis.logrotate" >"$work/rotate.conf"
	chmod 644 "$work/rotate.conf"
	for ((i = 1; i <= 3; i++)); do
		ask "${i}00 times open read /srv/secret"
		wait_for logged "${i}00"
		run logrotate --force --state "$work/rotate.state" "$work/rotate.conf"
		is_code 0
		wait_for is_reopened "$i"
	done
	stop_daemon
	is told "$(grep -c "opened $work/log anew" "$work/daemon.err")" 3
	is lines "$({ cat "$work/log" "$work/log.1"; gzip -dc "$work"/log.[23].gz; } | wc -l)" 600
	rm -f "$work"/log*
else
	echo "cli: not tested here, logrotate is not installed: $name"
fi

# start_apart COMMAND…: as $receiver, in a mount namespace with a /run, a /dev and a machine id of its own.
start_apart()
{
	: >"$work/receiver.out"
	mkdir -p "$work/dev"
	# shellcheck disable=SC2016 # for the inner shell
	unshare --mount --propagation private bash -c '
		mount -t tmpfs none "$1/dev" && mount -t tmpfs none /run || exit 1
		for name in null zero urandom; do
			: >"$1/dev/$name" && mount --bind "/dev/$name" "$1/dev/$name" || exit 1
		done
		echo 0123456789abcdef0123456789abcdef >/run/machine-id
		[[ ! -e /etc/machine-id ]] || mount --bind /run/machine-id /etc/machine-id || exit 1
		mount --rbind "$1/dev" /dev && shift && exec "$@"
	' - "$work" "$@" >"$work/receiver.out" 2>&1 &
	receiver=$!
}

start_receiver()
{
	rm -f "$work/journal" "$work/syslog"
	start_apart python3 "$here/receiver.py" /run/systemd/journal/socket "$work/journal" /dev/log "$work/syslog"
	wait_for grep -q ready "$work/receiver.out"
}

# start_beside OPTION…: the daemon, where the receiver is.
start_beside()
{
	: >"$work/daemon.err"
	nsenter --target "$receiver" --mount "$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket" \
		--config "$work/settings.conf" "$@" >"$work/daemon.out" 2>"$work/daemon.err" &
	daemon=$!
	wait_for said 'ready:'
}

stop_receiver()
{
	[[ -n $receiver ]] || return 0
	kill -KILL "$receiver"
	wait "$receiver" 2>/dev/null
	receiver=''
}

has_lines()
{
	[[ -e $1 && $(wc -l <"$1") -ge $2 ]]
}

# journal_fields KEY…: of each entry, "-" where it has none.
journal_fields()
{
	python3 -c '
import json, sys
for line in sys.stdin:
    entry = json.loads(line)
    print(*[entry.get(key, "-") for key in sys.argv[1:]])' "$@" <"$work/journal"
}

if ! unshare --mount true 2>/dev/null; then
	echo "cli: not tested here, no mount namespace can be had: journal and syslog"
	return 0
fi

claim 'records go to all outputs at once'
reset_files
printf '[output]\nfile = %s/log\njournal = yes\nsyslog = yes\nstdout = yes\n' "$work" >"$work/settings.conf"
start_receiver
start_beside
ask 'open read /srv/secret' 'open read /srv/watched/x' 'exec read anon:'
wait_for has_lines "$work/journal" 3
wait_for has_lines "$work/syslog" 3
wait_for logged 3
is stdout "$(<"$work/daemon.out")" "$(<"$work/log")"

claim 'the threads of the outputs may do no more than the daemon'
is threads "$(find "/proc/$daemon/task" -mindepth 1 -maxdepth 1 | wc -l)" 3
is caps "$(awk '/^CapEff/ { print $2 }' "/proc/$daemon"/task/*/status | sort -u)" 000000c000001004
is no_new_privs "$(awk '/^NoNewPrivs/ { print $2 }' "/proc/$daemon"/task/*/status | sort -u)" 1

claim 'the journal has a field for each key, a message in words and a priority'
is fields "$(journal_fields PORTCULLIS_VERDICT PORTCULLIS_HOOK PORTCULLIS_OBJECT PORTCULLIS_PID PRIORITY SYSLOG_FACILITY SYSLOG_IDENTIFIER)" "\
deny open /srv/secret 4711 4 10 portcullisd-fake
audit open /srv/watched/x 4711 5 10 portcullisd-fake
deny exec anon: 4711 4 10 portcullisd-fake"
is message "$(journal_fields MESSAGE)" "\
denied open read /srv/secret to fake[4711], uid 1000: deny at $work/policy.ini:7
would deny open read /srv/watched/x to fake[4711], uid 1000: audit at $work/policy.ini:9
denied exec anon: to fake[4711], uid 1000: deny at $work/policy.ini:13"
is keys "$(python3 - "$work" <<'PYTHON'
import json, sys
work = sys.argv[1]
with open(work + "/log") as log, open(work + "/journal") as journal:
    for line, entry in zip(log, journal):
        record, entry = json.loads(line), json.loads(entry)
        fields = {key[len("PORTCULLIS_"):].lower(): value for key, value in entry.items() if key.startswith("PORTCULLIS_")}
        told = {key: value if isinstance(value, str) else json.dumps(value, separators=(",", ":")) for key, value in record.items()}
        assert fields == told, (fields, record)
        print("same")
PYTHON
)" $'same\nsame\nsame'

claim 'syslog has facility, level, time, name and the same message'
is syslog "$(sed -E 's/>[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} portcullisd\[[0-9]+\]/>DATE portcullisd[PID]/' "$work/syslog")" "\
b'<84>DATE portcullisd[PID]: denied open read /srv/secret to fake[4711], uid 1000: deny at $work/policy.ini:7'
b'<85>DATE portcullisd[PID]: would deny open read /srv/watched/x to fake[4711], uid 1000: audit at $work/policy.ini:9'
b'<84>DATE portcullisd[PID]: denied exec anon: to fake[4711], uid 1000: deny at $work/policy.ini:13'"

claim 'names can not forge lines or fields, whatever bytes they hold'
ask 'open read /srv/watched/a\x0aPRIORITY=0\x0a\x1b\[2J\x01\xff"\\z' 'open read /srv/watched/ü'
wait_for has_lines "$work/journal" 5
wait_for has_lines "$work/syslog" 5
is priority "$(journal_fields PRIORITY | tail -n 2)" $'5\n5'
is object "$(tail -n 2 "$work/journal" | head -n 1 | python3 -c 'import json, sys; print(ascii(json.load(sys.stdin)["PORTCULLIS_OBJECT"]))')" \
	"'/srv/watched/a\\nPRIORITY=0\\n\\x1b[2J\\x01\\ufffd\"\\\\z'"
has syslog "$(tail -n 2 "$work/syslog" | head -n 1)" ' /srv/watched/a\\\\x0aPRIORITY=0\\\\x0a\\\\x1b\[2J\\\\x01'
has message "$(journal_fields MESSAGE | tail -n 1)" 'would deny open read /srv/watched/ü to fake'

claim 'status counts each output, in words as well'
ctl status
is outputs "$(grep -A 3 '^outputs' <<<"$out" | sed "s,$work/,,")" "\
outputs     file    5 written, 0 lost: log
            stdout  5 written, 0 lost
            journal 5 written, 0 lost
            syslog  5 written, 0 lost"

claim 'what the daemon itself does goes nowhere where that would be the cause of more'
: >"$PORTCULLIS_FAKE/own"
ask 'open read /srv/secret'
wait_for logged 6
rm "$PORTCULLIS_FAKE/own"
ask 'open read /srv/watched/last'
wait_for has_lines "$work/journal" 6
wait_for has_lines "$work/syslog" 6
is file "$(python3 "$here/fields.py" object <"$work/log" | tail -n 2)" $'/srv/secret\n/srv/watched/last'
is journal "$(journal_fields PORTCULLIS_OBJECT | tail -n 2)" $'/srv/watched/ü\n/srv/watched/last'
has syslog "$(tail -n 1 "$work/syslog")" ' /srv/watched/last '

claim 'a reload leaves the outputs as they are, and says so'
printf '[output]\njournal = yes\n' >"$work/settings.conf"
ctl reload
is_code 0
has out "$out" 'note: \[output] and \[metrics] stay as they are until the daemon is started anew'
printf '[output]\nfile = %s/log\njournal = yes\nsyslog = yes\nstdout = yes\n' "$work" >"$work/settings.conf"
ctl reload
hasnt out "$out" 'note:'

claim 'a journal and a syslogd that hang hold nobody up; what they lose is counted, and told once'
kill -STOP "$receiver"
ask '20000 times open read /srv/secret'
wait_for logged 20007
ctl status
is_code 0
for name in journal syslog; do
	has "$name" "$(output $name lost)" '[1-9]'
done
is told "$(grep -c 'takes records too slowly' "$work/daemon.err")" 2
is file "$(output file lost)" 0
kill -CONT "$receiver"
ended()
{
	(($(output "$1" written) + $(output "$1" lost) == 20006))
}
wait_for ended journal
wait_for ended syslog
is taken "$(($(wc -l <"$work/journal")))" "$(output journal written)"
is taken "$(($(wc -l <"$work/syslog")))" "$(output syslog written)"

# A new one where the daemon is, with new sockets.
restart_receiver()
{
	stop_receiver
	rm -f "/proc/$daemon/root/dev/log" "/proc/$daemon/root/run/systemd/journal/socket"
	# The one before it was ready, too.
	: >"$work/receiver.out"
	nsenter --target "$daemon" --mount python3 "$here/receiver.py" /run/systemd/journal/socket "$work/journal" \
		/dev/log "$work/syslog" >"$work/receiver.out" 2>&1 &
	receiver=$!
	wait_for grep -q ready "$work/receiver.out"
}

# written_and_lost WRITTEN LOST: both by so many more than before.
written_and_lost()
{
	output_is journal written $((journal_written + $1)) && output_is syslog written $((syslog_written + $1)) &&
		output_is journal lost $((journal_lost + $2)) && output_is syslog lost $((syslog_lost + $2))
}

claim 'those that were started anew have the next record; those that are gone cost only their own records'
for name in journal syslog; do
	printf -v "${name}_written" %s "$(output $name written)"
	printf -v "${name}_lost" %s "$(output $name lost)"
done
stop_receiver
ask 'open read /srv/secret'
wait_for written_and_lost 0 1
has daemon "$(<"$work/daemon.err")" 'cannot send records to the journal: '
has daemon "$(<"$work/daemon.err")" 'cannot send records to /dev/log: '
rm "/proc/$daemon/root/dev/log" "/proc/$daemon/root/run/systemd/journal/socket"
ask 'open read /srv/secret'
wait_for written_and_lost 0 2
restart_receiver
ask 'open read /srv/secret'
wait_for written_and_lost 1 2
restart_receiver
ask 'open read /srv/secret'
wait_for written_and_lost 2 2
is file "$(wc -l <"$work/log")" 20011
stop_receiver
stop_daemon
is_code 0
has daemon "$(tail -n 1 "$work/daemon.err")" 'records taken, [1-9]'

claim 'the end waits for what the outputs still have to take, but not for one that hangs'
start_receiver
start_beside
ask '500 times open read /srv/secret'
stop_daemon
is_code 0
is journal "$(wc -l <"$work/journal")" 500
is syslog "$(wc -l <"$work/syslog")" 500
start_beside
kill -STOP "$receiver"
ask '10000 times open read /srv/secret'
before=$SECONDS
stop_daemon
is_code 0
if ((SECONDS - before < 6)); then pass; else fail "the end took $((SECONDS - before)) s"; fi
kill -CONT "$receiver"

claim "--log's file stands for that of the settings, --log - is one more output"
rm -f "$work/log" "$work/other"
start_beside --log "$work/other"
ask 'open read /srv/secret'
wait_for has_lines "$work/other" 1
is path "$(output file path)" "$work/other"
if [[ -e $work/log ]]; then fail 'the file of the settings is there'; else pass; fi
stop_daemon
printf '[output]\nfile = %s/log\n' "$work" >"$work/settings.conf"
start_beside --log -
ask 'open read /srv/secret'
wait_for logged 1
wait_for has_lines "$work/daemon.out" 1
stop_daemon
stop_receiver

journald=/lib/systemd/systemd-journald
if [[ ! -x $journald || ! -s /etc/machine-id ]]; then
	echo 'cli: not tested here, systemd is not installed: entries in a real journal'
	return 0
fi

# entries FIELD=VALUE…: their messages, out of the real journal.
entries()
{
	nsenter --target "$receiver" --mount journalctl --directory=/run/log/journal --quiet --no-pager --output=cat "$@"
}

has_entries()
{
	[[ $(entries "${@:2}" | wc -l) -eq $1 ]]
}

claim 'a real journald has the records as entries, found by their fields'
# shellcheck disable=SC2016 # for the inner shell
start_apart bash -c 'mkdir -p /run/log/journal /run/systemd/journal && ln -s /run/systemd/journal/dev-log /dev/log &&
	exec "$1"' - "$journald"
wait_for test -S "/proc/$receiver/root/run/systemd/journal/socket"
wait_for test -S "/proc/$receiver/root/run/systemd/journal/dev-log"
printf '[output]\njournal = yes\nsyslog = yes\n' >"$work/settings.conf"
start_beside
ask '3 times open read /srv/secret' '2 times open read /srv/watched/x'
wait_for has_entries 3 PORTCULLIS_VERDICT=deny
wait_for has_entries 2 PORTCULLIS_OBJECT=/srv/watched/x
wait_for has_entries 3 _TRANSPORT=journal --priority=warning --facility=authpriv
wait_for has_entries 5 _TRANSPORT=syslog SYSLOG_IDENTIFIER=portcullisd --facility=authpriv
wait_for has_entries 3 _TRANSPORT=syslog --priority=warning
is message "$(entries PORTCULLIS_VERDICT=deny -n 1)" \
	"denied open read /srv/secret to fake[4711], uid 1000: deny at $work/policy.ini:7"
is lost "$(output journal lost) $(output syslog lost)" '0 0'
stop_daemon
stop_receiver
