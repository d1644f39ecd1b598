# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2016,SC2209 # sourced by samples.sh; others expand what is quoted
# shellcheck shell=bash
# ci-runner.sh - a job that fetches, builds and tests with git, make, gcc, python; and one that is after more.

prepare_ci_runner() {
	printf '#!/bin/sh\n"$@"\n' >/usr/local/bin/ci-runner
	chmod 755 /usr/local/bin/ci-runner
	mkdir -p /srv/ci/job
	project_make /srv/ci/job
	chown -R 1000:1000 /srv/ci
}

# ci COMMAND - what a shell of the family says, in the job's folder.
ci() { (cd /srv/ci/job && alice /usr/local/bin/ci-runner sh -c "$1"); }

sample_ci_runner() {
	site_serve 198.51.100.10:443 203.0.113.10:80 192.0.2.10:80 127.0.0.1:8022 169.254.169.254:80
	works "fetches from the forge" '' ci 'git clone -q http://198.51.100.10:443/lib.git lib'
	works "fetches from the mirror" 'some site' ci 'curl -fsS http://203.0.113.10/'
	works "builds, runs, tests" '"7\n"' ci 'make -s'
	works "commits" 1 ci 'cd lib && git -c user.name=a -c user.email=a@b.c commit -q --allow-empty -m two &&
		git log --oneline origin/main..HEAD | wc -l'
	works "moves folders of its own" '' ci 'mv lib lib2 && mv lib2 lib && rm -rf lib prog'
	works "pipes by number" 'x' ci 'bash -c "cat <(echo x)"'
	quiet
	ci_attacks
	kill "${sites_served[@]}"
}

ci_attacks() {
	local never='never = $secrets' home=/home/alice

	comm=cat
	try "ci: a secret of the home" open deny $home/.ssh/id_rsa "$never" read -- word_of ci "cat $home/.ssh/id_rsa"
	try "ci: another" open deny $home/.aws/credentials "$never" read -- word_of ci "cat $home/.aws/credentials"
	try "ci: of the system" open deny /etc/shadow "$never" read -- word_of ci 'cat /etc/shadow'
	try "ci: of the project" open deny /srv/ci/job/.env "$never" read -- word_of ci 'cat .env'
	try "ci: any file of the home" open deny $home/notes default read -- word_of ci "cat $home/notes"
	comm=mv try "ci: moves a secret" open deny /srv/ci/job/.env "$never" '' -- word_of ci 'mv .env env && mv env .env'
	comm=mv try "ci: moves the folder of secrets" open deny $home/.ssh default '' -- \
		word_of ci "mv $home/.ssh $home/x && mv $home/x $home/.ssh"
	comm=ln try "ci: links a secret" open deny /srv/ci/job/.env "$never" '' -- word_of ci 'ln .env other && rm other'
	comm=cp try "ci: copies a secret" open deny $home/.ssh/id_rsa "$never" read -- word_of ci "cp $home/.ssh/id_rsa ."
	comm=sh try "ci: a line for the next login" open deny $home/.bashrc default write -- \
		word_of ci "echo evil >>$home/.bashrc"
	comm='' try "ci: a program in /tmp" exec deny /tmp/ci-tool default -- \
		word_of ci 'cp /usr/bin/id /tmp/ci-tool && /tmp/ci-tool'
	comm=sh try "ci: asks the service manager" exec deny /usr/bin/systemd-run '' -- word_of ci 'systemd-run --version'
	comm=curl
	try "ci: elsewhere" connect deny '192.0.2.10 port 80 tcp' default -- word_of ci 'curl -fsv http://192.0.2.10/'
	try "ci: the metadata" connect deny '169.254.169.254 port 80 tcp' 'never = 169.254.169.254' -- \
		word_of ci 'curl -fsv http://169.254.169.254/'
	try "ci: services of this host" connect deny '127.0.0.1 port 8022 tcp' default -- \
		word_of ci 'curl -fsv http://127.0.0.1:8022/'
	unset comm
	family_sockets_asked ci
	comm='' try "ci: a user namespace" system deny userns default -- word_of ci 'unshare -U true'
}
