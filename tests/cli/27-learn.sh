# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# 27-learn.sh - learn: from logs to rules, and what must not slip in.

# fresh_policy [LINE…]: everything is denied by default, in audit mode; the lines stand behind [open]'s default.
fresh_policy()
{
	rm -rf "$work/learn"
	mkdir "$work/learn"
	{
		printf '[policy]\nversion = 1\n[exec]\ndefault = deny\n[connect]\ndefault = deny\n[system]\ndefault = deny\n'
		printf '[open]\ndefault = deny\n'
		[[ $# -eq 0 ]] || printf '%s\n' "$@"
	} >"$work/learn/policy.ini"
}

learn()
{
	ctl learn --policy "$work/learn/policy.ini" "$@"
	out=${out//"$work/"/}
	err=${err//"$work/"/}
}

# take: what was learned last becomes part of the policy.
take()
{
	mkdir -p "$work/learn/policy.d"
	cp "$work/out" "$work/learn/policy.d/90-learned.ini"
}

# rules: the lines that are rules, without comments and section names.
rules()
{
	grep -vE '^(;|\[|$)' "$work/out"
}

# seen HOOK OBJECT [ACCESS [FIELDS]]: one record.
seen()
{
	printf '{"time":"2026-11-21T10:00:00.000000001Z","hook":"%s","verdict":"audit","object":"%s","rule":"default","verb":"deny","comm":"tool","uid":7%s%s}\n' \
		"$1" "$2" "${3:+,\"access\":\"$3\"}" "${4:+,$4}"
}

# seen_each FORMAT HOOK [ACCESS]: the object with each of eight letters.
seen_each()
{
	local letter

	for letter in a b c d e f g h; do
		# shellcheck disable=SC2059
		seen "$2" "$(printf "$1" "$letter")" "${3-}"
	done
}

# ---- Normal work, and attacks on what was learned from it. ----

# Each must be refused by every policy that was learned from normal work.
attacks=(
	'open /etc/shadow read' 'open /etc/gshadow read' 'open /etc/shadow- read' 'open /etc/shadow write'
	'open /root/.ssh/id_rsa read' 'open /root/.ssh/id_ed25519 read' 'open /root/.bashrc read' 'open /root/.bash_history read'
	'open /home/carol/notes.txt read' 'open /home/alice/notes.txt read' 'open /home/alice/.ssh/id_rsa read'
	'open /home/alice/.ssh/authorized_keys write' 'open /home/carol/.ssh/authorized_keys read'
	'open /home/alice/.bashrc write' 'open /home/bob/.profile write' 'open /home/alice/.aws/credentials read'
	'open /etc/cron.d/evil write' 'open /etc/crontab write' 'open /etc/ld.so.preload write' 'open /etc/ld.so.cache write'
	'open /etc/passwd write' 'open /etc/sudoers read' 'open /etc/pam.d/sshd write' 'open /etc/systemd/system/evil.service write'
	'open /etc/ssl/private/other.key read' 'open /etc/ssh/ssh_host_ecdsa_key read' 'open /proc/1/environ read'
	'open /proc/1/mem write' 'open /proc/kcore read' 'open /proc/sys/kernel/core_pattern write' 'open /dev/sda read'
	'open /dev/mem read' 'open /var/www/html/shell.php write' 'open /var/www/html/.env read' 'open /var/www/html/index.html write'
	'open /usr/lib/x86_64-linux-gnu/libc.so.6 write' 'open /usr/bin/ls write' 'open /boot/vmlinuz write'
	'exec /tmp/x' 'exec /tmp/ccAbC123' 'exec /dev/shm/x' 'exec /dev/shm/PostgreSQL.1' 'exec /var/tmp/x' 'exec anon:'
	'exec /usr/bin/nc.openbsd' 'exec /usr/bin/curl' 'exec /usr/bin/python3.11' 'exec foreign:/usr/bin/dash' 'exec userns:'
	'exec /home/alice/x' 'exec /var/www/html/x' 'exec /srv/build/hello-2.10/src/x.o' 'exec /var/lib/postgresql/15/main/x'
	'connect 169.254.169.254 port 80 tcp' 'connect 192.0.2.80 port 22 tcp' 'connect 10.20.30.11 port 22 tcp'
	'connect 10.20.31.11 port 8443 tcp' 'connect 127.0.0.1 port 5432 tcp' 'connect 198.51.100.7 port 443 tcp'
	'connect 127.0.0.53 port 53 tcp' 'connect 2001:db8::1 port 443 tcp' 'connect unix:/run/docker.sock'
	'connect unix:/run/dbus/system_bus_socket' 'connect unix:@/tmp/dbus-x' 'connect family:packet' 'connect 10.20.30.11 raw'
	'system mount' 'system ptrace' 'system module' 'system bpf' 'system userns' 'system kexec'
)

# A word of an attack is its object; an address has several.
attack_words()
{
	local attack=$1 access=''

	[[ $attack != open\ * ]] || access=${attack##* }
	attack=${attack% "$access"}
	words=("${attack%% *}" "${attack#* }")
	[[ -z $access ]] || words+=("$access")
}

# deny_attacks [as PROFILE]
deny_attacks()
{
	local attack words let_in=''

	for attack in "${attacks[@]}"; do
		attack_words "$attack"
		[[ $attack != *\ raw ]] || words[1]=${words[1]/ raw/ 47}
		ctl explain --policy "$work/learn/policy.ini" --root "$work" "${words[@]}" "$@"
		[[ $code -eq 1 && $out == deny* ]] || let_in+="$attack: $out$err"$'\n'
	done
	is "attacks let in" "$let_in" ''
}

for job in nginx sshd postgresql build; do
	claim "what is learned from the work of $job compiles, allows it, and lets no attack in"
	python3 "$here/work.py" "$job" >"$work/$job.json"
	fresh_policy
	learn "$work/$job.json"
	is_code 0
	is err "$err" ''
	is "more rules than a person reads" "$(($(rules | wc -l) > 60))" 0
	has out "$out" '1 time, 2026-11-21 08:00:00, by /usr/lib/systemd/systemd (uid 0)
allow = /usr/'
	first=$out
	learn "$work/$job.json"
	is 'the second time' "$out" "$first"
	take
	ctl check "$work/learn"
	is_code 0
	deny_attacks
	sed -i 's/^version = 1$/&\nmode = enforce/' "$work/learn/policy.ini"
	ctl replay --policy "$work/learn/policy.ini" --json "$work/$job.json"
	is 'what would still be denied is what needs a look' "$(python3 -c 'import json, sys
d = json.load(sys.stdin)
print(sorted({c["object"].rstrip("0123456789") for c in d["changes"] if c["now"] == "deny" and not c["object"].startswith("/tmp/cc")}))' <<<"$out")" \
		"$(case $job in
			nginx) echo "['/etc/ssl/private/site.key']" ;;
			sshd) printf '%s' "['/etc/shadow', '/etc/ssh/ssh_host_ed25519_key', '/etc/ssh/ssh_host_rsa_key', '/run/systemd/sessions/0.ref'" \
				"$(printf ", '/run/systemd/sessions/%s.ref'" 1 10 11 12 13 14 15 16 17 18 19 2 20 21 22 23 24 25 26 27 28 29 3 4 5 6 7 8 9)" \
				", 'unix:/run/dbus/system_bus_socket']" ;;
			postgresql) echo "['/dev/shm/PostgreSQL.']" ;;
			build) echo '[]' ;;
		esac)"
	learn "$work/$job.json"
	is_code 0
	is 'nothing is learned twice' "$(rules | wc -l)" 0
done

claim 'all of it together, of several hosts, still lets no attack in'
fresh_policy
learn "$work"/{nginx,sshd,postgresql,build}.json
is_code 0
take
deny_attacks

claim 'records of a profile become rules of the profile'
python3 "$here/work.py" nginx web >"$work/web.json"
fresh_policy
printf '[profile web]\nexe = /usr/sbin/nginx\n[open web]\ndefault = deny\n[profile other]\nuser = 7\n' >>"$work/learn/policy.ini"
learn --profile web "$work/web.json" "$work/sshd.json"
is_code 0
is sections "$(grep '^\[' "$work/out" | tr '\n' ' ')" '[exec web] [open web] [connect web] '
take
deny_attacks as web
deny_attacks

# ---- Which names share a rule. ----

claim 'names of one folder share a rule from eight on, in reading and in writing by themselves'
fresh_policy
{
	seen_each '/srv/x/n%s' open read
	seen_each '/srv/y/n%s.log' open write
	seen open /srv/y/na.log read
	seen open /srv/z read+write
	seen open /proc/4711/stat read
} >"$work/log.json"
learn "$work/log.json"
is_code 0
is rules "$(rules)" 'allow.read = /proc/[0-9]*/stat
allow.read = /srv/x/[!.]*
allow.write = /srv/y/*.log
allow.read = /srv/y/na.log
allow = /srv/z'
has out "$out" '; 8 times, 2026-11-21 10:00:00, by tool (uid 7)
allow.read = /srv/x/\[!.\]\*
'
has out "$out" '; 1 time, 2026-11-21 10:00:00, by tool (uid 7)
allow = /srv/z'

claim 'temporary names share a rule from two on, whatever their random part looks like'
fresh_policy
{
	seen open /var/tmp/ccodoKGy.o read
	seen open /var/tmp/cchapPmv.o read
	seen open /srv/x/ccodoKGy.o read
	seen open /srv/x/cchapPmv.o read
} >"$work/log.json"
learn "$work/log.json"
is_code 0
is rules "$(rules)" 'allow.read = /srv/x/cchapPmv.o
allow.read = /srv/x/ccodoKGy.o
allow.read = /var/tmp/cc??????.o'

claim 'what is renamed is learned for reading as well: by its new name it may be read'
fresh_policy
{
	seen open /srv/x/new write '"operation":"rename"'
	seen open /srv/x/old write '"operation":"rename"'
	seen open /srv/x/old read
	seen open /srv/x/made write '"operation":"create"'
} >"$work/log.json"
learn "$work/log.json"
is_code 0
is rules "$(rules)" 'allow.write = /srv/x/made
allow = /srv/x/new
allow = /srv/x/old'
seen_each '/srv/x/n%s' open read >"$work/log.json"
seen_each '/srv/y/n%s.log' open write >>"$work/log.json"
{
	seen open /srv/y/na.log read
	seen open /srv/z read+write
	seen open /proc/4711/stat read
} >>"$work/log.json"

claim 'a rule of the policy that names something in the folder keeps it from being one'
fresh_policy 'deny = /srv/x/secret'
learn "$work/log.json"
is_code 0
hasnt out "$out" 'allow.read = /srv/x/\[!.\]'
has out "$out" 'allow.read = /srv/x/nh'
fresh_policy 'never.read = /srv/x/deep/er/*'
learn "$work/log.json"
hasnt out "$out" 'allow.read = /srv/x/\[!.\]'
fresh_policy 'deny.write = /srv/x/secret'
learn "$work/log.json"
has out "$out" 'allow.read = /srv/x/\[!.\]\*'

claim 'a rule that floats keeps it only from what both match'
fresh_policy 'deny = /**/.git' 'deny = /**/*-key'
learn "$work/log.json"
is_code 0
hasnt out "$out" 'allow.read = /srv/x/\[!.\]'
has out "$out" 'allow.write = /srv/y/\*.log'

claim 'addresses of one network share a rule from eight on, ports never'
fresh_policy
{
	for i in 1 2 3 4 5 6 7 8; do
		seen connect "192.0.2.$i port 443 tcp"
		seen connect "2001:db8::$i port 443 tcp"
		seen connect "198.51.100.1 port 100$i tcp"
		[[ $i -eq 8 ]] || seen connect "203.0.113.$i port 443 tcp"
	done
} >"$work/net.json"
learn "$work/net.json"
is_code 0
is rules "$(rules | grep -v '203.0.113\|198.51.100')" 'allow = 192.0.2.0/24 port 443 tcp
allow = 2001:db8::/64 port 443 tcp'
is single "$(rules | wc -l)" 17
sed -i 's/^\[connect\]$/&\ndeny = 192.0.2.128\/25 port 1-1000/' "$work/learn/policy.ini"
learn "$work/net.json"
hasnt out "$out" 192.0.2.0/24
has out "$out" 'allow = 192.0.2.8 port 443 tcp'

# ---- What needs a look. ----

claim 'what a rule speaks against is a comment with that rule, and what never forbids is told'
fresh_policy 'deny = /srv/no/**' 'audit = /srv/odd' 'never = /srv/never'
{
	seen open /srv/no/a read
	seen open /srv/odd read
	seen open /srv/never write
} >"$work/log.json"
learn "$work/log.json"
is_code 0
is rules "$(rules)" ''
has out "$out" "; Left as it is: learn/policy.ini:13 'never = /srv/never' says so
;   1 time: open /srv/never (write)"
has out "$out" "; ---- Needs a look: learn/policy.ini:11 'deny = /srv/no/\*\*' says so ----
; 1 time, 2026-11-21 10:00:00, by tool (uid 7)
; allow.read = /srv/no/a"
has out "$out" "; ---- Needs a look: learn/policy.ini:12 'audit = /srv/odd' says so ----"

claim 'what was written to and run is a comment, and no rule about writing matches what runs'
fresh_policy
{
	seen exec /srv/up/shell
	seen open /srv/up/shell write
	seen_each '/srv/app/n%s' open write
	seen exec /srv/app/run
	seen_each '/srv/lib/lib%s.so' exec
	seen open /srv/lib/libz.so write
} >"$work/log.json"
learn "$work/log.json"
is_code 0
has out "$out" '
; ---- Needs a look: it was written to as well, and who writes it decides what runs ----
; 1 time, 2026-11-21 10:00:00, by tool (uid 7)
; allow = /srv/up/shell'
is rules "$(rules | grep -c '[*]')" 0
has out "$out" '
allow.write = /srv/app/na'
has out "$out" '
allow = /srv/lib/liba.so'
grep -v '"/srv/app/run"\|libz' "$work/log.json" >"$work/apart.json"
learn "$work/apart.json"
has out "$out" '
allow.write = /srv/app/\[!.\]\*'
has out "$out" '
allow = /srv/lib/\*.so'

claim 'programs in homes, and words of [system], are comments'
fresh_policy
{
	seen exec /home/alice/bin/tool
	seen exec /root/x
	seen exec /usr/bin/tool
	seen system mount
	seen connect '169.254.169.254 port 80 tcp'
	seen exec anon:
	seen open foreign:/x read
} >"$work/log.json"
learn "$work/log.json"
is_code 0
is rules "$(rules)" 'allow = /usr/bin/tool'
for line in 'allow = /home/alice/bin/tool' 'allow = /root/x' 'allow = mount' 'allow = anon:' \
	'allow = 169.254.169.254 port 80 tcp' 'allow.read = foreign:/x'; do
	has out "$out" "
; $line"
done

claim 'thousands of names in /tmp widen no more than /tmp, and writing and running there are comments'
fresh_policy
for i in {1..3000}; do
	printf '%s\n' "$((i * 7919))"
done | awk '{
	name = sprintf("/tmp/%c%x", 97 + $1 % 26, $1)
	printf "{\"time\":\"2026-11-21T10:00:00Z\",\"hook\":\"open\",\"verdict\":\"audit\",\"access\":\"read+write\",\"object\":\"%s\",\"comm\":\"evil\",\"uid\":1000}\n", name
	printf "{\"time\":\"2026-11-21T10:00:00Z\",\"hook\":\"exec\",\"verdict\":\"audit\",\"object\":\"%s\",\"comm\":\"evil\",\"uid\":1000}\n", name
}' >"$work/log.json"
learn "$work/log.json"
is_code 0
is rules "$(rules)" 'allow.read = /tmp/[!.]*'
has out "$out" "; ---- Needs a look: everybody may write there, so it is anybody's code ----
; 3000 times, 2026-11-21 10:00:00, by evil (uid 1000)
; allow = /tmp/\*
"
has out "$out" '; allow.write = /tmp/\*'
is 'lines in all' "$(($(wc -l <"$work/out") < 20))" 1

# ---- Poisoned names. ----

claim 'odd bytes come out as a rule for exactly that object'
fresh_policy
python3 - >"$work/log.json" <<'NAMES'
import json
names = [b"/srv/a\nallow = /**", b"/srv/b ; c", b"/srv/;", b"/srv/ lead", b"/srv/trail ", b"/srv/\"q'", b"/srv/*",
         b"/srv/?[a]{b,c}\\", b"/srv/\xff\xfe", b"/srv/$x", b"/srv/#y", b"/srv/=z", b"/srv/\xc2\x85", b"/srv/\t", b"/srv/\r",
         b"/srv/**/x", b"/srv/\\x41", b"/" + b"/".join([b"; y" * 70] * 6)]
names += [b"anon:\nallow = /**"]
for name in names:
    print(json.dumps({"time": "2026-11-21T10:00:00Z", "hook": "open", "verdict": "audit", "access": "read", "uid": 1,
                      "object": name.decode("utf-8", "replace"), "object_hex": name.hex(),
                      "exe": "/bin/x\n[open]\nallow = /**\n;", "rule": "default", "verb": "deny"}))
NAMES
learn "$work/log.json"
is_code 0
is err "$err" ''
is rules "$(rules | grep -v '^more = ' | cut -c 1-40 | LC_ALL=C sort)" "allow.read = \$learned-90-1
allow.read = /srv/\"q'
allow.read = /srv/#y
allow.read = /srv/\$x
allow.read = /srv/=z
allow.read = /srv/\\*
allow.read = /srv/\\*\\*/x
allow.read = /srv/\\;
allow.read = /srv/\\?\\[a\\]\\{b\\,c\\}\\\\
allow.read = /srv/\\\\x41
allow.read = /srv/\\x09
allow.read = /srv/\\x0d
allow.read = /srv/\\x20lead
allow.read = /srv/\\xc2\\x85
allow.read = /srv/\\xff\\xfe
allow.read = /srv/a\\x0aallow\\x20=\\x20/\\*
allow.read = /srv/b\\x20\\;\\x20c
allow.read = /srv/trail\\x20
allow.read = anon:
item = /\\;\\x20y\\;\\x20y\\;\\x20y\\;\\x20y\\;\\x"
take
ctl replay --policy "$work/learn/policy.ini" "$work/log.json"
has out "$out" '19 decisions: 0 unchanged, 0 newly denied, 0 newly recorded, 19 newly allowed'
for object in /srv/a /srv/b /srv/x /srv/lead /srv/A /etc/passwd; do
	ctl explain --policy "$work/learn/policy.ini" --root "$work" open "$object" read
	is_code 1
done

claim 'what the language can not name exactly is told'
fresh_policy
{
	seen open / read
	seen open /srv//x read
	seen open /srv/../etc/shadow read
	seen open "/srv/$(printf 'x%.0s' {1..300})" read
	seen connect unix:@
	seen connect '10.0.0.0/8 port 22 tcp'
	seen connect '10.0.0.1 port 1-99 tcp'
	seen connect 'any port 22 tcp'
	seen open /srv/cut read '"object_cut":true'
	seen open unresolved: read
	seen open /srv/x read '"profile":"gone"'
} >"$work/log.json"
learn "$work/log.json"
is_code 0
is rules "$(rules)" ''
has out "$out" '; Left as it is: no rule can name it and nothing else
;   1 time: open / (read)
;   1 time: open /srv/../etc/shadow (read)
;   1 time: open /srv//x (read)
;   1 time: open /srv/xxx'
has out "$out" ';   1 time: connect unix:@'
is err "$err" 'policyctl: 6 of 11 decisions could not be judged
  3  its object is unknown, first at log.json:6
  1  its object is cut in the record (object_cut), first at log.json:9
  1  its name could not be told (unresolved:), first at log.json:10
  1  its profile is not in the policy, first at log.json:11'

# ---- What is certain. ----

claim 'a proposal that breaks an expectation is not written'
fresh_policy
printf '[expect]\ndeny = open /srv/x read\n' >>"$work/learn/policy.ini"
seen open /srv/x read >"$work/log.json"
learn "$work/log.json"
is_code 1
is out "$out" ''
is err "$err" "policyctl: learn/policy.ini:12: 'deny = open /srv/x read' does not hold for reading: allow by learn/policy.d/90-learned.ini:7 'allow.read = /srv/x'
policyctl: the proposal does not hold, so nothing is written"

claim 'a widened rule that would allow what was skipped is not written'
fresh_policy
{
	seen open /srv/x/a read
	seen open /srv/x/b read
} >"$work/log.json"
run bash -c 'printf was | "$1" learn --interactive --policy "$2" "$3"' - "$bin/policyctl" "$work/learn/policy.ini" "$work/log.json"
run bash -c 'printf was | "$1" learn --interactive --policy "$2" "$3"' - "$bin/policyctl" "$work/learn/policy.ini" "$work/log.json"
is_code 1
is out "$out" ''
has err "$err" 'policyctl: open /srv/x/b (read) was not accepted, but would be allowed
policyctl: the proposal does not hold, so nothing is written'

# ---- Interactive. ----

# keys KEYS: learns with them.
keys()
{
	run bash -c 'printf "%s" "$4" | "$1" learn --interactive --policy "$2" "$3"' - "$bin/policyctl" \
		"$work/learn/policy.ini" "$work/log.json" "$1"
}

claim 'keys allow, deny, skip, widen and narrow'
fresh_policy
{
	seen open /srv/a/x read
	seen open /srv/b/x read
	seen open /srv/c/x read
	seen_each '/srv/d/n%s' open read
	seen_each '/srv/e/n%s' open read
	seen open /etc/shadow read
} >"$work/log.json"
keys 'ad swa na a'
is_code 0
is rules "$(rules)" 'allow.read = /srv/a/x
allow.read = /srv/d/**
allow.read = /srv/e/na
allow.read = /srv/e/nb
allow.read = /srv/e/nc
allow.read = /srv/e/nd
allow.read = /srv/e/ne
allow.read = /srv/e/nf
allow.read = /srv/e/ng
allow.read = /srv/e/nh
allow.read = /etc/shadow
deny.read = /srv/b/x'
has err "$err" '6 of 6  allow.read = /etc/shadow
      needs a look: secrets: keys, hashes of passwords and tokens lie there
      1 time, 2026-11-21 10:00:00, by tool (uid 7)'

claim 'undo takes back the last key, also a widening, and what is not decided is left out'
keys 'd u a a u s uuu s'
is_code 0
is rules "$(rules)" ''
keys 'aaawwu aq'
is rules "$(rules)" 'allow.read = /srv/a/x
allow.read = /srv/b/x
allow.read = /srv/c/x
allow.read = /srv/d/[!.]*'
has err "$err" 'no wider: a rule or a place that needs a look is in the way'
keys 'nzu'
has err "$err" 'no narrower: it is one object'
has err "$err" 'no such key'
has err "$err" 'nothing to undo'

claim 'who gives up writes nothing'
keys 'aax'
is_code 1
is out "$out" ''
has err "$err" 'policyctl: given up, nothing is written'

# ---- Which records, and how it is written. ----

claim '--since leaves out what was before'
fresh_policy
{
	seen open /srv/early read
	seen open /srv/late read | sed 's/T10:/T12:/'
} >"$work/log.json"
for since in 2026-11-21T11:00:00Z 2026-11-21T10:00:01Z; do
	learn --since "$since" "$work/log.json"
	is rules "$(rules)" 'allow.read = /srv/late'
done
learn --since 2026-11-21 "$work/log.json"
is rules "$(rules | wc -l)" 2
learn --since 1d "$work/log.json"
is_code 0
sed 's/"time":"[^"]*",//' "$work/log.json" >"$work/timeless.json"
learn --since 1d "$work/timeless.json"
has err "$err" '2  it has no time, first at timeless.json:1'
for since in yesterday 5x '' 2026-13-01 10; do
	learn --since "$since" "$work/log.json"
	is_code 1
	has err "$err" "policyctl: '$since' is no time: write how long ago, as 90s, 10m, 2h, 3d or 1w, or a date"
done

claim '--diff is a patch that makes the next drop-in'
seen open /srv/more read >"$work/more.json"
learn --diff "$work/log.json"
is_code 0
has out "$out" '--- /dev/null
+++ learn/policy.d/90-learned.ini
@@ -0,0 +1,9 @@
+; Learned by policyctl learn from 2 decisions'
(cd / && patch -s -p0 <"$work/out")
ctl check "$work/learn"
is_code 0
learn "$work/log.json"
is rules "$(rules)" ''
has out "$out" 'the policy allows 2 of them already'
learn --diff "$work/more.json"
has out "$out" '+++ learn/policy.d/91-learned.ini'

claim 'without a log the daemon is asked'
reset_files
ctl learn --policy "$work/policy.ini"
is_code 2
start_daemon
ask 'open read /srv/secret' 'open read /srv/watched/x' 'open write /srv/x'
ctl learn --policy "$work/policy.ini"
is_code 0
has out "$out" "'deny.read = /srv/secret' says so ----"
has out "$out" '; allow.read = /srv/watched/x'
stop_daemon

claim 'wrong input is told'
fresh_policy
learn "$work/none.json"
is_code 1
is err "$err" 'policyctl: cannot read none.json: No such file or directory'
learn --profile wbe "$work/log.json"
is_code 1
is err "$err" 'policyctl: there is no [profile wbe] in learn/policy.ini'
printf '[profile web]\nuser = 1\n' >>"$work/learn/policy.ini"
learn --profile wbe "$work/log.json"
is err "$err" "policyctl: there is no [profile wbe] in learn/policy.ini; did you mean 'web'?"
learn --interactive - </dev/null
is_code 1
is err "$err" "policyctl: --interactive reads keys from stdin, so no log can be '-'"
echo garbage >"$work/odd.json"
learn "$work/odd.json"
is_code 0
is err "$err" 'policyctl: 1 of 1 decisions could not be judged
  1  it is no JSON object, first at odd.json:1'
broken_policy
ctl learn --policy "$work/policy.ini" "$work/log.json"
is_code 1
has err "$err" "$work/policy.ini:4: error: unknown key 'alow'"
reset_files
