# SPDX-License-Identifier: GPL-2.0-only
# journal.awk - after json.awk: each record on a line, as KEY=VALUE; of the journal's entries, whose fields begin with PREFIX
# and are in capitals, the same. Lists are one field there, in JSON, so they are left out in both.
BEGIN {
	keys = split("seq time hook verdict access operation object object_hex rule verb mode policy generation pid tid ppid uid gid " \
		"comm exe mnt_ns cgroup unit dev ino", key)
}

{
	flatten($0, record)
	line = ""
	for (i = 1; i <= keys; i++) {
		name = prefix == "" ? key[i] : prefix toupper(key[i])
		if (name in record)
			line = line " " key[i] "=" record[name]
	}
	print line
}
