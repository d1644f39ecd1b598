# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2154 # cache, checkout: set by those who include this
# vm.sh - boots a kernel in QEMU on the host's tree and runs one command in it.
#
# The guest's root is the host's / over 9p, read-only, so every program of the host is there at its
# path. /etc (a copy), /var, /home, /root, /tmp, /run and /mnt are the guest's own tmpfs: nothing that
# happens there reaches the host. The checkout alone is shared for writing.
#
# This is virtme-ng's idea with an init of our own: without udev, systemd-tmpfiles and Python a boot
# takes a fifth of the time, and boots are the dear part. See init for the guest's side.
#
# With --systemd the guest's root is a small Debian of its own in a tmpfs, see debian.sh, and its first process systemd.
# The checkout is at its path there too. The command runs as a service once multi-user.target is reached.

vm_usage="usage: ./dev vm [--kernel 6.1|6.12|7|all] [--cpus N] [--mem M] [--append 'kernel args']
                [--timeout S] [--icount] [--systemd] -- COMMAND…"

vm_kernel=6.12
vm_cpus=2
vm_mem=2G
vm_append=
vm_timeout=600
vm_icount=
vm_debian=

vm_parse() {
	while (($# > 0)); do
		case $1 in
		--kernel | --cpus | --mem | --append | --timeout)
			(($# > 1)) || die "$1 needs a value"$'\n'"$vm_usage"
			printf -v "vm_${1#--}" '%s' "$2"
			shift 2
			;;
		--icount) vm_icount=1 && shift ;;
		--systemd) vm_debian=$(debian_ensure) && shift ;;
		--)
			shift
			break
			;;
		*) die "unknown option '$1'"$'\n'"$vm_usage" ;;
		esac
	done
	(($# > 0)) || die "no command given"$'\n'"$vm_usage"
	vm_command=("$@")
}

# Boots the kernel bare and looks whether anything comes out of the serial port: there are hosts that
# have /dev/kvm and hang in it. The answer holds until the host's next boot.
kvm_probe() {
	local image=$1 out qemu

	out=$(mktemp)
	timeout 10 qemu-system-x86_64 -accel kvm -cpu host -m 256 -nodefaults -no-user-config -display none \
		-no-reboot -serial "file:$out" -kernel "$image" \
		-append 'console=ttyS0 earlyprintk=ttyS0 panic=-1' 2>"$out.err" &
	qemu=$!
	# The kernel panics for want of a root, and so ends by itself where KVM works.
	wait "$qemu" || true
	grep -q 'Kernel panic' "$out" && qemu=0
	rm -f "$out" "$out.err"
	[[ $qemu == 0 ]]
}

kvm_works() {
	local image=$1 boot answer file=$cache/kvm

	[[ -r /dev/kvm && -w /dev/kvm ]] || return 1
	boot=$(</proc/sys/kernel/random/boot_id)
	(
		flock 9
		if [[ ! -e $file || $(<"$file") != "$boot "* ]]; then
			answer=no
			kvm_probe "$image" && answer=yes
			[[ $answer == yes ]] || say "/dev/kvm is there but no kernel boots under it: using emulation"
			printf '%s %s\n' "$boot" "$answer" >"$file"
		fi
		[[ $(<"$file") == *yes ]]
	) 9>"$cache/kvm.lock"
}

# Under emulation: 5-level page tables only make each walk longer.
vm_accel_args() {
	local cpu=max,-la57

	if [[ -n $vm_icount ]]; then
		# One instruction is one nanosecond of the guest's clock: its differences count instructions.
		printf '%s\n' -accel tcg,thread=single -icount shift=0,sleep=off -cpu "$cpu" -smp 1
		return
	fi
	if kvm_works "$1/vmlinux"; then
		printf '%s\n' -accel kvm -cpu host -smp "$vm_cpus"
		return
	fi
	# QEMU's cmpxchg16b with several threads makes 6.12 double-fault; 7.x needs the instruction.
	[[ $(kernel_version "$2") != 6.12.* ]] || cpu+=,-cx16
	printf '%s\n' -accel tcg,thread=multi -cpu "$cpu" -smp "$vm_cpus"
}

# What the guest's init finds in /vm: settings, the job, and the files of its private folders.
vm_make_initrd() {
	local root=$1 run=$2 tree=$2/tree cwd=$PWD

	mkdir -p "$tree/vm"
	[[ $cwd/ == "$checkout"/* ]] || cwd=$checkout
	cp "$checkout/vm-tests/lib/init" "$tree/init"
	printf 'VM_CHECKOUT=%q\nVM_NAME=vm\nVM_DEBIAN=%q\n' "$checkout" "$vm_debian" >"$tree/vm/settings"
	{
		printf 'cd %q\nunset VM_CHECKOUT\n' "$cwd"
		printf 'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n'
		printf 'export HOME=/root USER=root LOGNAME=root SHELL=/bin/bash TERM=%q LANG=C.UTF-8\n' "${TERM:-dumb}"
		printf 'ulimit -Hn 524288\nexec'
		printf ' %q' "${vm_command[@]}"
		printf '\n'
	} >"$tree/vm/job"
	[[ -n $vm_debian ]] || vm_pack_private "$tree/vm/tree.tar"
	(cd "$tree" && find . | cpio -o -H newc -R 0:0 --quiet) | cat "$root/initrd" - >"$run/initrd"
	rm -r "$tree"
}

# Files that the user can't read are left out, as they would be for any program of that user.
vm_pack_private() {
	{
		find /etc -xdev \( -type l -o -type f -readable \) -print0
		find /etc /var /home -xdev -maxdepth 3 -type d -print0
		find /etc -xdev -mindepth 4 -type d -print0
		find /var -xdev -maxdepth 2 -type l -print0
		find /root -maxdepth 0 -print0
	} 2>/dev/null | tar -c --no-recursion --null -T - -P --transform 's,^/,,S' -f "$1" --warning=none || true
}

# The port of each stream, the shares, the kernel: one QEMU argument a line.
vm_qemu_args() {
	local root=$1 run=$2 stream

	printf '%s\n' -nodefaults -no-user-config -display none -no-reboot -machine q35 -m "$vm_mem" \
		-kernel "$root/vmlinux" -initrd "$run/initrd" \
		-append "$(vm_kernel_args)" -serial "file:$run/console" -device virtio-serial-pci \
		-chardev stdio,id=stdin,signal=off,mux=off \
		-chardev file,id=stdout,path=/dev/fd/6 -chardev file,id=stderr,path=/dev/fd/7 \
		-chardev "file,id=code,path=$run/code"
	for stream in stdin stdout stderr code; do
		printf '%s\n' -device "virtserialport,name=vm.$stream,chardev=$stream"
	done
	if [[ -n $vm_debian ]]; then
		vm_share debian "$cache/debian" ,readonly=on
	else
		vm_share root / ,readonly=on
	fi
	vm_share checkout "$checkout" ''
	vm_share modules "$root/lib/modules" ,readonly=on
}

vm_share() {
	# QEMU's own quoting: a comma inside a value is doubled.
	printf '%s\n' -fsdev "local,id=$1,path=${2//,/,,},security_model=none,multidevs=remap$3" \
		-device "virtio-9p-pci,fsdev=$1,mount_tag=$1"
}

# Emulated code is translated anew at each address that it is met at: where programs and libraries lie at the same ones
# each time, programs start two to three times as fast. What the yardstick measures stays as it is on a host. Where the host
# is busy, a watchdog finds the clock unstable, and the kernel patches code that the other CPU runs: an emulated one may trip
# over that.
vm_kernel_args() {
	local args='console=ttyS0 loglevel=5 panic=-1 mitigations=off'

	[[ -n $vm_icount ]] || args+=' norandmaps tsc=nowatchdog'
	printf '%s %s' "$args" "$vm_append"
}

# Ends the VM that runs, if any; timeout hands the signal on to its QEMU.
vm_clean_up() {
	[[ -z ${vm_pid:-} ]] || kill "$vm_pid" 2>/dev/null || true
	[[ -z ${vm_stdin_pid:-} ]] || kill "$vm_stdin_pid" 2>/dev/null || true
	[[ -z ${vm_run:-} ]] || rm -rf "$vm_run"
	vm_pid='' vm_stdin_pid='' vm_run=''
}

vm_wait() {
	local out=$1 err=$2 code=0

	wait "$vm_pid" || code=$?
	vm_pid=
	exec 6>&- 7>&-
	# All that the guest wrote is shown before anything else is.
	wait "$out" "$err" || true
	return "$code"
}

# A job can succeed on a kernel that it has damaged: say so, and leave the verdict to the reader.
vm_show_complaints() {
	if grep -aqE 'BUG:|Oops|WARNING:|general protection fault' "$vm_run/console"; then
		say "kernel $1 complained while the command ran:"
		tail -n 60 "$vm_run/console" >&2
	fi
}

# vm_report NAME QEMU_CODE - the exit code of the job, or what became of the VM: 124 too slow, 125 ended, 126 ended before
# the job began. That happens: QEMU's emulation of several CPUs now and then loses against a kernel that patches its text.
vm_report() {
	local name=$1 qemu=$2 code began=''

	code=$(tail -n 1 "$vm_run/code")
	[[ -n $code ]] || began=', before the job began'
	if [[ $code =~ ^[0-9]+$ ]]; then
		vm_show_complaints "$name"
		return "$code"
	elif ((qemu == 124 || qemu == 137)); then
		say "kernel $name: the time limit of $vm_timeout s is over, VM ended (--timeout S gives it more)"
		tail -n 20 "$vm_run/console" >&2
		return 124
	fi
	say "kernel $name: the VM ended without an exit code (QEMU: $qemu)${began}; its console ended so:"
	tail -n 40 "$vm_run/console" >&2
	[[ -n $code ]] && return 125 || return 126
}

vm_run_on() {
	local name=$1 root=$cache/kernels/$1 args out err code=0

	kernel_ensure "$name"
	vm_run=$(mktemp -d)
	touch "$vm_run/console" "$vm_run/code"
	vm_make_initrd "$root" "$vm_run"
	mapfile -t args < <(vm_accel_args "$root" "$name" && vm_qemu_args "$root" "$vm_run")
	# QEMU gets pipes of its own: it would truncate a file, and leave a terminal in non-blocking mode.
	exec 6> >(exec cat) && out=$!
	exec 7> >(exec cat >&2) && err=$!
	exec 8< <(exec cat <&5) && vm_stdin_pid=$!
	setpriv --pdeathsig TERM timeout -k 5 "$vm_timeout" qemu-system-x86_64 "${args[@]}" <&8 8<&- &
	vm_pid=$!
	exec 8<&-
	vm_wait "$out" "$err" || code=$?
	vm_report "$name" "$code" && code=0 || code=$?
	vm_clean_up
	return "$code"
}

vm_main() {
	local name worst=0 names code

	vm_parse "$@"
	names=("$vm_kernel")
	[[ $vm_kernel != all ]] || names=("${kernel_names[@]}")
	[[ " ${kernel_names[*]} all " == *" $vm_kernel "* ]] ||
		die "no kernel '$vm_kernel': it is one of ${kernel_names[*]} all"
	exec 5<&0
	trap vm_clean_up EXIT
	trap 'exit 130' INT TERM HUP
	for name in "${names[@]}"; do
		[[ ${#names[@]} == 1 ]] || say "kernel $name"
		code=0
		vm_run_on "$name" || code=$?
		((code == 0)) || worst=$code
		[[ ${#names[@]} == 1 ]] || say "kernel $name: exit code $code"
	done
	return "$worst"
}
