# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# 26-replay.sh - replay: past decisions asked again of another policy.

cat >"$work/new.ini" <<'POLICY'
[policy]
version = 1
mode = enforce
[open]
deny = /srv/secret/**
audit = /srv/watched
[connect]
default = deny
allow = 10.0.0.0/8 port 443 tcp
allow = 10.0.0.0/8 raw
deny = 10.9.0.0/16 47
[exec]
default = allow
deny = jit:
[profile web]
user = 33
[open web]
default = deny
POLICY

# record HOOK VERDICT OBJECT [FIELDS]: a line of a log, a minute after the one before.
minute=0
record()
{
	printf '{"time":"2026-11-21T10:%02d:00.000000001Z","hook":"%s","verdict":"%s","object":"%s","rule":"default","verb":"%s",%s"comm":"tool","uid":0}\n' \
		"$minute" "$1" "$2" "$3" "$2" "${4:+$4,}"
	minute=$((minute + 1))
}

replay()
{
	ctl replay --policy "$work/new.ini" "$@"
	out=${out//"$work/"/}
	err=${err//"$work/"/}
}

claim 'nothing changed: exit code 0 and no list'
record open allow /srv/x '"access":"read"' >"$work/same.json"
replay "$work/same.json"
is_code 0
is out "$out" '1 decisions: 1 unchanged, 0 newly denied, 0 newly recorded, 0 newly allowed, 0 not judged'

claim 'what would newly be denied is shown once, with how often and when, and exit code 1'
{
	record open allow /srv/secret/key '"access":"read"'
	record open allow /srv/secret/key '"access":"read","repeats":41'
} >"$work/deny.json"
replay "$work/deny.json"
is_code 1
is out "$out" 'open /srv/secret/key (read)  by tool
  was  allow  default
  now  deny   new.ini:5  deny = /srv/secret/**
  42 times, 2026-11-21 10:01:00 to 2026-11-21 10:02:00

42 decisions: 0 unchanged, 42 newly denied, 0 newly recorded, 0 newly allowed, 0 not judged'

claim 'several logs and stdin are read as one'
run bash -c '"$1" replay --policy "$2" "$3" - <"$4"' - "$bin/policyctl" "$work/new.ini" "$work/same.json" "$work/deny.json"
is_code 1
has out "$out" '43 decisions: 1 unchanged, 42 newly denied'

claim 'what is newly allowed or recorded is shown, but is no denial'
{
	record connect deny '10.1.2.3 port 443 tcp' '"exe":"/usr/bin/curl"'
	record open allow /srv/watched '"access":"write"'
} >"$work/loose.json"
replay "$work/loose.json"
is_code 0
has out "$out" 'connect 10.1.2.3 port 443 tcp  by /usr/bin/curl
  was  deny   default
  now  allow  new.ini:9  allow = 10.0.0.0/8 port 443 tcp'
has out "$out" 'open /srv/watched (write)  by tool
  was  allow  default
  now  audit  new.ini:6  audit = /srv/watched'
has out "$out" '2 decisions: 0 unchanged, 0 newly denied, 1 newly recorded, 1 newly allowed'

claim 'a policy in audit mode refuses nothing'
sed 's/enforce/audit/' "$work/new.ini" >"$work/audit.ini"
ctl replay --policy "$work/audit.ini" "$work/deny.json"
is_code 0
has out "$out" '0 newly denied, 42 newly recorded'

claim 'the profile of the record is asked'
{
	record open allow /srv/y '"access":"read","profile":"web"'
	record open allow /srv/y '"access":"read"'
} >"$work/profile.json"
replay "$work/profile.json"
is_code 1
has out "$out" 'open /srv/y (read)  by tool as web'
has out "$out" '2 decisions: 1 unchanged, 1 newly denied'

claim 'a program that would now be in a profile is told'
sed -i 's|^user = 33$|&\nexe = /usr/sbin/nginx|' "$work/new.ini"
{
	record open allow /srv/y '"access":"read","exe":"/usr/sbin/nginx"' | sed 's/"uid":0/"uid":33/'
	record open allow /srv/y '"access":"read","exe":"/usr/sbin/nginx"'
	record open allow /srv/y '"access":"read","exe":"/usr/sbin/nginx","profile":"web"'
} >"$work/profiled.json"
replay "$work/profiled.json"
has out "$out" '3 decisions: 2 unchanged, 1 newly denied, 0 newly recorded, 0 newly allowed, 0 not judged
  1  were judged as of no profile, though the policy would put the program into one'
replay --json "$work/profiled.json"
has out "$out" '"newly_profiled": 1'

claim 'special objects are asked as their hooks ask them'
{
	record exec allow jit:
	record exec allow anon:
	record open allow anon: '"access":"write","operation":"receive","profile":"web"'
	record connect allow family:netlink '"operation":"send"'
	record system allow mount
	record connect allow unix:@x
} >"$work/special.json"
replay --json "$work/special.json"
is_code 1
is json "$(python3 -c 'import json, sys
d = json.load(sys.stdin)
print(d["decisions"], d["unchanged"], *(c["hook"] + " " + c["object"] + " " + c["now"] + " " + c["now_rule"] for c in d["changes"]))' <<<"$out")" \
	'6 4 connect unix:@x deny default exec jit: deny new.ini:14'

claim 'the exact bytes are asked, and shown without harm'
record open allow '/srv/secret/\u001b[2J?' '"access":"read","object_hex":"2f7372762f7365637265742f1b5b324aff"' >"$work/hex.json"
replay "$work/hex.json"
is_code 1
has out "$out" 'open /srv/secret/\\x1b\[2J\\xff (read)'
replay --json "$work/hex.json"
has out "$out" '"object_hex": "2f7372762f7365637265742f1b5b324aff"'

claim 'what can not be judged is counted by its reason'
{
	record open deny /srv/secret '"access":"read","object_cut":true'
	record open deny unresolved: '"access":"read"'
	record open deny /d '"access":"write","rule":"tree"' | sed 's/"rule":"default",//'
	record system deny ptrace '"rule":"family"' | sed 's/"rule":"default",//'
	record open deny /d '"access":"read","profile":"wbe"'
	record open deny /d '"access":"none"'
	record opn deny /d
	record open maybe /d '"access":"read"'
	record connect deny kind:77
	record connect allow '10.9.1.1 raw'
	record connect deny '10.1.1.1 raw'
	echo '{"hook":"open"}'
	echo '["open"]'
	echo '{"time":"2026-'
	printf '{}\0{}\n'
	record open deny /d '"access":"read","object_hex":"2"'
} >"$work/odd.json"
replay "$work/odd.json"
is_code 0
has out "$out" '16 decisions: 0 unchanged, 0 newly denied, 0 newly recorded, 1 newly allowed, 15 not judged'
while read -r line; do
	has out "$out" "$line"
done <<'REASONS'
1  its object is cut in the record (object_cut), first at odd.json:1
1  its name could not be told (unresolved:), first at odd.json:2
1  it is about all that lies below a folder that was moved (tree), first at odd.json:3
1  a family was kept from what is outside it, by no rule (family), first at odd.json:4
1  its profile is not in the policy, first at odd.json:5
1  it does not say reading or writing, first at odd.json:6
1  its hook is unknown, first at odd.json:7
1  its verdict is unknown, first at odd.json:8
1  its object is unknown, first at odd.json:9
1  it does not say a raw socket's protocol, and the policy asks for it, first at odd.json:10
1  it has no time, first at odd.json:12
2  it is no JSON object, first at odd.json:13
1  it holds a NUL byte, first at odd.json:15
1  its object_hex is not in hexadecimal, first at odd.json:16
REASONS

claim 'wrong input is told'
ctl replay "$work/same.json"
is_code 1
is err "$err" 'policyctl: replay needs --policy FILE: the policy to ask'
ctl replay --policy "$work/new.ini"
is_code 1
is err "$err" 'policyctl: too few arguments for replay; usage: policyctl replay --policy FILE [--root DIR] [--json] LOG…'
replay "$work/none.json"
is_code 1
is err "$err" 'policyctl: cannot read none.json: No such file or directory'
replay "$work"
is_code 1
has err "$err" 'Is a directory'
broken_policy
ctl replay --policy "$work/policy.ini" "$work/same.json"
is_code 1
has err "$err" "$work/policy.ini:4: error: unknown key 'alow'"
is out "$out" ''
reset_files
