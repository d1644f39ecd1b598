# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # sourced by lawful.sh
# shellcheck shell=bash
# files.sh - trees are copied, packed, moved and searched.

# A tree with each kind of file and attribute.
tree() {
	mkdir -p tree/{sub/deep,empty,sticky}
	printf '%s\n' {1..3000} >tree/sub/numbers
	echo secret >tree/secret
	chmod 640 tree/secret
	ln tree/secret tree/sub/linked
	ln -s ../secret tree/sub/symbolic
	ln -s /nonexistent tree/dangling
	mkfifo tree/fifo
	mknod tree/null c 1 3
	truncate -s 1M tree/sub/deep/sparse
	printf end >>tree/sub/deep/sparse
	chmod 1777 tree/sticky
	chown -h 65534:33 tree/sub/symbolic tree/sub/deep/sparse
	setfacl -m u:33:r,g:65534:rw tree/secret
	setfacl -d -m u:33:rwx tree/sub/deep
	python3 -S -c 'import os; os.setxattr("tree/sub/numbers", "trusted.lawful", b"value")'
	touch -h -d '2022-01-01 00:00:00' tree/{secret,dangling,fifo,null} tree/sub/{numbers,symbolic,deep/sparse}
}

work_trees() {
	tree
	cp -a tree copied
	rsync -aHAXS tree/ synced
	tar -c --acls --xattrs --xattrs-include='*' -z -f tree.tar.gz tree --transform s/^tree/unpacked/
	tar -x --acls --xattrs --xattrs-include='*' -z -f tree.tar.gz
	find . -mindepth 2 \( -type d -printf '%p %M %U:%G\n' -o -printf '%p %M %U:%G %n %s %T@ %l\n' \) | sort
	getfacl -R -n -P .
	python3 -S -c 'import os; print([os.getxattr(d + "/sub/numbers", "trusted.lawful") for d in ("copied", "synced", "unpacked")])'
	echo more >>tree/secret
	rm tree/fifo
	rsync -aHAXS --delete --itemize-changes tree/ synced
	mv copied moved
	rm -r moved unpacked synced
}

work_changes() {
	echo old >old
	mkdir -p a/b/c d
	echo x >a/b/c/x
	mv a d/
	mv -T d/a/b/c e
	mv old new
	mv new old
	ln old hard
	ln -s old soft
	ln -sfn e soft
	mv -n old hard || echo "mv: $?"
	mv e/x old
	sed -i s/x/y/ old
	cat old hard
	install -m 750 -D old f/g/h
	truncate -s 2 old
	chmod -R u=rwX,go= f
	chown -R 33:33 f
	find . -printf '%p %M %U %n %l\n' | sort
	rmdir missing || echo "rmdir: $?"
	rm -r d e f hard old soft
	python3 -S "$cases/lawful/changes.py"
	# From one file system to another it is a copy.
	mkdir /dev/shm/lawful
	echo far >near
	mv near /dev/shm/lawful/
	mv /dev/shm/lawful far
	cat far/near
}

work_search() {
	local i

	mkdir -p tree/{a..e}/{1..4}
	for i in tree/*/*; do printf '%s\n' {1..200} >"$i/numbers"; done
	echo 'a needle in hay' >tree/needle
	cp tree/needle tree/c/3/
	grep -rl needle tree | sort
	grep -rhcP '(?<=1)7$' tree | sort | uniq -c
	find tree -name 'n*' -size -2k -exec head -q -n 1 {} + | sort | uniq -c
	find tree -newer tree/needle -type f -delete
	find / /etc/ssh /usr/include/linux tree -xdev -maxdepth 1 | sort
	cat /proc/self/comm /proc/sys/kernel/ostype /sys/class/net/lo/{address,mtu} /sys/kernel/security/lsm
	printf '%s\n' {1..5000} | sort -S 1M -T . -R | sort -n | gzip | zcat | sha256sum
}
