# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# 25-explain.sh - explain and print.

mkdir -p "$work/tree/etc"
ln -s ../run/real "$work/tree/etc/link"
cat >"$work/explain.ini" <<'POLICY'
[policy]
version = 1
[list secrets]
item = /etc/shadow
[open]
deny.read = $secrets
allow = /etc/**
never.write = /etc/passwd
audit = /run/real
[exec]
default = deny
allow.log = /usr/bin/*
[connect]
mode = enforce
deny = 10.0.0.0/8 port 22 tcp
allow = 10.1.2.3 port 22
audit = 127.0.0.1
allow = unix:@name
[system]
default = audit
deny.quiet = mount
never = $loaders
[list loaders]
item = module
item = kexec
POLICY

explain()
{
	ctl explain --policy "$work/explain.ini" --root "$work/tree" "$@"
	out=${out//"$work/"/}
	err=${err//"$work/"/}
}

claim 'a denial names rule, list item and what was beaten'
explain open /etc/shadow read
is_code 1
is out "$out" 'deny  open /etc/shadow (read)
  by    explain.ini:6  deny.read = /etc/shadow  (from explain.ini:4)
  mode  audit: it passes and is recorded as a would-be denial
  note  it is not there now
  beat  explain.ini:7  allow = /etc/**
        shorter fixed beginning'

claim 'without access both are asked and the stricter is named'
explain open /etc/shadow
is_code 1
has out "$out" 'deny  open /etc/shadow (read+write)'
explain open /etc/shadow write
is_code 0
has out "$out" 'allow  open /etc/shadow (write)
  by    explain.ini:7  allow = /etc/\*\*'

claim 'never is told as what outranks'
explain open /etc/passwd write
is_code 1
has out "$out" 'by    explain.ini:8  never.write = /etc/passwd'
has out "$out" 'never outranks everything'

claim 'links are followed, in the tree asked about'
explain open /etc/link read
is_code 0
has out "$out" 'audit  open /run/real (read)
  by    explain.ini:9  audit = /run/real'
has out "$out" 'from  /etc/link'

claim 'defaults are named with their line, or as none'
explain exec /opt/x
is_code 1
has out "$out" 'by    explain.ini:11  default = deny'
explain open /opt/x read
is_code 0
has out "$out" 'by    default: no rule speaks of it'

claim 'the mode of the section tells what happens'
explain connect '10.9.9.9 port 22 tcp'
is_code 1
is out "$out" 'deny  connect 10.9.9.9 port 22 tcp
  by    explain.ini:15  deny = 10.0.0.0/8 port 22 tcp
  mode  enforce: it is refused'
explain connect '10.1.2.3 port 22 tcp'
is_code 0
has out "$out" '  beat  explain.ini:15  deny = 10.0.0.0/8 port 22 tcp
        shorter prefix'

claim 'unspecified addresses are judged as where they lead'
explain connect '0.0.0.0 port 80 tcp'
is_code 0
has out "$out" 'by    explain.ini:17  audit = 127.0.0.1'
explain connect ':: port 80 tcp'
has out "$out" 'audit  connect :: port 80 tcp'
has out "$out" 'judged as ::1 and as 127.0.0.1, the stricter counts'

claim 'special objects and names are asked about as written'
explain exec anon:
is_code 1
has out "$out" 'deny  exec anon:'
explain connect unix:@name
is_code 0
has out "$out" 'by    explain.ini:18  allow = unix:@name'
explain connect family:netlink
is_code 0

claim 'words of [system] are asked about as written'
explain system mount
is_code 1
is out "$out" 'deny  system mount
  by    explain.ini:21  deny.quiet = mount
  mode  audit: it passes and is recorded as a would-be denial'
explain system kexec
is_code 1
has out "$out" 'by    explain.ini:22  never = kexec  (from explain.ini:25)'
explain system userns
is_code 0
is out "$out" 'audit  system userns
  by    explain.ini:20  default = audit
  mode  audit: it passes and is recorded as a would-be denial'
explain --json system mount
is_code 1
is json "$(python3 -c 'import json, sys
d = json.load(sys.stdin)
print(d["verdict"], d["hook"], "access" in d, d["object"], d["canonical"], d["rule"], d["text"], d["mode"], len(d["beaten"]))' <<<"$out")" \
	'deny system False mount mount explain.ini:21 deny.quiet = mount audit 0'
explain --json system userns
is_code 0
has out "$out" '"rule": "default"'

claim 'JSON tells the same'
explain --json open /etc/link read
is_code 0
is json "$(python3 -c 'import json, sys
d = json.load(sys.stdin)
print(d["verdict"], d["hook"], d["access"], d["object"], d["canonical"], d["rule"], d["text"], d["mode"], len(d["beaten"]))' <<<"$out")" \
	'audit open read /etc/link /run/real explain.ini:9 audit = /run/real audit 0'

claim 'wrong questions are told exactly'
while IFS='|' read -r words message; do
	# shellcheck disable=SC2086
	IFS=, read -ra list <<<"$words"
	explain "${list[@]}"
	is_code 1
	is err "$err" "policyctl: error: $message"
done <<'QUESTIONS'
opn,/x|unknown hook 'opn'; did you mean 'open'?
exec,/x,read|'read' is for open only
open,/x,raed|unknown access 'raed'; did you mean 'read'?
open,/a*|'/a*' has wildcards; name one object, '\' before a character that is meant as it is
connect,10.1.2.3|name one port: 'ADDRESS port 443 tcp'
connect,10.1.2.3 port 1-2|name one port: 'ADDRESS port 443 tcp'
connect,10.0.0.0/8 port 1|name one address, not a network
connect,any port 1|name one address, not a network
sytem,mount|unknown hook 'sytem'; did you mean 'system'?
system,moutn|'moutn' is no object of [system]; did you mean 'mount'?
system,mount,read|'read' is for open only
QUESTIONS

claim 'a policy that is wrong can not explain anything'
broken_policy
ctl explain --policy "$work/policy.ini" open /x
is_code 1
has err "$err" "$work/policy.ini:4: error: unknown key 'alow'"

claim 'print gives a policy that prints alike'
ctl print "$work/explain.ini"
is_code 0
has out "$out" 'deny.read = /etc/shadow'
has out "$out" '

\[system\]
default = audit
deny.quiet = mount
never = module
never = kexec'
printf '%s\n' "$out" >"$work/printed.ini"
first=$out
ctl print "$work/printed.ini"
is_code 0
is out "$out" "$first"
ctl print "$work/policy.ini"
is_code 1
has err "$err" "$work/policy.ini:4: error: "
is out "$out" ''

claim 'who names no policy is told which one was looked for'
if [[ ! -e /etc/portcullis/policy.ini ]]; then
	ctl explain open /x
	is_code 1
	has err "$err" 'policyctl: /etc/portcullis/policy.ini is the policy if no other is named by --policy FILE'
fi
