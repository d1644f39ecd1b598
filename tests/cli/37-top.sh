# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# 37-top.sh - top: a snapshot without a terminal, and the live view in a terminal that tmux plays.

claim 'top without a daemon says so'
reset_files
ctl top --once
is_code 2
is err "$err" "policyctl: cannot reach the daemon at $socket: No such file or directory; is portcullisd running?"

claim 'top without a terminal says what to use instead'
start_daemon --log "$work/log"
ctl top </dev/null
is_code 1
is err "$err" 'policyctl: top needs a terminal; for a script there are policyctl top --once and policyctl log -f'
is out "$out" ''

claim 'a wrong filter is told before anything is shown'
ctl top --hook opne
is_code 1
is err "$err" "policyctl: unknown hook 'opne'; did you mean 'open'?"

claim 'a snapshot has the counters, and the busiest of all kinds'
ask '7 times open read /srv/secret' '3 times connect read 10.9.9.9 port 22 tcp' '5 times open read /srv/other' \
	'open read /srv/watched/a\x0ab\x1b\[2J' 'open read /srv/watched/\xe2\x80\xaex'
wait_for logged 12
ctl top --once
is_code 0
has out "$out" 'open    deny         0      7'
has out "$out" 'open    allow        0      5'
has out "$out" '      7 deny  open read       /srv/secret '
has out "$out" '     12     10 /usr/bin/fake'
has out "$out" '      3      3 connect 10.9.9.9 port 22 tcp'
has out "$out" '      7      7 open    policy.ini:7       deny.read = /srv/secret'
has out "$out" '/srv/watched/a\\x0ab\\x1b\[2J'
has out "$out" '/srv/watched/\\xe2\\x80\\xaex'
hasnt out "$out" $'\x1b'
is columns "$(awk 'length > 160' <<<"$out")" ''

claim 'a snapshot keeps to the filter'
ctl top --once --object '/srv/watched/**'
hasnt out "$out" secret
has out "$out" '      2      0 open    policy.ini:9       audit = /srv/watched/\*\*'

terminal()
{
	tmux -S "$work/tmux" -f /dev/null "$@"
}

screen()
{
	terminal capture-pane -p -t top
}

shows()
{
	[[ $(screen) == *"$1"* ]]
}

# press KEY... TEXT: the keys, until the screen has the text.
press()
{
	terminal send-keys -t top -- "${@:1:$#-1}"
	wait_for shows "${*: -1}" || screen
	pass
}

start_top()
{
	terminal new-session -d -s top -x "$1" -y "$2" \
		"env -u NO_COLOR TERM=screen-256color '$bin/policyctl' --socket '$socket' top ${*:3}; echo ended with \$?; sleep 600"
}

claim 'top shows rates, and new denials as they come'
# With its last session the server would end, and the next one find it ending.
terminal new-session -d -s kept 'sleep 600'
start_top 110 24
wait_for shows '[1 New denials]'
wait_for shows '/srv/watched/a\x0ab\x1b[2J'
ask '30 times exec read /srv/tmp/x'
wait_for shows 'deny  exec            /srv/tmp/x'
wait_for shows 'exec    deny'
has screen "$(screen)" '█'
is 'the latest one' "$(screen | sed -n '/FIRST/ { n; s/^[0-9:]* *//; s/  .*//; p }')" '30 deny'

claim 'what is new flashes, for five seconds'
flashes()
{
	terminal capture-pane -p -e -t top | grep -qE $'\x1b\\[([0-9;]*;)?5(;[0-9;]*)?m.*/srv/tmp/x'
}
wait_for flashes
pass
stopped_flashing()
{
	! flashes
}
wait_for stopped_flashing
pass

claim 'keys lead to each table'
press 2 '[2 Programs]'
press Tab '[3 Objects]'
press 4 'deny = /srv/tmp/**'

claim 'enter shows the rule of the selected line'
press 3 '[3 Objects]'
press Home Enter '→   15  deny = /srv/tmp/**'
has screen "$(screen)" 'denied by policy.ini:15 (deny = /srv/tmp/\*\*)'
press x '[3 Objects]'

claim 'e explains the selected line'
press e 'deny  exec /srv/tmp/x'
has screen "$(screen)" "by    $work/policy.ini:15  deny = /srv/tmp/\\*\\*"
has screen "$(screen)" 'mode  enforce: it is refused'
press x '[3 Objects]'
press 2 '[2 Programs]'
press e 'explain is about an object'

claim 'names are asked about as they are, wildcards and all'
ask 'open read /srv/watched/\*\[x\]\{a,b\}'
press 1 '*[x]{a,b}'
press Home e 'audit  open /srv/watched/*[x]{a,b} (read)'
press x '[1 New denials]'

claim 'the selected line stays selected when others come'
press Down Up Down Enter 'as it is now'
press x '[1 New denials]'
selected()
{
	terminal capture-pane -p -e -t top | grep $'\x1b\[[0-9;]*7[0-9;]*m[0-9][0-9]:' | sed 's/\x1b\[[0-9;]*m//g; s/^[0-9:]* *[0-9.]* //'
}
before=$(selected)
ask 'open read /srv/watched/newest'
wait_for shows newest
is selected "$(selected)" "$before"

claim 'a filter is typed in the words of log, and its mistakes are told'
press / 'filter: _'
press 'hook opne' Enter "unknown hook 'opne'; did you mean 'open'?"
press / 'filter: _'
press '--hook exec' BSpace BSpace BSpace BSpace 'open' ' verdict deny' Enter 'only --hook open verdict deny'
wait_for shows '/srv/secret'
hasnt screen "$(screen)" /srv/tmp
press / 'filter: --hook open verdict deny_'
press C-u Enter '/srv/tmp/x'
hasnt screen "$(screen)" 'only '

claim 'pause keeps the picture, and what came meanwhile is there afterwards'
press p 'PAUSED'
ask 'open read /srv/watched/paused'
sleep 1.5
hasnt screen "$(screen)" watched/paused
press p 'watched/paused'

claim 'it fits terminals of other sizes'
for size in '200 50' '40 10' '20 5' '1 1' '80 24'; do
	terminal resize-window -t top -x "${size% *}" -y "${size#* }"
	sleep 0.4
	[[ $size != 200* ]] || wait_for shows '  4 Rules'
	[[ $size != 40* ]] || wait_for shows 'q / tab'
done
wait_for shows '[1 New denials]'
press '?' 'select a line'
press q '[1 New denials]'

claim 'it survives the daemon, and says so'
stop_daemon
wait_for shows 'trying again'
start_daemon --log "$work/log"
ask 'open read /srv/watched/again'
wait_for shows 'watched/again'
hasnt screen "$(screen)" 'trying again'

claim 'a flood of names fills no memory'
for ((i = 0; i < 30000; i++)); do
	printf 'open read /srv/watched/%0200d\n' "$i"
done | timeout 20 tee "$PORTCULLIS_FAKE/requests" >/dev/null
wait_for shows 0029999 || screen
rss=$(awk '/VmRSS/ { print $2 }' "/proc/$(pgrep -P "$(terminal display-message -p -t top '#{pane_pid}')" policyctl)/status")
if ((rss < 40000)); then pass; else fail "it has $rss KiB"; fi

claim 'q ends it, and leaves the terminal as it was'
press q 'ended with 0'
terminal kill-session -t top

claim 'it ends by a signal as well'
start_top 80 24
wait_for shows '[1 New denials]'
kill -TERM "$(pgrep -P "$(terminal display-message -p -t top '#{pane_pid}')" policyctl)"
wait_for shows 'ended with 0'
pass
terminal kill-server

stop_daemon
