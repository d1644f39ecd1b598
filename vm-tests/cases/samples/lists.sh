# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2016,SC2209 # sourced by samples.sh; names of lists
# shellcheck shell=bash
# lists.sh - that the lists of policy/lists/ hold what they say: python3 runs with no more than base, tls, nss and python, keeps
# its files in homes, and finds nothing of secrets and brokers open.

# One name for each line of the list.
secrets_made=(/etc/shadow /etc/gshadow- /etc/security/opasswd /etc/sssd/sssd.conf /etc/krb5.keytab /etc/ssh/ssh_host_rsa_key
	/etc/ssl/private/a.key /etc/pki/tls/private/a.key /etc/letsencrypt/live/a/privkey.pem /etc/wireguard/wg0.conf
	/etc/ipsec.d/private/a.pem /etc/ppp/chap-secrets /etc/NetworkManager/system-connections/wlan /etc/kubernetes/admin.conf
	/etc/kubernetes/pki/ca.key /etc/rancher/k3s/k3s.yaml /run/credentials/a/b /run/secrets/a
	/var/lib/kubelet/pods/a/volumes/kubernetes.io~projected/b/token /var/lib/sss/secrets/a
	/var/lib/private/a/b /root/.ssh/id_rsa /home/alice/.ssh/id_ed25519 /home/alice/.ssh/work.pem
	/home/alice/.gnupg/private-keys-v1.d/a.key /root/.netrc /home/alice/.pgpass /home/alice/.npmrc /home/alice/.git-credentials
	/home/alice/.config/git/credentials /home/alice/.config/gh/hosts.yml /home/alice/.config/gcloud/a.db /root/.aws/credentials
	/home/alice/.kube/config /home/alice/.docker/config.json /home/alice/.config/containers/auth.json
	/home/alice/.cargo/credentials.toml /home/alice/.gem/credentials /home/alice/.m2/settings.xml
	/home/alice/.terraform.d/credentials.tfrc.json /home/alice/.password-store/a.gpg /home/alice/.local/share/keyrings/login.keyring
	/home/alice/.mozilla/firefox/a/logins.json /home/alice/.config/chromium/Default/Cookies /home/alice/.bash_history
	/srv/app/.env /home/alice/src/tool/.env)
# What is near them and is no secret.
open_made=(/etc/ssh/ssh_host_rsa_key.pub /home/alice/.ssh/known_hosts /home/alice/.ssh/config /home/alice/.ssh/authorized_keys
	/home/alice/.config/git/config /home/alice/.bashrc /home/alice/.cargo/config.toml /srv/app/.env.example /etc/ssl/certs/a.pem
	/etc/passwd)
brokers_made=(/run/dbus/system_bus_socket @/tmp/dbus-abc /run/systemd/private /run/systemd/io.systemd.Machine
	/run/systemd/machine/io.systemd.Machine /run/snapd.socket /run/user/1000/bus /run/user/1000/systemd/private
	/run/user/1000/keyring/ssh /run/user/1000/gnupg/S.gpg-agent /run/user/1000/podman/podman.sock /run/user/1000/wayland-0
	/run/docker.sock /run/containerd/containerd.sock /run/podman/podman.sock /run/libvirt/libvirt-sock /var/lib/lxd/unix.socket
	/var/lib/incus/unix.socket /tmp/ssh-abc/agent.7 /home/alice/.ssh/master /home/alice/.gnupg/S.gpg-agent
	/tmp/tmux-1000/default /run/screen/S-alice/1.tty /tmp/.X11-unix/X0 @/tmp/.X11-unix/X0 @/tmp/.ICE-unix/5)
others_made=(/run/postgresql/.s.PGSQL.5432 /run/systemd/journal/stdout /tmp/mine/socket @mine)

prepare_lists() {
	local path

	mkdir -p /tmp/lists /home/alice/.cache/tool
	for path in "${secrets_made[@]}" "${open_made[@]}"; do
		mkdir -p "${path%/*}"
		[[ -e $path ]] || echo '# x' >"$path"
	done
	chown -R 1000:1000 /home/alice
	# Another name for the interpreter, so that it has the other profile.
	cp "$(realpath /usr/bin/python3)" /tmp/lists/thief
	cat >/tmp/lists/tool.py <<-'T'
		import ctypes, datetime, grp, hashlib, json, locale, pwd, socket, sqlite3, ssl, threading, zoneinfo
		assert pwd.getpwnam("alice").pw_uid == 1000 and grp.getgrgid(0).gr_name == "root"
		assert socket.getservbyname("https") == 443
		assert socket.getaddrinfo("localhost", 80, socket.AF_INET)[0][4] == ("127.0.0.1", 80)
		locale.setlocale(locale.LC_ALL, "C.UTF-8")
		zoneinfo.ZoneInfo("Europe/Berlin") if zoneinfo.TZPATH and "UTC" in zoneinfo.available_timezones() else None
		ssl.create_default_context().load_verify_locations("/etc/ssl/certs/site.pem")
		threading.Thread(target=hashlib.sha256).start()
		with open("/home/alice/.cache/tool/x", "w") as f:
		    f.write("x")
		sqlite3.connect("/home/alice/.cache/tool/db").execute("CREATE TABLE IF NOT EXISTS t (n)")
		print("done")
	T
}

tool() { alice PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$@"; }

sample_lists() {
	local refused=EPERM

	[[ $phase != control ]] || refused=OK
	works "python3 needs no more than base, tls, nss, python and a home" 'done' tool_works
	quiet
	comm=python3 try "lists: a script elsewhere" open deny /tmp/lists/tool.py default read -- word_of tool /tmp/lists/tool.py
	comm=python3 try "lists: a program" exec deny /usr/bin/id default -- \
		word_of tool -c 'import os; os.execv("/usr/bin/id", ["id"])'
	sockets_serve "${brokers_made[@]}" "${others_made[@]}"
	works "secrets" $refused /tmp/lists/thief -c "$ask" read "${secrets_made[@]}"
	works "what is none" OK /tmp/lists/thief -c "$ask" read "${open_made[@]}"
	works "brokers" $refused /tmp/lists/thief -c "$ask" connect "${brokers_made[@]}"
	works "what are none" OK /tmp/lists/thief -c "$ask" connect "${others_made[@]}"
	kill "$sockets_served"
}

tool_works() { tool -I - </tmp/lists/tool.py; }
