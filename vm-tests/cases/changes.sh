# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# changes.sh - `.write` covers what changes a name; a move makes nothing more accessible than it was.

# shellcheck source=vm-tests/cases/spaces.sh
. "$cases/spaces.sh"

g=$bin/subject-change
gw='deny.write = /tmp/g/*/deny-*'

# A folder for each phase: what was done in one is not to be found done in the next, and no policy is in force yet.
prepare_changes() {
	local name place

	for place in /tmp/g/{control,audit,enforce}; do
		mkdir -p "$place"/{home/.ssh,tree/floating,x,away,deny-folder,okay-folder,plain}
		for name in deny-{unlink,rename,truncate,chmod,chown,times,setxattr,removexattr,acl} \
			okay-{unlink,rename,link,truncate,chmod,chown,times,setxattr,removexattr,acl,left} \
			secret-{rename,link,left} audit-unlink home/.ssh/id tree/floating/a x/tool plain/a; do
			echo x >"$place/$name"
		done
		for name in {deny,okay}-emptied mixed-rename; do
			cp "$bin/subject-ok" "$place/$name"
			setcap cap_net_raw+ep "$place/$name"
		done
		"$g" setxattr "$place/deny-removexattr" >/dev/null
		"$g" setxattr "$place/okay-removexattr" >/dev/null
	done
}

# change OPERATION - the denied and the allowed twin of what takes one name.
change() {
	try "$1, denied" open deny "$t/deny-$2" "$gw" write -- "$g" "$1" "$t/deny-$2"
	try "$1, allowed" open allow "$t/okay-$2" default write -- "$g" "$1" "$t/okay-$2"
}

cases_names_change() {
	local operation

	for operation in create mkdir mknod symlink; do
		change $operation "new-$operation"
		[[ $phase != enforce ]] || is "$phase: $operation: nothing is left behind" "$(stat -c %n "$t/deny-new-$operation" 2>&1 | grep -c '^/')" 0
	done
	for operation in unlink truncate chmod chown times setxattr removexattr acl; do
		change $operation $operation
	done
	change rmdir folder
	# The kernel takes the capabilities off along with it.
	try "truncate of a program with capabilities, denied" open deny "$t/deny-emptied" "$gw" write -- "$g" truncate "$t/deny-emptied"
	try "truncate of a program with capabilities, allowed" open allow "$t/okay-emptied" default write -- "$g" truncate "$t/okay-emptied"
	try "unlink, audit" open audit "$t/audit-unlink" 'audit.write = /tmp/g/*/audit-*' write -- "$g" unlink "$t/audit-unlink"
	try "rename of a denied name" open deny "$t/deny-rename" "$gw" write -- "$g" rename "$t/deny-rename" "$t/renamed"
	try "rename to a denied name" open deny "$t/deny-new" "$gw" write -- "$g" rename "$t/okay-rename" "$t/deny-new"
	try "link to a denied name" open deny "$t/deny-new-link" "$gw" write -- "$g" link "$t/okay-link" "$t/deny-new-link"
	try "O_TMPFILE to a denied name" open deny "$t/deny-tmpfile" "$gw" write -- "$g" tmpfile "$t" "$t/deny-tmpfile"
	try "O_TMPFILE, allowed" open allow "$t/okay-tmpfile" default write -- "$g" tmpfile "$t" "$t/okay-tmpfile"
}

cases_moves() {
	local secret='deny.read = /tmp/g/*/secret-*'

	try "rename of a secret" open deny "$t/secret-rename" "$secret" read -- "$g" rename "$t/secret-rename" "$t/away/a"
	try "link to a secret" open deny "$t/secret-link" "$secret" read -- "$g" link "$t/secret-link" "$t/away/b"
	try "exchange with a secret" open deny "$t/secret-left" "$secret" read -- "$g" exchange "$t/okay-left" "$t/secret-left"
	try "rename of what is audited for reading and refused for running" exec deny "$t/mixed-rename" 'deny = /tmp/g/*/mixed-*' -- \
		"$g" rename "$t/mixed-rename" "$t/away/mixed"
	try "rename of a folder of secrets" open deny "$t/home/.ssh" tree read -- "$g" rename "$t/home/.ssh" "$t/away/ssh"
	try "rename of a folder above it" open deny "$t/home" tree read -- "$g" rename "$t/home" "$t/away/home"
	try "rename of a program to where it may run" exec deny "$t/x/tool" 'deny = /tmp/g/*/x/**' -- "$g" rename "$t/x/tool" "$t/away/tool"
	try "rename of a folder, all alike below" open allow "$t/away/plain" default write -- "$g" rename "$t/plain" "$t/away/plain"
	try "rename of a folder, the same rule below" open allow "$t/away/tree" default write -- "$g" rename "$t/tree" "$t/away/tree"
}

cases_changes() {
	t=/tmp/g/$phase
	cases_names_change
	cases_moves
}

after_changes() { account "accounting of changes"; }
