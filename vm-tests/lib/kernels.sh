# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# kernels.sh - fetches distribution kernels into the cache and readies them for the VM.
#
# A kernel's folder in the cache:  lib/modules/VERSION/   as in the package
#                                  vmlinux                the image to boot
#                                  initrd                 busybox and the modules that mount the host's tree
# A name such as kernels/6.12 is a link to such a folder, made last: it exists only when all is there.

readonly cache=${PORTCULLIS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/portcullis}
# shellcheck disable=SC2034 # for vm.sh
readonly kernel_names=(6.1 6.12 7)

# What must be in the initrd: everything up to the mount of the host's tree. The rest is loaded from there.
readonly boot_modules=(virtio_pci virtio_console 9pnet_virtio 9p)

die() {
	printf 'dev: %s\n' "$*" >&2
	exit 125
}

say() {
	printf 'dev: %s\n' "$*" >&2
}

# The suites that hold each kernel line. The newest version found wins; a suite that the mirror
# doesn't carry is no error as long as another one has the kernel.
apt_suites() {
	printf '%s\n' bookworm bookworm-backports trixie trixie-backports
}

# The address of the mirror with the given label in apt's own configuration.
apt_mirror() {
	# shellcheck disable=SC2016 # apt's variable, not the shell's
	apt-get indextargets --format '$(SITE)' 'Created-By: Packages' "Label: $1" | head -n 1
}

apt_write_sources() {
	local main security suite key=/usr/share/keyrings/debian-archive-keyring.gpg

	main=$(apt_mirror Debian)
	security=$(apt_mirror Debian-Security)
	[[ -n $main ]] || die "apt knows no Debian mirror: run 'apt-get update' first"
	[[ -e $key ]] || die "$key is missing: install debian-archive-keyring"
	for suite in $(apt_suites); do
		printf 'deb [signed-by=%s] %s %s main\n' "$key" "$main" "$suite"
		if [[ -n $security && $suite != *-backports ]]; then
			printf 'deb [signed-by=%s] %s %s-security main\n' "$key" "$security" "$suite"
		fi
	done
}

# A private state directory: the host's own lists, sources and pins are neither used nor changed.
apt_set_up() {
	local dir=$cache/apt

	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	apt_write_sources >"$dir/sources.list"
	: >"$dir/status"
	cat >"$dir/apt.conf" <<-EOF
		Dir::State "$dir";
		Dir::State::Lists "$dir/lists";
		Dir::State::Status "$dir/status";
		Dir::Cache "$dir/cache";
		Dir::Etc::SourceList "$dir/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::Etc::Preferences "/dev/null";
		Dir::Etc::PreferencesParts "/dev/null";
		Acquire::Languages "none";
		APT::Sandbox::User "$(id -un)";
	EOF
	export APT_CONFIG=$dir/apt.conf
	# Several kernels in a row share one fetch of the lists.
	[[ -z $(find "$dir/updated" -mmin -10 2>/dev/null) ]] || return 0
	apt-get -qq update >"$dir/update.log" 2>&1 ||
		say "some package lists could not be fetched, see $dir/update.log"
	touch "$dir/updated"
}

# Versions of linux-image-amd64 whose number begins with the given name, the newest first.
apt_newest_kernel() {
	apt-cache madison linux-image-amd64 | awk '{ print $3 }' | sort -Vru |
		awk -v name="$1." 'index($1, name) == 1 { print; exit }'
}

# PACKAGE=VERSION -> the packages with files of that kernel that it depends on: one signed image, or
# from 7.x on an image that is split over several packages.
apt_kernel_packages() {
	apt-cache show "$1" | sed -n 's/^Depends: //p' | tr ',' '\n' |
		sed -nE 's/^ *(linux-(image|binary|modules|base)-[0-9][^ ]*) \(= ([^)]*)\).*/\1=\3/p'
}

kernel_download() {
	local name=$1 into=$2 version packages image

	version=$(apt_newest_kernel "$name")
	[[ -n $version ]] || die "the mirror has no kernel $name (lists: $cache/apt/sources.list)"
	packages=$(apt_kernel_packages "linux-image-amd64=$version")
	image=$(grep -m 1 '^linux-image-' <<<"$packages")
	packages+=$'\n'$(apt_kernel_packages "$image")
	say "fetching kernel $name: ${image%%=*} $version"
	# shellcheck disable=SC2086 # a list of words
	(cd "$into" && apt-get -qq download $packages) || die "cannot download ${image%%=*}"
}

# The modules that the named ones need, in the order of loading.
modules_for_boot() {
	local root=$1 version=$2 name

	for name in "${boot_modules[@]}"; do
		modprobe -C /dev/null -d "$root" -S "$version" --show-depends "$name"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

kernel_make_initrd() {
	local root=$1 version=$2 tree module n=10

	tree=$root/initrd.d
	mkdir -p "$tree/bin" "$tree/modules" "$tree/new"
	cp "$(type -P busybox)" "$tree/bin/busybox"
	for module in $(modules_for_boot "$root" "$version"); do
		# Unpacked here: under emulation the guest would be slow at it.
		case $module in
		*.xz) xz -dc "$module" >"$tree/modules/$n.ko" ;;
		*.zst) zstd -dcq "$module" >"$tree/modules/$n.ko" ;;
		*) cp "$module" "$tree/modules/$n.ko" ;;
		esac
		n=$((n + 1))
	done
	(cd "$tree" && find . | cpio -o -H newc -R 0:0 --quiet) >"$root/initrd"
	rm -r "$tree"
}

# The kernel inside a vmlinuz, which QEMU starts directly (by its PVH note): to have it unpacked by
# its own loader under emulation takes longer than all the rest of the boot. The offsets are those of
# the x86 boot protocol; the four bytes after the packed data hold its size.
image_unpack() {
	local image=$1 sectors offset len

	sectors=$(od -An -tu1 -j $((0x1f1)) -N 1 "$image")
	offset=$(od -An -tu4 -j $((0x248)) -N 4 "$image")
	len=$(od -An -tu4 -j $((0x24c)) -N 4 "$image")
	offset=$(((sectors + 1) * 512 + offset))
	case $(od -An -tx1 -j "$offset" -N 4 "$image") in
	' fd 37 7a 58') tail -c "+$((offset + 1))" "$image" | head -c $((len - 4)) | xz -dc ;;
	' 28 b5 2f fd') tail -c "+$((offset + 1))" "$image" | head -c $((len - 4)) | zstd -dcq ;;
	*) die "$image is packed in a way that is not known here" ;;
	esac
}

# DIR with unpacked packages -> the layout at the top of this file.
kernel_arrange() {
	local root=$1 version image

	# Packages older than the merged /usr have their modules in /lib.
	if [[ -d $root/usr/lib/modules ]]; then
		mv "$root/usr/lib/modules" "$root/modules"
	else
		mv "$root/lib/modules" "$root/modules"
	fi
	rm -rf "${root:?}/usr" "${root:?}/lib"
	mkdir -p "$root/lib" "$root/usr"
	mv "$root/modules" "$root/lib/modules"
	# kmod looks in /lib or in /usr/lib, depending on its age.
	ln -s ../lib "$root/usr/lib"
	version=$(ls "$root/lib/modules")
	image=$root/boot/vmlinuz-$version
	[[ -e $image ]] || image=$root/lib/modules/$version/vmlinuz
	# head may be done before tail is: no error.
	(set +o pipefail && image_unpack "$image") >"$root/vmlinux"
	rm -rf "${root:?}/boot" "$root/lib/modules/$version/vmlinuz"
	depmod -b "$root" "$version"
	kernel_make_initrd "$root" "$version"
	printf '%s\n' "$version"
}

kernel_fetch() {
	local name=$1 work version deb

	apt_set_up
	work=$(mktemp -d "$cache/kernels/.new.XXXXXX")
	mkdir "$work/debs" "$work/root"
	kernel_download "$name" "$work/debs"
	for deb in "$work"/debs/*.deb; do
		dpkg -x "$deb" "$work/root"
	done
	version=$(kernel_arrange "$work/root")
	chmod 755 "$work/root"
	rm -rf "${cache:?}/kernels/$version"
	mv "$work/root" "$cache/kernels/$version"
	ln -sfn "$version" "$cache/kernels/$name"
	rm -r "$work"
}

# kernel_ensure NAME - makes sure that kernels/NAME is in the cache. Two at once wait for each other.
kernel_ensure() {
	local name=$1

	[[ ! -e $cache/kernels/$name/initrd ]] || return 0
	mkdir -p "$cache/kernels"
	(
		flock 9
		[[ -e $cache/kernels/$name/initrd ]] || kernel_fetch "$name"
	) 9>"$cache/kernels.lock"
}

kernel_version() {
	basename "$(readlink "$cache/kernels/$1")"
}
