# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# 47-links.sh - a link or a mount that changes makes the rules follow it.

# verdict FILE: of reading it, as the log tells; "-" if nothing was logged of it.
verdict()
{
	local lines

	lines=$(wc -l <"$work/log")
	# The second is always logged, and comes after the first.
	ask "open read $1" 'open read /srv/marker'
	wait_for logged $((lines + 1))
	wait_for grep -q /srv/marker <(tail -n +$((lines + 1)) "$work/log")
	tail -n +$((lines + 1)) "$work/log" | python3 "$here/fields.py" object verdict | sed '/marker/d; s/.* //' | grep . || echo -
}

said_times()
{
	[[ $(grep -cF -- "$1" "$work/daemon.err") -eq $2 ]]
}

reset_files
tree=$work/links
mkdir -p "$tree/a" "$tree/b" "$tree/m"
ln -s a "$tree/current"
cat >"$work/policy.ini" <<-POLICY
	[policy]
	version = 1
	mode = enforce
	[open]
	deny = $tree/current/**
	deny = $tree/m/**
	audit = /srv/marker
POLICY
start_daemon --log "$work/log"

claim 'a rule through a link applies where the link leads'
is a "$(verdict "$tree/a/x")" deny
is b "$(verdict "$tree/b/x")" -

claim 'a link that is changed is followed, and the log names it'
touch "$tree/unrelated"
ln -sfn b "$tree/current"
wait_for said "the link '$tree/current' leads to 'b', no longer to 'a': loading the policy again"
wait_for said_times 'loaded ' 1
is a "$(verdict "$tree/a/x")" -
is b "$(verdict "$tree/b/x")" deny
ctl status
is_code 0
has out "$out" '1 reloads, 0 refused'

claim 'a link that is gone is missed, and followed when it is back'
rm "$tree/current"
wait_for said "the link '$tree/current' to 'b' is gone: loading the policy again"
wait_for said_times 'loaded ' 2
is b "$(verdict "$tree/b/x")" -
ln -s a "$tree/current"
wait_for said "'$tree/current' is a link to 'a' now: loading the policy again"
wait_for said_times 'loaded ' 3
is a "$(verdict "$tree/a/x")" deny

claim 'a policy that was edited is not loaded by a link: that is told once'
echo 'deny = /srv/edited' >>"$work/policy.ini"
ln -sfn b "$tree/current"
wait_for said "the link '$tree/current' leads to 'b', no longer to 'a', but its text was edited since it was loaded: the policy may lead elsewhere now; 'policyctl reload' loads it"
is b "$(verdict "$tree/b/x")" -
ctl reload
is_code 0
is b "$(verdict "$tree/b/x")" deny
is edited "$(verdict /srv/edited)" deny

claim 'a bind mount that a rule passes through is followed, another mount changes nothing'
if mount --bind "$tree/a" "$tree/m" 2>/dev/null; then
	wait_for said 'the mounts changed: loading the policy again'
	wait_for said_times 'loaded ' 5
	is a "$(verdict "$tree/a/x")" deny
	mkdir "$tree/other"
	mount -t tmpfs none "$tree/other"
	sleep 6
	umount "$tree/other"
	ctl status
	has out "$out" '5 reloads, 0 refused'
	umount "$tree/m"
else
	echo "cli: not tested here, nothing can be mounted: $name"
fi
stop_daemon
is_code 0
rm -rf "$tree"
