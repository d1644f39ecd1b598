# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# 35-log.sh - log from files, and its filters; there is no daemon.

# entry TIME HOOK VERDICT VERB LINE OBJECT PROFILE EXE [MORE]: a record; what is empty is left out.
entry()
{
	local profile='' exe=''

	[[ -z $7 ]] || profile=",\"profile\":\"$7\""
	[[ -z $8 ]] || exe=",\"exe\":\"$8\""
	printf '{"time":"2026-01-0%s.5Z","seq":1,"hook":"%s","verdict":"%s","object":"%s","rule":"%s","verb":"%s"%s%s,"pid":7,"uid":33,"comm":"c"%s}\n' \
		"$1" "$2" "$3" "$6" "$5" "$4" "$profile" "$exe" "${9:-}"
}

# objects_of ARGUMENT...: the objects of what log shows, in its order.
objects_of()
{
	ctl log --json "$@"
	objects=$(printf '%s' "$out" | python3 "$here/fields.py" object | paste -sd' ')
}

{
	entry 1T10:00:00 open deny deny /p/policy.ini:9 /srv/secret web /usr/sbin/nginx
	entry 2T10:00:00 connect audit deny /p/policy.ini:12 '10.9.9.9 port 22 tcp' '' /usr/bin/ssh ',"repeats":3'
	entry 4T10:00:00 exec allow allow default 'anon:' db '' ',"args":["x","-c","a b\u001b[2J"],"args_cut":true'
} >"$work/a.log"
{
	entry 1T11:00:00 open audit audit /p/policy.d/x.ini:9 '/srv/watched/[x]*' '' '/usr/bin/cat'
	entry 3T10:00:00 system deny never /p/policy.ini:120 mount '' '/usr/bin/mount'
	entry 3T11:00:00 connect deny deny /p/policy.ini:13 'unix:/run/x.sock' web ''
} >"$work/b.log"
all='/srv/secret /srv/watched/[x]* 10.9.9.9 port 22 tcp mount unix:/run/x.sock anon:'

claim 'the records of several files come by their time, as they are'
objects_of "$work/a.log" "$work/b.log"
is_code 0
is objects "$objects" "$all"
is lines "$(sort <<<"$out")" "$(sort "$work/a.log" "$work/b.log")"
is err "$err" ''

claim 'a dash is stdin'
run "$bin/policyctl" log --json - <"$work/a.log"
is_code 0
is out "$out" "$(<"$work/a.log")"

claim 'filters of several kinds all count, of one kind any'
for case in \
	'--hook connect|10.9.9.9 port 22 tcp unix:/run/x.sock' \
	'--hook open --hook exec|/srv/secret /srv/watched/[x]* anon:' \
	'--verdict would-deny|/srv/watched/[x]* 10.9.9.9 port 22 tcp' \
	'--verdict audit --hook open|/srv/watched/[x]*' \
	'--verdict allow --verdict deny|/srv/secret mount unix:/run/x.sock anon:' \
	'--profile web|/srv/secret unix:/run/x.sock' \
	'--profile web --profile db|/srv/secret unix:/run/x.sock anon:' \
	'--exe /usr/bin/*|/srv/watched/[x]* 10.9.9.9 port 22 tcp mount' \
	'--exe /usr/{s,}bin/**/*s*|10.9.9.9 port 22 tcp' \
	'--object /srv/*|/srv/secret' \
	'--object /srv/**|/srv/secret /srv/watched/[x]*' \
	'--object /srv/watched/\[x\]\*|/srv/watched/[x]*' \
	'--object 10.0.0.0/8|10.9.9.9 port 22 tcp' \
	'--object unix:/run/** --object mount|mount unix:/run/x.sock' \
	'--object anon:|anon:' \
	'--rule policy.ini:12|10.9.9.9 port 22 tcp' \
	'--rule x.ini:9|/srv/watched/[x]*' \
	'--rule policy.d/x.ini:9|/srv/watched/[x]*' \
	'--rule default|anon:' \
	'--rule policy.d|/srv/watched/[x]*' \
	'--since 2026-01-03T10:00:00.5Z|mount unix:/run/x.sock anon:' \
	'--until 2026-01-03T11:00:00.5+01:00|/srv/secret /srv/watched/[x]* 10.9.9.9 port 22 tcp' \
	'--since 2026-01-02 --until 2026-01-03|10.9.9.9 port 22 tcp' \
	'-n 2|unix:/run/x.sock anon:' \
	'-n 1 --hook open|/srv/watched/[x]*'; do
	read -ra words <<<"${case%|*}"
	claim "log ${case%|*}"
	TZ=UTC objects_of "${words[@]}" "$work/a.log" "$work/b.log"
	is_code 0
	is objects "$objects" "${case##*|}"
done

claim 'a port is part of an object'
objects_of --object '10.0.0.0/8 port 22' "$work/a.log"
is objects "$objects" '10.9.9.9 port 22 tcp'
objects_of --object '10.0.0.0/8 port 23' "$work/a.log"
is objects "$objects" ''
is err "$err" 'policyctl: no record is like that'

claim 'relative times are of now'
entry 1T10:00:00 open deny deny default /old '' '' | sed "s/2026-01-01T10:00:00/$(date -u -d '-2 hours' +%FT%T)/" >"$work/c.log"
entry 1T10:00:00 open deny deny default /new '' '' | sed "s/2026-01-01T10:00:00/$(date -u -d '-9 minutes' +%FT%T)/" >>"$work/c.log"
objects_of --since 10m "$work/c.log"
is objects "$objects" /new
objects_of --until 1h "$work/c.log"
is objects "$objects" /old
objects_of --since 3h "$work/c.log"
is objects "$objects" '/old /new'

claim 'for people there are local time, reason, program, profile and repeats'
TZ=America/New_York run "$bin/policyctl" log "$work/a.log"
is_code 0
is out "$out" "\
Jan  1 05:00:00 deny  open            /srv/secret                      denied by policy.ini:9                                   /usr/sbin/nginx[7] uid 33 as web
Jan  2 05:00:00 audit connect         10.9.9.9 port 22 tcp             would be denied by policy.ini:12                         /usr/bin/ssh[7] uid 33 ×3
Jan  4 05:00:00 allow exec            anon:                            allowed by default                                       c[7] uid 33 as db; args: x -c a b\\x1b[2J…"

claim 'the rule is told in its own words if the policy has it at that line'
cat >"$work/told.ini" <<'POLICY'
[policy]
version = 1
[list secrets]
item = /srv/secret
item = /srv/other


[open]
deny = $secrets
deny = /srv/nothing
[connect]
deny = 10.0.0.0/8
POLICY
sed 's,/p/policy,/p/told,' "$work/a.log" >"$work/told.log"
ctl log --policy "$work/told.ini" "$work/told.log"
is_code 0
has out "$out" 'denied by told.ini:9 (deny = /srv/secret) '
has out "$out" 'would be denied by told.ini:12 (deny = 10.0.0.0/8) '
ctl log --policy "$work/told.ini" --json --rule 'deny = /srv' "$work/told.log"
is objects "$(python3 "$here/fields.py" object <<<"$out")" /srv/secret

claim 'a line that says something else today is not told'
sed -e 's,/p/policy,/p/told,' -e 's/:12"/:10"/' -e 's/:9"/:10"/' "$work/a.log" >"$work/told.log"
ctl log --policy "$work/told.ini" "$work/told.log"
has out "$out" 'denied by told.ini:10  '
hasnt out "$out" nothing

claim 'wrong values are named, with what is known'
while IFS='|' read -r option value message; do
	ctl log "$option" "$value" "$work/a.log"
	is_code 1
	is err "$err" "policyctl: $message"
	is out "$out" ''
done <<'CASES'
--hook|opne|unknown hook 'opne'; did you mean 'open'?
--hook|x|unknown hook 'x'; known: exec, open, connect, system
--verdict|denied|unknown verdict 'denied'; known: deny, audit, allow, would-deny
--exe|usr|'usr' is no object of [exec]; a path begins with '/'
--object|/srv/[|pattern '/srv/[': '[' without ']'; quote it as '\['
--object|10.x|'10.x' is not an address; host names are not looked up, write 10.1.2.3, 10.0.0.0/8, 2001:db8::/32 or any
--object|mont|'mont' is no object of [system]; did you mean 'mount'?
--since|3y|'3y' is no time: write how long ago, as 90s, 10m, 2h, 3d or 1w, or a date, as 2026-01-31 or 2026-01-31T08:00:00Z
--until|2026-13-01|'2026-13-01' is no time: write how long ago, as 90s, 10m, 2h, 3d or 1w, or a date, as 2026-01-31 or 2026-01-31T08:00:00Z
CASES

claim 'a policy that is named must be one'
ctl log --policy "$work/none.ini" "$work/a.log"
is_code 1
has err "$err" "none.ini"

claim 'wrong lines are told with their place and counted, the others are shown'
{
	printf 'no json\n{"time":"2026-01-01T00:00:00Z"}\n'
	cat "$work/a.log"
	printf '{"time":"today","hook":"open","verdict":"deny","object":"/"}\n[]\n\xff\na\0b\n{"time":"2026-01-01T00'
	printf '\x1b]0;title\x07'
} >"$work/wrong.log"
objects_of "$work/wrong.log"
is_code 1
is objects "$objects" '/srv/secret 10.9.9.9 port 22 tcp anon:'
hasnt err "$err" $'\x1b'
has err "$err" "policyctl: $work/wrong.log:1: it is no JSON object; the line is left out"
has err "$err" "policyctl: $work/wrong.log:2: it has no hook; the line is left out"
has err "$err" "policyctl: $work/wrong.log:6: its time is not one; the line is left out"
has err "$err" "policyctl: $work/wrong.log:7: it is no JSON object; the line is left out"
has err "$err" "policyctl: $work/wrong.log:9: it holds a NUL byte; the line is left out"
is 'the sum' "$(tail -n 1 <<<"$err")" 'policyctl: 7 lines are no records'

claim 'a line without an end fills no memory'
(ulimit -v 200000; head -c 300M /dev/zero | tr '\0' x | cat - "$work/a.log" | "$bin/policyctl" log --json - >"$work/out" 2>"$work/err")
has err "$(<"$work/err")" 'policyctl: (stdin):1: it is longer than any record; the line is left out'

claim 'files that cannot be read are told'
ctl log "$work/none.log"
is_code 1
is err "$err" "policyctl: cannot read $work/none.log: No such file or directory"
ctl log "$work"
is_code 1
has err "$err" ': Is a directory'

claim '-f is for the daemon'
ctl log -f "$work/a.log"
is_code 1
is err "$err" 'policyctl: -f follows the daemon; for a file: tail -F FILE | policyctl log -'

claim 'on a terminal there is colour, and nothing is wider than it'
long=/srv/$(printf 'x%.0s' {1..300})日本語
{
	cat "$work/a.log"
	entry 5T10:00:00 open deny deny default "$long" web "/usr/$long"
} >"$work/long.log"
for columns in 20 40 80 149 150 200; do
	on_terminal "$columns" "$bin/policyctl" log "$work/long.log"
	has out "$out" $'\x1b\[31mdeny \x1b\[0m'
	# shellcheck disable=SC2001
	plain=$(sed 's/\x1b\[[0-9]*m//g' <<<"$out")
	if ((columns > 60)); then
		is "columns of $columns" "$(python3 -c 'import sys, unicodedata
for line in sys.stdin.read().splitlines():
    width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
    if width > int(sys.argv[1]):
        print(line)' "$columns" <<<"$plain")" ''
	fi
done
on_terminal 80 "$bin/policyctl" log "$work/a.log"
is lines "$(wc -l <<<"$out")" 6
on_terminal 150 "$bin/policyctl" log "$work/a.log"
is lines "$(wc -l <<<"$out")" 3
