# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# 50-robust.sh - starts that are refused, bad frames, logs that can't be written, signals.

reset_files

claim 'no start without a policy that compiles'
broken_policy
run "$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket"
is_code 1
has err "$err" "portcullisd: $work/policy.ini:4: error: unknown key 'alow' in \[open\]"
has err "$err" "portcullisd: not starting without a policy: $work/policy.ini was not loaded"
if [[ -e $socket ]]; then fail 'there is a socket'; else pass; fi

claim 'no start on a kernel that can not, with the remedy'
reset_files
echo 'bpf is missing from lockdown,yama' >"$PORTCULLIS_FAKE/probe"
run "$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket"
is_code 2
is err "$err" 'portcullisd: LSM list: bpf is missing from lockdown,yama; remedy: boot with lsm=…,bpf'
rm "$PORTCULLIS_FAKE/probe"

claim 'no start in enforce mode where the kernel is not safe for it, with the remedy'
echo full >"$PORTCULLIS_FAKE/preemption"
run "$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket"
is_code 2
is err "$err" 'portcullisd: preemption: full; remedy: boot with preempt=voluntary'
if [[ -e $socket ]]; then fail 'there is a socket'; else pass; fi
rm "$PORTCULLIS_FAKE/preemption"

claim 'no start where programs do not load or the image is not taken'
echo 'the verifier says no' >"$PORTCULLIS_FAKE/open"
run "$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket"
is_code 2
is err "$err" 'portcullisd: cannot load the programs into the kernel: the verifier says no'
rm "$PORTCULLIS_FAKE/open"
echo 'no room' >"$PORTCULLIS_FAKE/apply"
run "$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket"
is_code 2
is err "$err" 'portcullisd: the kernel did not take the policy: no room'
rm "$PORTCULLIS_FAKE/apply"

claim 'no start in enforce mode with a dead hook; in audit mode with a warning'
echo 'exec: not seen' >"$PORTCULLIS_FAKE/canary"
run "$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket"
is_code 2
has err "$err" 'portcullisd: not all hooks are live: exec: not seen'
has err "$err" 'portcullisd: not starting: a policy in enforce mode needs all hooks live'
sed -i 's/^mode = enforce/mode = audit/' "$work/policy.ini"
start_daemon
has daemon "$(<"$work/daemon.err")" "going on, as the policy is in audit mode; 'policyctl status' tells when that changes"
ctl status
is_code 1
stop_daemon
rm "$PORTCULLIS_FAKE/canary"

claim 'a log that can not be opened refuses the start'
run "$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket" --log "$work/none/log"
is_code 1
is err "$err" "portcullisd: cannot open the decision log $work/none/log: No such file or directory"

claim 'bad frames close their sender only'
reset_files
start_daemon --log "$work/log"
run python3 "$here/frames.py" "$socket"
is_code 0
is out "$out" '200 bad frames, 200 closed, the other connection lives'
ctl status
is_code 0

claim 'the last line of a crash is ended before the first new one'
stop_daemon
printf '{"half' >"$work/log"
start_daemon --log "$work/log"
ask 'open read /srv/secret'
wait_for logged 2
is half "$(head -n 1 "$work/log")" '{"half'
is record "$(sed -n 2p "$work/log" | python3 "$here/fields.py" object)" /srv/secret

claim 'SIGUSR1 opens a rotated log anew'
mv "$work/log" "$work/log.1"
kill -USR1 "$daemon"
wait_for said "opened $work/log anew"
ask 'open read /srv/secret'
wait_for logged 1
is old "$(wc -l <"$work/log.1")" 2
rm "$work/log.1"

claim 'a log that can not be opened anew stays the old one'
mv "$work/log" "$work/log.1"
mkdir "$work/log"
kill -USR1 "$daemon"
wait_for said "cannot open $work/log anew: writing to the old file: Is a directory"
ask 'open read /srv/secret'
old_log_has_2()
{
	[[ $(wc -l <"$work/log.1") -eq 2 ]]
}
wait_for old_log_has_2
rmdir "$work/log"
rm "$work/log.1"
stop_daemon
is_code 0

output_has_lost()
{
	(($(output "$1" lost) > 0))
}

disk_is_even()
{
	(($(output file written) + $(output file lost) == 12002))
}

claim 'a full disk is told once, counted, and costs no whole line'
mkdir "$work/disk"
if mount -t tmpfs -o size=64k none "$work/disk" 2>/dev/null; then
	start_daemon --log "$work/disk/log"
	ask '2000 times open read /srv/secret'
	wait_for said "cannot write the decision log $work/disk/log; records are counted as unwritten from 1024 KiB on: No space left on device"
	is told "$(grep -c 'cannot write' "$work/daemon.err")" 1
	is last "$(tail -c 1 "$work/disk/log" | od -An -c | tr -d ' ')" '\n'
	is unparsable "$(python3 "$here/fields.py" object <"$work/disk/log" | sort -u)" /srv/secret
	mount -o remount,size=8m "$work/disk"
	ask 'open read /srv/secret'
	wait_for said "the decision log $work/disk/log can be written again; 0 records were not written"
	is lines "$(wc -l <"$work/disk/log")" 2001

	claim 'what a full disk costs is counted to the line'
	mount -o remount,size=1m "$work/disk"
	ask '10000 times open read /srv/secret'
	wait_for output_has_lost file
	mount -o remount,size=8m "$work/disk"
	ask 'open read /srv/secret'
	wait_for disk_is_even
	is written "$(wc -l <"$work/disk/log")" "$(output file written)"
	is unparsable "$(python3 "$here/fields.py" object <"$work/disk/log" | sort -u)" /srv/secret
	stop_daemon
	umount "$work/disk"
else
	echo "cli: not tested here, no tmpfs can be mounted: $name"
fi

claim 'a reader of stdout that is slow or gone does not hold the daemon up'
mkfifo "$work/slow"
bash -c 'exec 3<"$1"; exec sleep 1000' - "$work/slow" &
sleeper=$!
: >"$work/daemon.err"
"$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket" --log - >"$work/slow" 2>"$work/daemon.err" &
daemon=$!
wait_for said 'ready:'
ask '20000 times open read /srv/secret'
all_taken()
{
	"$bin/policyctl" --socket "$socket" status --json | grep -q '"taken": 20000'
}
wait_for all_taken
has lost "$(output stdout lost)" '[1-9]'
kill "$sleeper"
wait "$sleeper" 2>/dev/null
told_after_one_more()
{
	ask 'open read /srv/secret'
	said 'cannot write the decision log -'
}
wait_for told_after_one_more
ctl status
is_code 0
stop_daemon
is_code 0
