# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# 38-report.sh - report: what is on its page, that nothing in it runs, and that it is written as a whole.

# decision SEQ TIME HOOK VERDICT VERB LINE PROGRAM OBJECT [MORE]
decision()
{
	printf '{"time":"2026-01-0%s.5Z","seq":%d,"hook":"%s","verdict":"%s","verb":"%s","rule":"/p/told.ini:%s","exe":%s,"object":%s,"access":"read","pid":7,"uid":33,"comm":"c"%s}\n' \
		"$2" "$1" "$3" "$4" "$5" "$6" "$7" "$8" "${9:-}"
}

{
	decision 11 1T10:00:00 open audit deny 9 '"/usr/sbin/nginx"' '"/srv/secret"' ',"profile":"web","repeats":41'
	decision 12 1T10:00:01 open audit deny 9 '"/usr/sbin/nginx"' '"/srv/secret"' ',"profile":"web"'
	decision 13 1T10:00:02 open audit audit 12 '"/usr/bin/cat"' '"/srv/watched"'
	decision 17 2T10:00:00 connect deny never 13 '"/usr/bin/ssh"' '"10.9.9.9 port 22 tcp"'
	decision 18 2T11:00:00 open allow allow 14 '"/usr/bin/ssh"' '"/etc/hosts"'
	decision 1 3T10:00:00 exec deny deny 15 '"/usr/bin/dash"' '"anon:"'
	decision 2 3T10:00:01 exec audit deny 15 '""' '"anon:"'
} >"$work/day.log"

# report ARGUMENT...: what its page holds, in $page.
report()
{
	TZ=UTC ctl report --html "$work/page.html" "$@"
	page=$(python3 "$here/page.py" "$work/page.html" 2>&1) || fail 'the page is not as it must be' "$page"
}

claim 'report needs a file'
ctl report "$work/day.log"
is_code 1
is err "$err" 'policyctl: report needs --html FILE'

claim 'a report has its span, sums, tables and holes'
report "$work/day.log"
is_code 0
is err "$err" ''
is page "$(sed '/^p Made/d' <<<"$page")" "\
p From 2026-01-01 10:00:00 to 2026-01-03 10:00:01 (UTC)
decisions recorded | 47
denied | 2
would be denied | 43
passed, but audited | 1
allowed | 1
records missing | 3
h2 Over time
p Decisions by verdict; a bar is 1 hour.
h2 What enforce mode would have broken
p Decisions that passed only because the policy, or a part of it, is in audit mode.
42 | /usr/sbin/nginx as web | /srv/secret open read | told.ini:9 deny | 2026-01-01 10:00:01
1 | c | anon: exec read | told.ini:15 deny | 2026-01-03 10:00:01
h2 What was denied
p Decisions that were enforced.
1 | /usr/bin/ssh | 10.9.9.9 port 22 tcp connect read | told.ini:13 never | 2026-01-02 10:00:00
1 | /usr/bin/dash | anon: exec read | told.ini:15 deny | 2026-01-03 10:00:00
h2 By program
/usr/sbin/nginx | 0 | 42 | 0 | 42
/usr/bin/ssh | 1 | 0 | 1 | 2
/usr/bin/cat | 0 | 1 | 0 | 1
/usr/bin/dash | 1 | 0 | 0 | 1
c | 0 | 1 | 0 | 1
h2 By rule
told.ini:9 open: deny | 0 | 42 | 0 | 42
told.ini:15 exec: deny | 1 | 1 | 0 | 2
told.ini:13 connect: never | 1 | 0 | 0 | 1
told.ini:12 open: audit | 0 | 1 | 0 | 1
told.ini:14 open: allow | 0 | 0 | 1 | 1
h2 By object
/srv/secret open read | 0 | 42 | 0 | 42
anon: exec read | 1 | 1 | 0 | 2
10.9.9.9 port 22 tcp connect read | 1 | 0 | 0 | 1
/etc/hosts open read | 0 | 0 | 1 | 1
/srv/watched open read | 0 | 1 | 0 | 1
h2 Losses
p The numbers of the records have holes: 3 are missing, at 1 place.
$work/day.log | 2026-01-01 10:00:02 | 2026-01-02 10:00:00 | 3"

claim 'only its owner can read it, and nothing else is left behind'
is mode "$(stat -c %a "$work/page.html")" 600
is files "$(cd "$work" && echo page.html*)" page.html

claim 'a report keeps to filters and span, and says so'
report --hook open --since 2026-01-02 --until 2026-01-03 "$work/day.log"
is_code 0
has page "$page" 'p From 2026-01-02 00:00:00 to 2026-01-03 00:00:00 (UTC)'
has page "$page" 'p Only --hook open --since 2026-01-02 --until 2026-01-03'
has page "$page" 'decisions recorded | 1
denied | 0'
# What other hooks recorded is no hole.
has page "$page" 'p None: the numbers of the records follow each other.'
report --object /nothing "$work/day.log"
is_code 0
is err "$err" 'policyctl: no record is like that; the page says so'
has page "$page" 'decisions recorded | 0'

claim 'more different objects than are counted are told, with the error'
python3 -c 'for i in range(20000):
    print("""{"time":"2026-01-01T00:00:00Z","hook":"open","verdict":"deny","object":"/x/%d"}""" % (i if i % 4 else 0))' >"$work/many.log"
report "$work/many.log"
is_code 0
has page "$page" 'p The first 100, of more than could all be counted: each may have come up to '
has page "$page" 'h2 By object
/x/0 open | 5,000 | 0 | 0 | 5,000'

claim 'rules are told in their own words if the policy has them'
printf '[policy]\nversion = 1\n\n\n\n\n\n[open]\ndeny = /srv/secret\n' >"$work/told.ini"
report --policy "$work/told.ini" "$work/day.log"
has page "$page" 'told.ini:9 deny = /srv/secret | 2026-01-01 10:00:01'
has page "$page" 'told.ini:9 open: deny = /srv/secret | 0 | 42 | 0 | 42'
report --policy "$work/none.ini" "$work/day.log"
is_code 1

claim 'a wrong filter is told, and nothing is written'
rm "$work/page.html"
ctl report --html "$work/page.html" --hook opne "$work/day.log"
is_code 1
is err "$err" "policyctl: unknown hook 'opne'; did you mean 'open'?"
is file "$(cd "$work" && compgen -G 'page.html*')" ''

claim 'of logs that are not whole there is a page that says so'
{
	cat "$work/day.log"
	echo '{"time":'
} >"$work/part.log"
report "$work/part.log"
is_code 1
has err "$err" 'policyctl: 1 line is no record'
has page "$page" 'part.log. Not all of it could be read.'
ctl report --html "$work/none.html" "$work/none.log"
is_code 1
is file "$(cd "$work" && compgen -G 'none.html*')" ''

claim 'what was there stays until the new page is whole'
echo old >"$work/page.html"
# shellcheck disable=SC2016
run bash -c 'trap "" XFSZ; ulimit -f 4; exec "$@"' - "$bin/policyctl" report --html "$work/page.html" "$work/day.log"
is_code 1
is err "$err" "policyctl: cannot write $work/page.html: File too large"
is page "$(<"$work/page.html")" old
is files "$(cd "$work" && echo page.html*)" page.html
ctl report --html "$work/none/page.html" "$work/day.log"
is_code 1
is err "$err" "policyctl: cannot write $work/none/page.html: No such file or directory"

claim 'a device is not replaced'
mknod "$work/null" c 1 3
ctl report --html "$work/null" "$work/day.log"
is_code 1
is err "$err" "policyctl: cannot write $work/null: it is no regular file; - is stdout"
if [[ -c $work/null ]]; then pass; else fail 'it is gone'; fi
run bash -c '"$1" report --html - "$2" >/dev/full' - "$bin/policyctl" "$work/day.log"
is_code 1

claim 'names are text, whatever is in them'
hostile=('<script>document.title = "owned"</script>' '"><img src=x onerror="document.title = 1">' "' onload='x" \
	'</td></table></style></title></svg><script>document.title = "owned"</script>' '<!--' '&lt;&#60;' ']]>' \
	$'\u202egpj.exe' $'\u2066x\u2028y' $'\x1b]0;x\x07' 'javascript:alert(1)' $'\t\n')
quoted()
{
	python3 -c 'import json, sys; print(json.dumps(sys.argv[1]))' "$1"
}
for name in "${hostile[@]}"; do
	decision 0 1T10:00:00 open audit deny 9 "$(quoted "/bin/$name")" "$(quoted "/srv/$name")" ",\"profile\":$(quoted "$name")"
	decision 0 1T10:00:00 open deny deny 9 "$(quoted "$name")" '"/srv/x\ufffd"' ',"object_hex":"2f7372762f78ff3c623e"'
done >"$work/hostile.log"
sed -i "s,/p/told.ini:9,<script>x</script>'\\\\\"&," "$work/hostile.log"
report "$work/hostile.log"
is_code 0
has page "$page" '/srv/<script>document.title = "owned"</script> open read'
has page "$page" '/srv/&lt;&#60; open read'
has page "$page" '/srv/\\xe2\\x80\\xaegpj.exe open read'
has page "$page" '/srv/x\\xff<b> open read'
has page "$page" 'as "><img src=x onerror="document.title = 1">'
report --rule "<script>x</script>'" "$work/hostile.log"
has page "$page" "p Only --rule <script>x</script>'"
cp "$work/hostile.log" "$work/<b>.log"
report "$work/<b>.log"
has page "$page" '/<b>.log'

# browse FILE: the page after a browser has shown it, in $dom; what its console said, in $console.
browse()
{
	dom=$(timeout 120 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$work/chromium" --enable-logging=stderr \
		--virtual-time-budget=2000 --dump-dom "file://$1" 2>"$work/err")
	console=$(grep CONSOLE "$work/err")
}

claim 'a browser shows it without a word, and runs nothing that is in it'
report "$work/hostile.log"
browse "$work/page.html"
is console "$console" ''
has dom "$dom" '<title>Portcullis: decisions</title>'
has dom "$dom" '<h2>Losses</h2>'
is scripts "$(grep -ciE '<script|<img' <<<"$dom")" 0

claim 'even a script that got into the page would not run'
sed 's,<main>,&<script>document.title = "owned"</script>,' "$work/page.html" >"$work/planted.html"
browse "$work/planted.html"
has dom "$dom" '<title>Portcullis: decisions</title>'
has console "$console" 'violates the following Content Security Policy'
sed '/Content-Security-Policy/d' "$work/planted.html" >"$work/unguarded.html"
browse "$work/unguarded.html"
has 'the dom of the control' "$dom" '<title>owned</title>'

claim 'without logs a report is of what the daemon holds'
reset_files
start_daemon --log "$work/log"
ask '7 times open read /srv/secret' 'open read /srv/watched/x'
wait_for logged 8
report
is_code 0
is err "$err" 'policyctl: this is of the last 1024 records at most; a report of more names decision logs'
has page "$page" 'policyctl * of the records that the daemon held.'
has page "$page" '7 | /usr/bin/fake | /srv/secret open read | policy.ini:7 deny.read = /srv/secret'
stop_daemon
rm "$work/page.html"
ctl report --html "$work/page.html"
is_code 2
is file "$(cd "$work" && compgen -G 'page.html*')" ''
