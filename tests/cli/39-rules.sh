# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# 39-rules.sh - how often rules decided: shown, chosen, carried over reloads, told to Prometheus.

# rows [KEY...]: of each rule in $out, which is JSON.
rows()
{
	python3 -c '
import json, sys
for rule in json.load(sys.stdin)["rules"]:
    print(*[str(rule.get(key, "-")).rpartition("/")[2] if key == "rule" else rule.get(key, "-") for key in sys.argv[1:]])' "$@" <<<"$out"
}

# head KEY: of what stands before the rules.
head_of()
{
	python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1" <<<"$out"
}

rules_are()
{
	ctl rules --json
	[[ $(rows rule hits) == "$1" ]]
}

claim 'without a daemon rules says so'
reset_files
ctl rules
is_code 2
is err "$err" "policyctl: cannot reach the daemon at $socket: No such file or directory; is portcullisd running?"

claim 'every rule is there, in the order of the policy; what chooses a profile is none'
cat >>"$work/policy.ini" <<'POLICY'
[profile web]
exe = /usr/sbin/nginx
[open web]
allow = $pages
[list pages]
item = /var/www/a
item = /var/www/b
POLICY
start_daemon --log "$work/log"
ctl rules
is_code 0
is lines "$(wc -l <<<"$out")" 12
is never "$(grep -c '  0 never  ' <<<"$out")" 11
# Off a terminal nothing is cut; times are 19 columns.
is text "$(sed -n '1p; 2p; $p' <<<"$out" | sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}/2026-01-31 08:00:00/')" "\
      HITS LAST HIT            SINCE               RULE          SECTION    TEXT
         0 never               2026-01-31 08:00:00 policy.ini:13 [exec]     deny = anon:
         0 never               2026-01-31 08:00:00 policy.ini:26 [open web] allow = /var/www/b"
is err "$err" ''

claim 'decisions are hits of their rules, recorded or not'
ask '3 times open read /srv/secret' '2 times open read /srv/other' 'connect read 10.1.2.3 port 22 tcp' 'exec read anon:' \
	'5 times open read /etc/passwd'
wait_for rules_are 'policy.ini:13 1
policy.ini:14 0
policy.ini:15 0
policy.ini:7 3
policy.ini:8 0
policy.ini:9 0
policy.ini:10 2
policy.ini:18 0
policy.ini:19 1
policy.ini:26 0
policy.ini:26 0'
is_code 0
is policy "$(head_of policy)" "$work/policy.ini"
is profiles "$(head_of profiles)" "['web']"
is generation "$(head_of generation)" "$(ctl status --json; head_of policy | sed -E "s/.*'generation': '([0-9a-f]+)'.*/\\1/")"
ctl rules --json
is kinds "$(rows rule hook profile text | sed -n '1p; 4p; $p')" "\
policy.ini:13 exec - deny = anon:
policy.ini:7 open - deny.read = /srv/secret
policy.ini:26 open web allow = /var/www/b"
is times "$(python3 -c '
import datetime, json, sys
now = datetime.datetime.now(datetime.timezone.utc)
at = lambda text: datetime.datetime.fromisoformat(text[:19] + "+00:00")
for rule in json.load(sys.stdin)["rules"]:
    assert 0 <= (now - at(rule["since"])).total_seconds() < 60, rule
    assert ("last" in rule) == (rule["hits"] > 0), rule
    assert "last" not in rule or 0 <= (now - at(rule["last"])).total_seconds() < 60, rule
print("right")' <<<"$out")" right

claim 'the busiest come first if they are asked for'
ctl rules --top 2 --json
is rows "$(rows rule hits)" $'policy.ini:7 3\npolicy.ini:10 2'
ctl rules --top 1
has out "$out" '         3 20*policy.ini:7 *deny.read = /srv/secret'
is lines "$(wc -l <<<"$out")" 2

claim 'those without a hit are shown with how long they have been watched'
ctl rules --unused
is_code 0
is first "$(head -n 1 <<<"$out")" 'WATCHED      RULE          SECTION    TEXT'
is lines "$(wc -l <<<"$out")" 8
hasnt out "$out" 'policy.ini:7 '
has out "$out" ' s  *policy.ini:8  \[open\]     never.write = /srv/fixed'

claim 'they are chosen by profile, hook and time'
ctl rules --profile web --json
is rows "$(rows text)" $'allow = /var/www/a\nallow = /var/www/b'
ctl rules --hook connect --json
is rows "$(rows text)" $'deny = 10.0.0.0/8 port 22 tcp\nallow = 10.1.2.3 port 22'
ctl rules --since 1h --json
is rows "$(rows rule)" $'policy.ini:13\npolicy.ini:7\npolicy.ini:10\npolicy.ini:19'
ctl rules --unused --since 1h
is_code 0
is out "$out" ''
is err "$err" 'policyctl: 7 without a hit are left out: they have not been there for so long'
sleep 1.1
ctl rules --unused --since 1s
is lines "$(wc -l <<<"$out")" 12
has out "$out" 'WATCHED *HITS LAST HIT * RULE'

claim 'on a terminal nothing is wider than it, and what was never hit is faint'
for columns in 80 119 120 200; do
	on_terminal "$columns" "$bin/policyctl" --socket "$socket" rules
	has out "$out" $'\x1b\[2m         0 never '
	# shellcheck disable=SC2001
	is 'fits' "$(($(sed 's/\x1b\[[0-9]*m//g' <<<"$out" | wc -L) <= columns))" 1
	is 'since' "$(head -n 1 <<<"$out" | grep -c SINCE)" $((columns >= 120))
done

claim 'what is wrong is told, and nothing is asked'
ctl rules --profile wob
is_code 1
is err "$err" "policyctl: the policy has no profile 'wob'; did you mean 'web'?"
is out "$out" ''
ctl rules --top none
is_code 1
is err "$err" "policyctl: 'none' is not a number of rules"
ctl rules --top 0
is_code 1
ctl rules --unused --top 3
is_code 1
is err "$err" 'policyctl: --unused and --top exclude each other: what is not hit has no order'
ctl rules --since yesterday
is_code 1
has err "$err" "'yesterday' is no time"
ctl rules --hook opne
is_code 1
has err "$err" "unknown hook 'opne'; did you mean 'open'?"
ctl rules --verdict deny
is_code 1
has err "$err" 'policyctl: rules takes no --verdict'
ctl rules all
is_code 1
has err "$err" 'policyctl: too many arguments for rules'

claim 'a reload keeps the hits of what stays, wherever it stands'
sed -i '6i# A line more.' "$work/policy.ini"
sed -i 's,^audit = /srv/watched.*,audit = /srv/seen/**,; s,^allow = /srv/\*\*,deny = /srv/**,' "$work/policy.ini"
ctl reload
is_code 0
ctl rules --hook open --json
is rows "$(rows rule hits text | head -n 4)" "\
policy.ini:8 3 deny.read = /srv/secret
policy.ini:9 0 never.write = /srv/fixed
policy.ini:10 0 audit = /srv/seen/**
policy.ini:11 0 deny = /srv/**"
is 'times of those that stay' "$(rows since | sort -u | wc -l)" 2
ask '2 times open read /srv/secret'
ctl reload
wait_for rules_are 'policy.ini:14 1
policy.ini:15 0
policy.ini:16 0
policy.ini:8 5
policy.ini:9 0
policy.ini:10 0
policy.ini:11 0
policy.ini:19 0
policy.ini:20 1
policy.ini:27 0
policy.ini:27 0'

claim 'a rule may move to another file'
mkdir "$work/policy.d"
printf '[open]\ndeny.read = /srv/secret\n' >"$work/policy.d/10-more.ini"
sed -i '/^deny.read = /d' "$work/policy.ini"
ctl reload
is_code 0
ctl rules --top 1 --json
is row "$(rows rule hits text)" '10-more.ini:2 5 deny.read = /srv/secret'

claim 'a reload that is refused changes no count'
cp "$work/policy.ini" "$work/policy.good"
broken_policy
ctl reload
is_code 1
cp "$work/policy.good" "$work/policy.ini"
ctl rules --top 1 --json
is rows "$(rows hits)" 5

claim 'a kernel that does not tell is no kernel without hits'
: >"$PORTCULLIS_FAKE/hits"
ctl rules
is_code 2
is out "$out" ''
is err "$err" 'error: the kernel does not tell how often rules decided: Input/output error'
ctl reload
is_code 0
has daemon "$(<"$work/daemon.err")" 'the hits of all rules are counted anew: those of the policy before are lost: Input/output error'
rm "$PORTCULLIS_FAKE/hits"
ctl rules --since 1h
is_code 0
is err "$err" 'policyctl: no rule is like that'

claim 'a policy without rules has none to show'
printf '[policy]\nversion = 1\n' >"$work/policy.ini"
rm "$work/policy.d/10-more.ini"
ctl reload
ctl rules
is_code 0
is out "$out" ''
is err "$err" 'policyctl: no rule is like that'
ctl rules --json
is_code 0
is rows "$(rows rule)" ''
stop_daemon
is_code 0

claim 'a hundred thousand rules are told while records go on'
{
	printf '[policy]\nversion = 1\nmode = enforce\n[open]\n'
	seq -f 'deny = /srv/f%.0f' 100000
} >"$work/policy.ini"
start_daemon --log "$work/log"
ask '1000 times open read /srv/f77777'
wait_for logged 1000
"$bin/policyctl" --socket "$socket" rules --json >"$work/rules.json" &
teller=$!
ask '1000 times open read /srv/f88888'
wait_for logged 2000
wait "$teller"
is_code 0
is rules "$(python3 -c '
import json, sys
rules = json.load(open(sys.argv[1]))["rules"]
print(len(rules), rules[77776]["text"], rules[77776]["hits"], rules[-1]["rule"].rpartition("/")[2])' "$work/rules.json")" \
	'100000 deny = /srv/f77777 1000 policy.ini:100004'
sed -i '4i# A line more.' "$work/policy.ini"
ctl reload
is_code 0
ctl rules --top 3
is places "$(awk 'NR > 1 { print $1, $NF }' <<<"$out")" $'1000 /srv/f77777\n1000 /srv/f88888\n0 /srv/f1'
stop_daemon
is_code 0
