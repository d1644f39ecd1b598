#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2034,SC2154,SC2015 # lib.sh reads and sets variables; pass and fail never fail
# cache.sh KERNEL - inside a VM: whatever is remembered, each open ends as the name that the file has then says.
#
# portcullisd-mutants decides opens and connects alone: with all programs loaded the renames by which files change their
# names here would be refused, because they make them more accessible. On 7 each condition that an answer holds by is left
# out in turn besides, and the scene that is about it must go wrong.
kernel=$1
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cases=$checkout/vm-tests/cases
. "$cases/lib.sh"
mkdir -p "${policy%/*}"
phase=enforce
cp $bin/portcullisd-mutants $bin/portcullisd
swap=$socket,$policy,$policy.other
# Those that change what all names hang on disturb the others: each comes alone first.
scenes=(file swap folder folders crowd link mount bind=/mnt/c twins=/mnt/cache/ext twins=/mnt/cache/btrfs twins=/mnt/cache/part
	overlay=/tmp/cache/merged ways root cross "policy=$swap" "target=$swap" "port=$swap" "both=$swap")
runs=0
total=0
in_profile=

twin_files() {
	for ((i = 0; i < 8; i++)); do echo x >"$1/$2$i"; done
}

prepare() {
	modprobe -a loop overlay btrfs 2>/dev/null
	mkdir -p /tmp/cache/merged /tmp/twins/{yes,lower,upper,work} /mnt/cache/{ext/{yes,no},btrfs,part}
	twin_files /tmp/twins/yes f
	twin_files /tmp/twins/lower yes
	twin_files /tmp/twins/lower not
	truncate -s 16M /tmp/twins/one.img
	mkfs.ext4 -q -O ^has_journal -d /tmp/twins/yes /tmp/twins/one.img
	cp /tmp/twins/one.img /tmp/twins/two.img
	mount -o loop /tmp/twins/one.img /mnt/cache/ext/yes
	mount -o loop /tmp/twins/two.img /mnt/cache/ext/no
	truncate -s 128M /tmp/twins/btrfs.img
	mkfs.btrfs -q /tmp/twins/btrfs.img >/dev/null
	mount -o loop /tmp/twins/btrfs.img /mnt/cache/btrfs
	btrfs -q subvolume create /mnt/cache/btrfs/yes
	twin_files /mnt/cache/btrfs/yes f
	btrfs -q subvolume snapshot /mnt/cache/btrfs/yes /mnt/cache/btrfs/no
	# Of that one nothing but a part, in which its names begin otherwise.
	truncate -s 128M /tmp/twins/part.img
	mkfs.btrfs -q /tmp/twins/part.img >/dev/null
	mount -o loop /tmp/twins/part.img /mnt/cache/part
	btrfs -q subvolume create /mnt/cache/part/@
	mkdir /mnt/cache/part/@/{yes,no}
	twin_files /mnt/cache/part/@/yes f
	twin_files /mnt/cache/part/@/no f
	umount /mnt/cache/part
	mount -o loop,subvol=@ /tmp/twins/part.img /mnt/cache/part
	mount -t overlay -o lowerdir=/tmp/twins/lower,upperdir=/tmp/twins/upper,workdir=/tmp/twins/work overlay /tmp/cache/merged
	# A swap waits until no program runs that may have seen the old policy: not for the next tick, here.
	echo 1 >/sys/kernel/rcu_expedited
}

# filler FROM TO - rules of names that nobody asks for.
filler() {
	local i

	for ((i = $1; i < $2; i++)); do echo "deny.read.quiet = /srv/$i/some-name-$i"; done
}

# What others have refuses all opens that are tried, and no connect, so that it shows who is taken for one of them.
decoys() {
	local i

	for ((i = 0; i < 16; i++)); do printf '[profile decoy-%d]\nexe = /srv/decoy-%d\n[open decoy-%d]\ndeny.quiet = /tmp/cache/**\n' $i $i $i; done
}

# The rules are those of all, or of a profile that this shell is in, and who opens with it; it lies elsewhere in the other one.
open_rules() {
	cat <<-END
		[policy]
		version = 1
		mode = enforce
		[open]
		log = none
		${in_profile:+[profile cached]
		exe = $(realpath /bin/bash)
		[open cached]}
		deny.read.quiet = /tmp/cache/**/not*
		deny.read.quiet = /tmp/cache/**/no/**
		deny.read.quiet = /mnt/cache/**/no/**
		deny.read.quiet = /mnt/c/**
		deny.read.quiet = /tmp/cache/**/policy/b
		deny.read.quiet = /tmp/cache/**/both/c
	END
}

# connect_rules LAST - the last number of the addresses that are denied.
connect_rules() {
	cat <<-END
		[connect]
		log = none
		${in_profile:+[connect cached]}
		deny.quiet = 127.7.0.$1
		deny.quiet = 127.7.0.3 port 7
		deny.quiet = fd00:7::$1
	END
}

# Both are so large that a state of one lies within the other and says something else there.
write_policies() {
	{
		open_rules
		filler 0 100
		connect_rules 2
	} >"$policy"
	{
		open_rules | sed 's,policy/b$,policy/a,; s,both/c$,both/[a-m]*,'
		filler 0 140
		connect_rules 1
		[[ -z $in_profile ]] || decoys
	} >"$policy.other"
}

# run_scenes WHAT DECISIONS SCENE… - decisions made are added to `total`.
run_scenes() {
	local what=$1 asked=$2 scene made wrong changes

	shift 2
	runs=$((runs + 1))
	while read -r scene made wrong changes; do
		is "cache: $what: $scene: wrong answers" "$wrong" 0
		((changes >= 5)) && pass "cache: $what: $scene: changes" || fail "cache: $what: $scene: changes" "only $changes"
		total=$((total + made))
		echo "# $kernel: $what: $scene: $made decisions, $changes changes"
	done < <("$bin/subject-cache" /tmp/cache/$runs "$asked" "$@")
	umount -l /mnt/c 2>/dev/null
	write_policies
	ctl reload >/tmp/reload.out 2>&1
}

try_scenes() {
	local asked=${CACHE_DECISIONS:-} scene hook

	: "${asked:=40000}"
	export MUTANT=0 MUTANT_TURNS=0
	unset MUTANT_SETS
	write_policies
	daemon_start || return
	for scene in "${scenes[@]}"; do
		run_scenes alone $((asked / 2 / ${#scenes[@]})) "$scene"
	done
	# Only one can swap the policy.
	run_scenes together $((asked / 4)) "${scenes[@]:0:${#scenes[@]}-3}"
	in_profile=1
	write_policies
	ctl reload >/tmp/reload.out 2>&1
	is "cache: a policy with profiles is loaded" $? 0
	run_scenes "together, in a profile" $((asked / 4)) "${scenes[@]:0:${#scenes[@]}-3}"
	for scene in target port both; do
		run_scenes "alone, in a profile" $((asked / 40)) "$scene=$swap"
	done
	((total >= asked)) && pass "cache: that many opens were judged" || fail "cache: that many opens were judged" "$total of $asked"
	read_status
	is "cache: it is on" "${status[cache.on]}" true
	((${status[cache.hits]} > total / 20)) && pass "cache: some were known" || fail "cache: some were known" "${status[cache.hits]}"
	for hook in open connect; do
		is "cache: $hook: decided = unlogged" "${status[counters.$hook.allow.decided]}" "${status[counters.$hook.allow.unlogged]}"
	done
	echo "# $kernel: cache: $total decisions judged; ${status[cache.hits]} hits, ${status[cache.fills]} fills, ${status[cache.evictions]} evictions"
	daemon_stop
}

# enum mutant of cache.h | what is left out | the scene | sets of the cache | turns of waiting in windows
mutants=(
	'0 nothing     ways        1     300'
	'0 nothing     policy      1024  300'
	'0 nothing-in-a-profile policy 1024 300'
	'1 dentry      ways        1     0'
	'2 question    ways        1024  0'
	'3 sequence    file        1024  0'
	'4 policy      policy      1024  0'
	'4 policy-in-a-profile policy 1024 0'
	'0 nothing-in-a-profile target 1024 300'
	'0 nothing-in-a-profile port 1024 300'
	'4 policy-in-a-profile target 1024 0'
	'9 stillness-in-a-profile port 1024 300'
	'5 moves       folder      1024  0'
	'6 mounts      mount       1024  0'
	'7 version     ways        1     300'
	'8 forgetting  crowd       1024  0'
	'9 stillness   both        1024  300'
	'10 second-look cross      1024  300'
	'11 one-mount  bind=/mnt/c 1024  0'
)

# try_mutant NUMBER WHAT SCENE SETS TURNS - until it goes wrong, or has had every chance to.
try_mutant() {
	local what=$2 scene=$3 made='' wrong=0 changes round rounds=20

	export MUTANT=$1 MUTANT_SETS=$4 MUTANT_TURNS=$5
	[[ $scene != @(policy|target|port|both) ]] || scene="$scene=$swap"
	(($1 > 0)) || rounds=2
	in_profile=
	[[ $2 != *profile ]] || in_profile=1
	write_policies
	daemon_start || return
	for ((round = 0; round < rounds && wrong == 0; round++)); do
		runs=$((runs + 1))
		# The last round may have ended between two swaps.
		write_policies
		ctl reload >/tmp/reload.out 2>&1
		read -r _ made wrong changes < <("$bin/subject-cache" /tmp/cache/$runs 4000 "$scene")
		umount -l /mnt/c 2>/dev/null
	done
	if (($1 == 0)); then
		is "mutants: nothing left out: ${scene%%=*}" "$wrong" 0
	else
		((wrong > 0)) && pass "mutants: without $what ${scene%%=*} goes wrong" ||
			fail "mutants: without $what ${scene%%=*} goes wrong" "${made:-0} opens, ${changes:-0} changes, none wrong"
	fi
	echo "# $kernel: without $what: ${wrong:-?} of ${made:-?} opens wrong in round $round"
	daemon_stop
}

prepare
try_scenes
if [[ $kernel == 7-* ]]; then
	for row in "${mutants[@]}"; do
		# shellcheck disable=SC2086 # words
		try_mutant $row
	done
fi
printf 'closing %d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
