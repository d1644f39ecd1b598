# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# samples.sh - the policies of policy/samples/ with the programs that they are for: these do their work, and nothing of that is
# refused; then come attacks, which without a policy succeed.
#
# A sample is loaded as it is shipped, but for its mode, which its reader is told to set too. Its cases are those of
# samples/NAME.sh: prepare_NAME once, sample_NAME in each phase, after `works` and `quiet` the attacks by `try`.

# One after the other; each ends what it started.
read -ra samples <<<"${SAMPLE:-web-server ssh-bastion database ci-runner coding-agent kiosk lists}"
. "$cases/samples/families.sh"
for sample in "${samples[@]}"; do
	# shellcheck disable=SC1090 # files of that folder
	. "$cases/samples/$sample.sh"
done
drop_in=${policy%/*}/policy.d/test.ini
host_key=/etc/ssh/ssh_host_ed25519_key
sites=(10.1.2.3 192.0.2.10 198.51.100.10 203.0.113.10 169.254.169.254)

prepare_samples() {
	local sample site

	# What ../lists/ is for a policy that lies there.
	mkdir -p /etc/lists "${drop_in%/*}" /home/alice
	cp "$checkout"/policy/lists/*.txt /etc/lists/
	# For what the tests themselves serve: some samples have a profile for python3.
	cp "$(realpath /usr/bin/python3)" $bin/python
	[[ -e /etc/shadow ]] || pwconv
	sed -i '/:1000:/d' /etc/passwd
	echo 'alice:x:1000:1000::/home/alice:/bin/sh' >>/etc/passwd
	echo 'alice:*:20000:0:99999:7:::' >>/etc/shadow
	echo notes >/home/alice/notes
	chown -R 1000:1000 /home/alice
	# As after a mistake: so it is the policy that refuses it, not the file's mode.
	chmod a+r /etc/shadow
	mkdir -p /tmp/site
	echo 'some site' >/tmp/site/index.html
	for site in "${sites[@]}"; do "$busybox" ip addr add "$site/32" dev lo; done
	# The host's tree can't be written to: these are the guest's own, of the same names.
	mount -t tmpfs -o mode=0755 srv /srv
	mount -t tmpfs -o mode=0755 local /usr/local/bin
	forge_make
	certificate_make
	library_make
	for sample in "${samples[@]}"; do "prepare_${sample//-/_}"; done
}

# Its key can be read by all, as after a mistake: so it is the policy that refuses it.
certificate_make() {
	mkdir -p /etc/ssl/private
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=site -days 2 \
		-keyout /etc/ssl/private/site.key -out /etc/ssl/certs/site.pem 2>/dev/null
	chmod a+rX /etc/ssl/private /etc/ssl/private/site.key
}

# What it is put into reads the host's SSH key.
library_make() {
	cat >/var/preload.c <<-C
		#include <fcntl.h>
		#include <unistd.h>
		__attribute__((constructor)) static void steal(void)
		{
			if (open("$host_key", O_RDONLY) >= 0)
				(void)!write(1, "STOLEN\n", 7);
		}
	C
	gcc -shared -fPIC -o /var/preload.so /var/preload.c
}

# alice [NAME=VALUE…] COMMAND… - as that user, of whom the command is the first program.
alice() {
	local settings=()

	while [[ $1 == *=* ]]; do settings+=("$1") && shift; done
	env HOME=/home/alice USER=alice "${settings[@]}" setpriv --reuid 1000 --regid 1000 --clear-groups "$@"
}

# site_serve ADDRESS:PORT… - one page at each, until `kill "${sites_served[@]}"`.
site_serve() {
	local place

	sites_served=()
	for place; do
		"$busybox" httpd -f -p "$place" -h /tmp/site &
		sites_served+=($!)
	done
}

# Unix sockets, each at its path (@ for one without a file), as those of real services that anybody may write to.
answer='
import os, select, socket, sys
sockets = []
for path in sys.argv[1:]:
    s = socket.socket(socket.AF_UNIX)
    if path[0] == "@":
        s.bind("\0" + path[1:])
    else:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.lexists(path):
            os.unlink(path)
        s.bind(path)
        os.chmod(path, 0o777)
    s.listen()
    sockets.append(s)
print("READY", flush=True)
while True:
    for s in select.select(sockets, [], [])[0]:
        s.accept()[0].close()
'
# Prints OK, EPERM or what else went wrong, one each, for paths to read, and for sockets; or, if they agree, what all say.
ask='
import errno, os, socket, sys
said = {}
for path in sys.argv[2:]:
    try:
        if sys.argv[1] == "read":
            os.close(os.open(path, os.O_RDONLY))
        else:
            socket.socket(socket.AF_UNIX).connect("\0" + path[1:] if path[0] == "@" else path)
        word = "OK"
    except OSError as e:
        word = errno.errorcode[e.errno]
    said.setdefault(word, []).append(path)
print(len(said) == 1 and word or said)
'

sockets_serve() {
	: >/tmp/sockets.out
	$bin/python -c "$answer" "$@" >/tmp/sockets.out 2>&1 &
	sockets_served=$!
	await_ready /tmp/sockets.out
}

# works NAME WANTED COMMAND… - says that, in each phase.
works() {
	local name=$1 wanted=$2

	shift 2
	is "$phase: $sample: $name" "$("$@" 2>&1)" "$wanted"
}

# quiet - nothing of what the sample's programs did was refused.
quiet() {
	[[ $phase == enforce ]] || return 0
	daemon_settle
	is "$phase: $sample: nothing of its work is refused" "$(tail -c "+$log_start" "$log" | json samples)" ''
}

cases_samples() {
	local sample lost_before start

	for sample in "${samples[@]}"; do
		start=$SECONDS
		if [[ $phase != control ]]; then
			! declare -F "drop_in_${sample//-/_}" >/dev/null || "drop_in_${sample//-/_}" >"$drop_in"
			sample_load
		fi
		"sample_${sample//-/_}"
		[[ $phase == control ]] || judge
		"$busybox" rm -f "$drop_in"
		echo "# $kernel $phase: $sample took $((SECONDS - start)) s"
	done
}

sample_load() {
	local folder=../../policy/samples

	[[ ! -e $cases/samples/$sample.ini ]] || folder=samples
	policy_load "$folder/$sample" "$phase"
}

after_samples() {
	account "accounting of samples"
	is "troubles of samples" "$(troubles)" ''
}
