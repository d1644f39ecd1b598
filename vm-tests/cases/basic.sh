# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# basic.sh - starting programs and opening files: every verb and access, what is recorded, and whose mode counts.

accesses=(r w rw rt 3 c)
verbs=(deny audit never tree/allow)

# twin PROGRAM COPY INTERPRETER - a copy of an ELF program with another ELF interpreter.
twin() {
	python3 - "$@" <<-'P'
		import struct, sys
		data = bytearray(open(sys.argv[1], "rb").read())
		new = sys.argv[3].encode() + b"\0"
		table, count = struct.unpack_from("<Q", data, 32)[0], struct.unpack_from("<H", data, 56)[0]
		for at in range(table, table + 56 * count, 56):
		    if struct.unpack_from("<I", data, at)[0] == 3:
		        # The path goes where the file ends; the program header points there.
		        struct.pack_into("<Q", data, at + 8, len(data))
		        struct.pack_into("<QQ", data, at + 32, len(new), len(new))
		open(sys.argv[2], "wb").write(bytes(data) + new)
	P
}

# Files that an open may change or create are others in each phase.
prepare_open() {
	local verb scope a p

	mkdir -p /tmp/n/o/tree
	for p in control audit enforce; do
		for a in r w rw rt 3; do
			echo x >"/tmp/n/o/free-$a-$p"
			for verb in "${verbs[@]}"; do
				for scope in both read write; do echo x >"/tmp/n/o/$verb-$scope-$a-$p"; done
			done
		done
	done
	for a in never-both-r-allowed quiet-{deny,audit,never,allow} mode default; do echo x >"/tmp/n/o/$a"; done
}

prepare_exec() {
	local name path

	mkdir -p /tmp/n/x/{lib,tree}
	for name in ok {deny,audit,never}-binary never-allowed quiet-{deny,allow} tree/{a,but-this} mode default; do
		cp "$busybox" "/tmp/n/x/$name"
	done
	path=$(readlink -f /lib64/ld-linux-x86-64.so.2)
	for name in okay deny audit; do
		cp /bin/dash "/tmp/n/x/$name-interp"
		printf '#!/tmp/n/x/%s-interp\necho OK\n' "$name" >"/tmp/n/x/script-of-$name"
		printf '#!/tmp/n/x/okay-interp\necho OK\n' >"/tmp/n/x/$name-script"
		cp "$path" "/tmp/n/x/lib/ld-$name-linux.so.2"
		twin "$bin/subject-ok" "/tmp/n/x/elf-$name" "/tmp/n/x/lib/ld-$name-linux.so.2"
	done
	chmod -R a+rx /tmp/n/x
}

prepare_basic() {
	prepare_open
	prepare_exec
}

# case_open VERB SCOPE ACCESS - a rule about reading, writing or both decides an open that it covers: one that refuses or
# records covers an open of which it covers a part, one that allows an open of which it covers all.
case_open() {
	local verb=$1 scope=$2 a=$3 access=read+write rule verdict=allow line=default file=/tmp/n/o/$1-$2-$3-$phase records=1

	case $a in r) access='read' ;; w | c) access='write' ;; esac
	rule=${verb#tree/}
	[[ $scope == both ]] || rule+=.$scope
	if [[ $verb == tree/allow ]]; then
		line="$rule = /tmp/n/o/tree/allow-$scope-*"
		[[ $scope == both || $access == "$scope" ]] || { verdict=deny && line='deny = /tmp/n/o/tree/**'; }
	elif [[ $scope == both || $access == *"$scope"* ]]; then
		line="$rule = /tmp/n/o/$verb-$scope-*"
		verdict=${verb/never/deny}
	fi
	# What creates a file asks for that first, and leaves none behind if it is refused.
	[[ $a != c || $phase$verdict == enforcedeny ]] || records=2
	try "open $a, $rule" open "$verdict" "$file" "$line" $access -- "$o" "$a" "$file"
}

cases_open() {
	local a verb scope records

	for a in "${accesses[@]}"; do
		records=1
		[[ $a != c ]] || records=2
		try "open $a, no rule" open allow "/tmp/n/o/free-$a-$phase" default -- "$o" "$a" "/tmp/n/o/free-$a-$phase"
		for verb in "${verbs[@]}"; do
			for scope in both read write; do case_open "$verb" $scope "$a"; done
		done
	done
	records=1
	try "open r, never over a closer allow" open deny /tmp/n/o/never-both-r-allowed 'never = /tmp/n/o/never-both-*' read -- \
		"$o" r /tmp/n/o/never-both-r-allowed
	try "open rw, a file without a name" open deny anon: 'deny.write = anon:' read+write -- "$o" -m rw
	try "open r, a file without a name" open allow anon: default read -- "$o" -m r
	[[ $phase == enforce ]] || return 0
	is "enforce: open c, deny: nothing is left behind" "$(ls -d /tmp/n/o/deny-both-c-enforce 2>/dev/null)" ''
	for verb in {deny,never}-{both,write}; do
		[[ -s /tmp/n/o/$verb-rt-enforce ]]
		is "enforce: open rt, $verb: the file is not truncated" $? 0
	done
}

cases_exec() {
	local d='deny = /tmp/n/x/deny-*' a='audit = /tmp/n/x/audit-*' never='never = /tmp/n/x/never-*' lib=/tmp/n/x/lib/ld

	try "exec binary" exec allow /tmp/n/x/ok default -- "$x" /tmp/n/x/ok echo OK
	try "exec binary, deny" exec deny /tmp/n/x/deny-binary "$d" -- "$x" /tmp/n/x/deny-binary echo OK
	try "exec binary, audit" exec audit /tmp/n/x/audit-binary "$a" -- "$x" /tmp/n/x/audit-binary echo OK
	try "exec binary, never" exec deny /tmp/n/x/never-binary "$never" -- "$x" /tmp/n/x/never-binary echo OK
	try "exec binary, never over a closer allow" exec deny /tmp/n/x/never-allowed "$never" -- "$x" /tmp/n/x/never-allowed echo OK
	try "exec binary, deny of a tree" exec deny /tmp/n/x/tree/a 'deny = /tmp/n/x/tree/**' -- "$x" /tmp/n/x/tree/a echo OK
	try "exec binary, closer allow" exec allow /tmp/n/x/tree/but-this 'allow = /tmp/n/x/tree/but-this' -- \
		"$x" /tmp/n/x/tree/but-this echo OK
	try "exec script, allow" exec allow /tmp/n/x/okay-script default -- "$x" /tmp/n/x/okay-script
	comm=$token expect "$phase: exec script, allow: interpreter" exec allow /tmp/n/x/okay-interp default '' 1
	try "exec script, deny" exec deny /tmp/n/x/deny-script "$d" -- "$x" /tmp/n/x/deny-script
	try "exec script, audit" exec audit /tmp/n/x/audit-script "$a" -- "$x" /tmp/n/x/audit-script
	comm=$token expect "$phase: exec script, audit: interpreter" exec allow /tmp/n/x/okay-interp default '' 1
	try "exec interpreter, deny" exec deny /tmp/n/x/deny-interp "$d" -- "$x" /tmp/n/x/script-of-deny
	comm=$token expect "$phase: exec interpreter, deny: script" exec allow /tmp/n/x/script-of-deny default '' 1
	try "exec interpreter, audit" exec audit /tmp/n/x/audit-interp "$a" -- "$x" /tmp/n/x/script-of-audit
	comm=$token expect "$phase: exec interpreter, audit: script" exec allow /tmp/n/x/script-of-audit default '' 1
	try "exec ELF interpreter" exec allow $lib-okay-linux.so.2 default -- "$x" /tmp/n/x/elf-okay
	try "exec ELF interpreter, deny" exec deny $lib-deny-linux.so.2 "deny = $lib-deny*" -- "$x" /tmp/n/x/elf-deny
	comm=$token expect "$phase: exec ELF interpreter, deny: program" exec allow /tmp/n/x/elf-deny default '' 1
	try "exec ELF interpreter, audit" exec audit $lib-audit-linux.so.2 "audit = $lib-audit*" -- "$x" /tmp/n/x/elf-audit
	try "exec memfd" exec deny anon: 'deny = anon:' -- "$x" -m "$busybox" echo OK
}

cases_quiet() {
	local verb

	for verb in deny audit never allow; do
		try_quiet "open r, $verb.quiet" open ${verb/never/deny} /tmp/n/o/quiet-$verb -- "$o" r /tmp/n/o/quiet-$verb
	done
	for verb in deny allow; do
		try_quiet "exec, $verb.quiet" exec $verb /tmp/n/x/quiet-$verb -- "$x" /tmp/n/x/quiet-$verb echo OK
	done
}

cases_basic() {
	cases_open
	cases_exec
	cases_quiet
}

after_log() {
	own_policy $'mode = enforce\n[open]\ndeny = /tmp/n/o/quiet-deny\nallow.log = /tmp/n/o/quiet-allow\n[exec]
log = none\ndeny = /tmp/n/x/quiet-deny\ndeny.log = /tmp/n/x/deny-binary\nallow.log = /tmp/n/x/quiet-allow'
	try "log = deny: a refusal" open deny /tmp/n/o/quiet-deny 'deny = /tmp/n/o/quiet-deny' -- "$o" r /tmp/n/o/quiet-deny
	try "log = deny: allow.log" open allow /tmp/n/o/quiet-allow 'allow.log = /tmp/n/o/quiet-allow' -- "$o" r /tmp/n/o/quiet-allow
	is "log = deny: an open that passes" "$(TRY=passes "$o" r /tmp/n/o/mode)" OK
	comm=passes expect "log = deny: no record of what passes" open '' /tmp/n/o/mode '' '' 0
	try "log = none: deny.log" exec deny /tmp/n/x/deny-binary 'deny.log = /tmp/n/x/deny-binary' -- "$x" /tmp/n/x/deny-binary echo OK
	try "log = none: allow.log" exec allow /tmp/n/x/quiet-allow 'allow.log = /tmp/n/x/quiet-allow' -- "$x" /tmp/n/x/quiet-allow echo OK
	try_quiet "log = none: a refusal" exec deny /tmp/n/x/quiet-deny -- "$x" /tmp/n/x/quiet-deny echo OK
	judge
}

# A section's own mode goes before [policy]'s, either way.
after_modes() {
	local open='deny = /tmp/n/o/mode' exec='deny = /tmp/n/x/mode'

	own_policy $'mode = audit\n[exec]\nmode = enforce\n'"$exec"$'\n[open]\n'"$open"
	try "mode = enforce in [exec] alone: exec" exec deny /tmp/n/x/mode "$exec" -- "$x" /tmp/n/x/mode echo OK
	try "mode = enforce in [exec] alone: open" open audit /tmp/n/o/mode "$open" -- "$o" r /tmp/n/o/mode
	judge
	own_policy $'mode = enforce\n[exec]\nmode = audit\n'"$exec"$'\n[open]\n'"$open"
	try "mode = audit in [exec] alone: exec" exec audit /tmp/n/x/mode "$exec" -- "$x" /tmp/n/x/mode echo OK
	try "mode = audit in [exec] alone: open" open deny /tmp/n/o/mode "$open" -- "$o" r /tmp/n/o/mode
	judge
	ctl mode audit >/dev/null
	try "policyctl mode audit: open" open audit /tmp/n/o/mode "$open" -- "$o" r /tmp/n/o/mode
	judge
	ctl mode policy >/dev/null
	try "policyctl mode policy: open" open deny /tmp/n/o/mode "$open" -- "$o" r /tmp/n/o/mode
	judge
}

after_defaults() {
	own_policy $'mode = enforce\n[exec]\ndefault = deny\nallow = /**\n[open]\ndefault = audit\nallow = /{**,}\n
deny = /tmp/n/o/mode'
	try "default = deny: exec" exec deny anon: default -- "$x" -m "$busybox" echo OK
	is "default = deny: a rule allows" "$("$x" /tmp/n/x/default echo OK)" OK
	records=2 try "default = audit: open" open audit foreign:/new default -- unshare -m sh -c "mount -t tmpfs t /mnt && $o c /mnt/new"
	try "default = audit: a rule denies" open deny /tmp/n/o/mode 'deny = /tmp/n/o/mode' -- "$o" r /tmp/n/o/mode
	judge
}

# What loads depends on compiler and kernel together; the daemon has the object of clang 14 in it, so that one is loaded.
after_object() {
	local object=$checkout/build/bpf/portcullis.clang-19.o got

	if [[ -r $object ]]; then
		got=$("$bin/subject-bpf_load" "$object")
		is "the kernel takes the object of clang 19" "$(sed -n '1s/.*: \([a-z]*\).*/\1/p' <<<"$got")" loaded
		sed "1d;s/^ */# clang 19: /" <<<"$got"
	else
		echo "# no clang 19 made an object, so it is left out"
	fi
}

after_basic() {
	after_log
	after_modes
	after_defaults
	after_object
	account "accounting"
	is "troubles" "$(troubles)" ''
}
