# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# 66-metrics.sh - metrics over HTTP: what they tell, who is served, and that bad clients harm nobody.

free_port()
{
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# fetch CURL-OPTION…: code and body of the answer.
fetch()
{
	run curl --silent --show-error --max-time 10 --write-out '%{http_code}' --output "$work/body" "$@"
}

# sample NAME{LABELS}: its value.
sample()
{
	grep -v '^#' "$work/body" | grep -F -- "$1 " | cut -d' ' -f2-
}

claim 'without [metrics] nobody listens, and no library is loaded for it'
reset_files
: >"$work/settings.conf"
start_daemon --config "$work/settings.conf"
is sockets "$(find "/proc/$daemon/fd" -lname 'socket:*' | wc -l)" 1
hasnt maps "$(<"/proc/$daemon/maps")" microhttpd
stop_daemon

claim 'without the library the start is refused, with the remedy'
printf '[metrics]\nlisten = 127.0.0.1:%s\n' "$(free_port)" >"$work/settings.conf"
library=$(ldconfig -p | sed -n 's/.*libmicrohttpd\.so\.12 .*=> //p' | head -n 1)
# shellcheck disable=SC2016 # for the inner shell
if unshare --mount true 2>/dev/null; then
	run unshare --mount --propagation private bash -c 'mount --bind /dev/null "$1" && shift && exec "$@"' - "$library" \
		"$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket" --config "$work/settings.conf"
	is_code 1
	has err "$err" 'portcullisd: \[metrics] needs libmicrohttpd: */libmicrohttpd.so.12: file too short; install the package libmicrohttpd12'
else
	echo "cli: not tested here, no mount namespace can be had: $name"
fi

claim 'an address that is taken refuses the start'
port=$(free_port)
: >"$work/taken"
python3 -c 'import socket, sys, time; s = socket.create_server(("127.0.0.1", int(sys.argv[1]))); print("up", flush=True); time.sleep(600)' \
	"$port" >"$work/taken" &
taker=$!
wait_for grep -q up "$work/taken"
printf '[metrics]\nlisten = 127.0.0.1:%s\n' "$port" >"$work/settings.conf"
run "$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket" --config "$work/settings.conf"
is_code 1
is err "$err" "portcullisd: cannot listen on 127.0.0.1:$port for [metrics]: Address already in use"
kill "$taker"
wait "$taker" 2>/dev/null

claim 'metrics tell what status tells'
start_daemon --config "$work/settings.conf" --log "$work/log"
ask '3 times open read /srv/secret' 'open read /srv/watched/x' 'open read /srv/other' 'connect read 10.9.9.9 port 22 tcp'
wait_for logged 5
broken_policy
ctl reload
is_code 1
ctl mode audit
fetch "http://127.0.0.1:$port/metrics"
is code "$out" 200
is denied "$(sample 'portcullis_decisions_total{hook="open",verdict="deny"}')" 3
is allowed "$(sample 'portcullis_decisions_total{hook="open",verdict="allow"}')" 1
is logged "$(sample 'portcullis_decision_fates_total{fate="logged",hook="open",verdict="deny"}')" 3
is unlogged "$(sample 'portcullis_decision_fates_total{fate="unlogged",hook="open",verdict="allow"}')" 1
is connects "$(sample 'portcullis_decisions_total{hook="connect",verdict="deny"}')" 1
is taken "$(sample portcullis_records_taken_total)" 5
is written "$(sample 'portcullis_output_written_total{output="file"}')" 5
is lost "$(sample 'portcullis_output_lost_total{output="file"}')" 0
is effective "$(sample 'portcullis_mode_effective{hook="open",mode="audit"}')" 1
is asked "$(sample 'portcullis_mode_asked{hook="open",mode="enforce"}')" 1
is forced "$(sample portcullis_audit_forced)" 1
is sound "$(sample portcullis_sound)" 0
is refused "$(sample 'portcullis_reloads_total{result="refused"}')" 1
is loaded "$(sample portcullis_last_load_successful)" 0
is start "$(($(date +%s) - $(sample process_start_time_seconds | cut -d. -f1) < 60))" 1
is hits "$(sample 'portcullis_rule_hits_total{file="'"$work"'/policy.ini",line="7",section="open"}')" 3
is 'lines that were hit' "$(grep -c '^portcullis_rule_hits_total' "$work/body")" 4
has name "$(grep '^portcullis_policy_info' "$work/body")" '{name="test",generation="'
cp "$work/body" "$work/metrics"
sed -i 's/alow = .*/deny = \/srv\/a/; /^deny = srv/d' "$work/policy.ini"
ctl reload
is_code 0
ctl mode policy
fetch "http://127.0.0.1:$port/metrics"
is loaded "$(sample portcullis_last_load_successful)" 1
is sound "$(sample portcullis_sound)" 1

claim 'a hook that died is noticed by who asks for metrics alone'
echo 'open: not seen' >"$PORTCULLIS_FAKE/canary"
hooks_are()
{
	fetch "http://127.0.0.1:$port/metrics"
	[[ $(sample portcullis_hooks_live) == "$1" ]]
}
wait_for hooks_are 0 || wait_for hooks_are 0
is mode "$(sample 'portcullis_mode_effective{hook="open",mode="unknown"}')" 1
rm "$PORTCULLIS_FAKE/canary"
wait_for "$bin/policyctl" --socket "$socket" status >"$work/status"

claim 'nothing but GET /metrics is served'
fetch --head "http://127.0.0.1:$port/metrics"
is code "$out" 200
fetch "http://127.0.0.1:$port/"
is answer "$out $(<"$work/body")" '404 there is nothing but /metrics'
fetch "http://127.0.0.1:$port/metrics/../../etc/passwd" --path-as-is
is code "$out" 404
fetch --data x=y "http://127.0.0.1:$port/metrics"
is answer "$out $(<"$work/body")" '405 there is nothing but GET /metrics'

claim 'a thousand clients that never read, send garbage or nothing hurt nobody'
mkfifo "$work/go"
python3 "$here/crowd.py" "$port" <"$work/go" >"$work/crowd" 2>&1 &
crowd=$!
exec 9>"$work/go"
wait_for grep -q crowded "$work/crowd"
before=$SECONDS
ask '1000 times open read /srv/a'
wait_for logged 1005
ctl status
is_code 0
if ((SECONDS - before < 5)); then pass; else fail "all took $((SECONDS - before)) s"; fi
descriptors=$(find "/proc/$daemon/fd" -mindepth 1 | wc -l)
if ((descriptors < 50)); then pass; else fail "the daemon has $descriptors descriptors"; fi
before=$(awk '{ print $14 + $15 }' "/proc/$daemon/stat")
sleep 1
after=$(awk '{ print $14 + $15 }' "/proc/$daemon/stat")
if ((after - before < 50)); then pass; else fail "the daemon was busy for $((after - before)) of 100 ticks"; fi
exec 9>&-
wait "$crowd"
is_served()
{
	fetch "http://127.0.0.1:$port/metrics"
	[[ $code -eq 0 && $out == 200 ]]
}
wait_for is_served
is records "$(sample portcullis_records_taken_total)" 1005
if grep -qa __asan_init "$bin/portcullisd-fake" || (($(awk '/^VmRSS/ { print $2 }' "/proc/$daemon/status") < 20480)); then
	pass
else
	fail "the daemon has grown: $(grep VmRSS "/proc/$daemon/status")"
fi
stop_daemon
is_code 0

claim 'of the hits as many lines are told as are asked for'
printf '[metrics]\nlisten = 127.0.0.1:%s\nrules = 1\n' "$port" >"$work/settings.conf"
cp "$work/policy.ini" "$work/policy.kept"
reset_files
start_daemon --config "$work/settings.conf"
ask '3 times open read /srv/secret' '2 times open read /srv/watched/x'
hits_are()
{
	fetch "http://127.0.0.1:$port/metrics"
	[[ $(sed -n 's/^portcullis_rule_hits_total{.*line=//p' "$work/body") == "$1" ]]
}
wait_for hits_are '"7",section="open"} 3'
printf '[metrics]\nlisten = 127.0.0.1:%s\nrules = 0\n' "$port" >"$work/settings.conf"
ctl reload
is_code 0
has out "$out" 'note: \[output] and \[metrics] stay as they are'
: >"$PORTCULLIS_FAKE/hits"
fetch "http://127.0.0.1:$port/metrics"
is answer "$out $(<"$work/body")" "500 the counters can't be read; see the daemon's messages"
stop_daemon
start_daemon --config "$work/settings.conf"
fetch "http://127.0.0.1:$port/metrics"
is code "$out" 200
is hits "$(grep -c '^portcullis_rule_hits_total' "$work/body")" 0
rm "$PORTCULLIS_FAKE/hits"
stop_daemon
is_code 0
cp "$work/policy.kept" "$work/policy.ini"

claim 'a unix socket is for root and the group of readers, and goes with the daemon'
printf '[metrics]\nlisten = unix:%s/metrics.sock\n' "$work" >"$work/settings.conf"
start_daemon --config "$work/settings.conf"
is mode "$(stat -c %a "$work/metrics.sock" | sed 's/660/600/')" 600
fetch --unix-socket "$work/metrics.sock" http://localhost/metrics
is code "$out" 200
is sound "$(sample portcullis_sound)" 1
stop_daemon
is_code 0
if [[ -e $work/metrics.sock ]]; then fail 'the socket is still there'; else pass; fi

claim 'a file in place of the socket is not removed'
: >"$work/metrics.sock"
run "$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket" --config "$work/settings.conf"
is_code 1
is err "$err" "portcullisd: cannot listen on unix:$work/metrics.sock for [metrics]: File exists"
if [[ -f $work/metrics.sock ]]; then pass; else fail 'the file is gone'; fi

if ! command -v promtool >/dev/null || ! command -v prometheus >/dev/null; then
	echo 'cli: not tested here, prometheus is not installed: its check of the metrics, and a scrape'
	return 0
fi

claim 'promtool finds nothing to say against the metrics'
run promtool check metrics <"$work/metrics"
is_code 0
is says "$out$err" ''

claim 'a real Prometheus scrapes them'
printf '[metrics]\nlisten = 127.0.0.1:%s\n' "$port" >"$work/settings.conf"
start_daemon --config "$work/settings.conf" --log "$work/log"
cat >"$work/prometheus.yml" <<SETTINGS
global:
  scrape_interval: 1s
scrape_configs:
  - job_name: portcullis
    static_configs:
      - targets: ['127.0.0.1:$port']
SETTINGS
prometheus_port=$(free_port)
nice prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" \
	--web.listen-address="127.0.0.1:$prometheus_port" >"$work/prometheus.log" 2>&1 &
prometheus=$!
ask '7 times open read /srv/a'
# query EXPRESSION VALUE: whether Prometheus has it by now.
query()
{
	fetch --get --data-urlencode "query=$1" "http://127.0.0.1:$prometheus_port/api/v1/query"
	[[ $code -eq 0 ]] && grep -q "\"value\":\[[0-9.]*,\"$2\"\]" "$work/body"
}
wait_for query 'up{job="portcullis"}' 1
wait_for query 'portcullis_decisions_total{hook="open",verdict="audit"}' 7
wait_for query 'count({__name__=~"portcullis_.*"}) > bool 100' 1
kill "$prometheus"
wait "$prometheus" 2>/dev/null
stop_daemon
is_code 0
