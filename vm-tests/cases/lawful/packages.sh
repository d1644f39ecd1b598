# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2016 # sourced by lawful.sh; other shells expand what is quoted
# shellcheck shell=bash
# packages.sh - a package is built, installed and removed.
#
# The guest's own /var knows no packages, so it gets a database of libc6 alone: the machine's would take perl half a
# minute. Its /usr is read-only: installed is into an overlay over it.

prepare_packages() {
	local dir=/tmp/l/dpkg

	mkdir -p $dir/{info,updates,triggers,parts,alternatives} /var/lib/dpkg /var/log/apt /var/{lib/apt/lists,cache/apt/archives}/partial
	# The guest's /var hides the machine's.
	unshare -m bash -c 'mount --bind / /mnt
		awk -v RS= "/^Package: libc6\n/" /mnt/var/lib/dpkg/status |
			sed -E "/^(Depends|Recommends|Suggests|Conflicts|Breaks|Replaces|Provides):/d" >/tmp/l/dpkg/status
		cp /mnt/var/lib/dpkg/info/libc6:*.{list,symbols,shlibs} /tmp/l/dpkg/info/'
	: >$dir/available
	echo 1 >$dir/info/format
	source_package /tmp/l/source
}

source_package() {
	local dir=$1

	mkdir -p "$dir/debian"
	cat >"$dir/hello.c" <<-'C'
		#include <dlfcn.h>
		#include <stdio.h>
		const char *greeting(void);
		int main(int argc, char **argv)
		{
			void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : 0;

			puts(argc > 1 && !library ? dlerror() : greeting());
			return argc > 1 && !library;
		}
	C
	echo 'const char *greeting(void) { return "hello, lawful world"; }' >"$dir/greeting.c"
	cat >"$dir/debian/control" <<-'C'
		Source: lawful
		Section: misc
		Priority: optional
		Maintainer: Nobody <nobody@localhost>
		Standards-Version: 4.6.2
		Rules-Requires-Root: binary-targets

		Package: lawful
		Architecture: any
		Depends: ${shlibs:Depends}
		Description: says hello
		 A package that a test builds.
	C
	cat >"$dir/debian/changelog" <<-'C'
		lawful (1.0) unstable; urgency=low

		  * First.

		 -- Nobody <nobody@localhost>  Sat, 01 Jan 2022 00:00:00 +0000
	C
	cat >"$dir/debian/rules" <<-'M'
		#!/usr/bin/make -f
		.RECIPEPREFIX = >
		tree = debian/lawful
		build build-arch: hello
		hello: hello.c libgreeting.so.1
		> gcc -o $@ $^ -Wl,-rpath,/usr/lib/lawful
		libgreeting.so.1: greeting.c
		> gcc -shared -fPIC -Wl,-soname,$@ -o $@ $^
		clean:
		> rm -rf $(tree) hello libgreeting.so.1 debian/substvars debian/files
		binary binary-arch: build
		> install -D hello $(tree)/usr/bin/lawful-hello
		> install -D -m 644 libgreeting.so.1 $(tree)/usr/lib/lawful/libgreeting.so.1
		> install -d $(tree)/etc/lawful $(tree)/DEBIAN
		> echo color = red >$(tree)/etc/lawful/settings
		> echo /etc/lawful/settings >$(tree)/DEBIAN/conffiles
		> install -m 755 debian/postinst debian/postrm $(tree)/DEBIAN
		> chown -R root:root $(tree)
		> dpkg-shlibdeps -xlawful -llibdir -l. $(tree)/usr/bin/lawful-hello
		> dpkg-gencontrol -P$(tree)
		> dpkg-deb --build $(tree) ..
		.PHONY: build build-arch clean binary binary-arch
	M
	cat >"$dir/debian/postinst" <<-'S'
		#!/bin/sh
		set -e
		mkdir -p /var/lib/lawful
		lawful-hello >/var/lib/lawful/state
	S
	cat >"$dir/debian/postrm" <<-'S'
		#!/bin/sh
		[ "$1" != purge ] || rm -r /var/lib/lawful
	S
	chmod 755 "$dir"/debian/{rules,postinst,postrm}
}

# As a developer does it, not as root but with fakeroot. Of dpkg-buildpackage it is the part that leads to the package:
# each of its helpers costs perl a second.
work_package_build() {
	rm -rf /var/lib/{dpkg,apt/extended_states} /var/cache/apt/*.bin
	cp -a /tmp/l/dpkg /var/lib/
	cp -a /tmp/l/source lawful-1.0
	chown -R 65534:65534 .
	(
		cd lawful-1.0 || exit
		export SOURCE_DATE_EPOCH=1641000000 HOME=/tmp
		setpriv --reuid 65534 --regid 65534 --clear-groups dpkg-buildpackage -us -uc -d -rfakeroot -T binary-arch
	)
	for file in *; do echo "$file"; done
	dpkg-deb -I lawful_*.deb
	dpkg-deb -c lawful_*.deb
	sha256sum lawful_*.deb
}

work_package_install() {
	cp ../package_build/*.deb .
	unshare -m bash -e -c '
		export DEBIAN_FRONTEND=noninteractive
		mount -t tmpfs system /mnt
		mkdir /mnt/upper /mnt/work
		mount -t overlay system -o lowerdir=/usr,upperdir=/mnt/upper,workdir=/mnt/work /usr
		apt-get -qq -y install ./*.deb
		lawful-hello
		lawful-hello /usr/lib/lawful/libgreeting.so.1
		lawful-hello /none.so || echo "hello: $?"
		/lib64/ld-linux-x86-64.so.2 /usr/bin/lawful-hello
		cat /var/lib/lawful/state
		dpkg -L lawful
		echo color = blue >/etc/lawful/settings
		dpkg --verify lawful || echo "verify: $?"
		apt-get -qq -y purge lawful
		cd /mnt/upper
		find . -printf "%M %p\n"
		ls -d /etc/lawful /var/lib/lawful || echo "ls: $?"'
}
