# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# lib.sh - what the cases of run.sh are written in.

# run COMMAND...: its exit code in $code, its output in $out, its errors in $err.
run()
{
	"$@" >"$work/out" 2>"$work/err"
	code=$?
	out=$(<"$work/out")
	err=$(<"$work/err")
}

ctl()
{
	run "$bin/policyctl" --socket "$socket" "$@"
}

claim()
{
	name=$1
}

pass()
{
	passed=$((passed + 1))
}

fail()
{
	failed=$((failed + 1))
	printf 'cli: FAILED: %s\n' "$name"
	printf '  %s\n' "$@"
}

is_code()
{
	if [[ $code -eq $1 ]]; then pass; else fail "exit code $code instead of $1" "out: $out" "err: $err"; fi
}

# is WHAT VALUE EXPECTED: equal to a bit.
is()
{
	if [[ $2 == "$3" ]]; then pass; else fail "$1 is: $2" "expected: $3"; fi
}

# has WHAT VALUE PATTERN: matches the glob somewhere.
has()
{
	# shellcheck disable=SC2053
	if [[ $2 == *$3* ]]; then pass; else fail "$1 is: $2" "expected in it: $3"; fi
}

hasnt()
{
	# shellcheck disable=SC2053
	if [[ $2 == *$3* ]]; then fail "$1 is: $2" "not expected in it: $3"; else pass; fi
}

# wait_for COMMAND...: until it succeeds; up to 10 s.
wait_for()
{
	local i

	for ((i = 0; i < 200; i++)); do
		"$@" && return 0
		sleep 0.05
	done
	fail "waited in vain for: $*"
	return 1
}

said()
{
	grep -qF -- "$1" "$work/daemon.err"
}

logged()
{
	[[ -e $work/log && $(wc -l <"$work/log") -ge $1 ]]
}

# start_daemon OPTION...: with the policy $work/policy.ini, until it is ready.
start_daemon()
{
	# What the last daemon said must not be taken for this one's.
	: >"$work/daemon.err"
	# Without the rules of [protect] files the policy is as it stands there, unless a case has settings of its own.
	printf '[protect]\nfiles = no\n' >"$work/plain.conf"
	"$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket" --config "$work/plain.conf" "$@" \
		>"$work/daemon.out" 2>"$work/daemon.err" &
	daemon=$!
	wait_for said 'ready:' && return
	cat "$work/daemon.err"
	exit 1
}

# output NAME KEY: what the daemon counts of an output.
output()
{
	"$bin/policyctl" --socket "$socket" status --json | python3 -c '
import json, sys
print(*[row.get(sys.argv[2]) for row in json.load(sys.stdin)["outputs"] if row["output"] == sys.argv[1]])' "$1" "$2"
}

output_is()
{
	[[ $(output "$1" "$2") == "$3" ]]
}

stop_daemon()
{
	kill -"${1:-TERM}" "$daemon"
	wait "$daemon"
	code=$?
	daemon=''
}

# ask "HOOK ACCESS OBJECT": as if a program had.
ask()
{
	printf '%s\n' "$@" | timeout 20 tee "$PORTCULLIS_FAKE/requests" >"$work/asked" || fail 'nobody takes requests'
}

# on_terminal COLUMNS COMMAND...: its output on a terminal of that width, in $out.
on_terminal()
{
	local columns=$1

	shift
	out=$(NO_COLOR='' python3 - "$columns" "$@" <<'PYTHON'
import fcntl
import os
import pty
import struct
import sys
import termios

os.environ.pop("NO_COLOR")
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
    os.execv(sys.argv[2], sys.argv[2:])
text = b""
try:
    while piece := os.read(terminal, 65536):
        text += piece
except OSError:
    pass
os.waitpid(pid, 0)
sys.stdout.write(text.decode().replace("\r", ""))
PYTHON
	)
}

reset_files()
{
	rm -rf "$work/run" "$work/fake" "$work/log" "$work/policy.d"
	mkdir "$work/fake"
	mkfifo "$work/fake/requests"
	cat >"$work/policy.ini" <<-'POLICY'
	[policy]
	version = 1
	mode = enforce
	name = test

	[open]
	deny.read = /srv/secret
	never.write = /srv/fixed
	audit = /srv/watched/**
	allow = /srv/**

	[exec]
	deny = anon:
	deny = foreign:/**
	deny = /srv/tmp/**

	[connect]
	deny = 10.0.0.0/8 port 22 tcp
	allow = 10.1.2.3 port 22

	[expect]
	deny = open /srv/secret read
	POLICY
}

broken_policy()
{
	printf '[policy]\nversion = 1\n[open]\nalow = /srv/a\ndeny = srv\n' >"$work/policy.ini"
}
