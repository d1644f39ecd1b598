# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2086,SC2094,SC2209 # sourced by samples.sh
# shellcheck shell=bash
# kiosk.sh - the browser w3m, and ways out of it.

prepare_kiosk() {
	mkdir -p /tmp/kiosk
	cp /usr/bin/id /tmp/kiosk/tool
	printf '<html><body><p>text</p></body></html>\n' >/tmp/site/page.html
	chmod 1777 /tmp/kiosk
	# A menu, which a kiosk may have too: a shell without programs.
	cp "$busybox" /tmp/kiosk/busybox
}

# The programs of these tests lie where packages bring nothing.
drop_in_kiosk() {
	printf '%s\n' '[exec]' 'allow = /run/vm/**' 'allow = /tmp/kiosk/busybox' '[exec kiosk]' 'allow = /tmp/kiosk/busybox'
}

w3m_at() { alice TERM=vt100 w3m -no-cookie "$@"; }

sample_kiosk() {
	site_serve 192.0.2.10:80 192.0.2.10:8080
	works "the browser shows a page" text w3m_at -dump http://192.0.2.10/page.html
	quiet
	kiosk_attacks
	kill "${sites_served[@]}"
}

# menu COMMAND - by the shell of somebody who got out of the browser.
menu() { alice /tmp/kiosk/busybox sh -c "$1"; }

# w3m's key ! asks for a command. Told by what that leaves.
browser_key() {
	rm -f /tmp/kiosk/out
	: >/tmp/kiosk/screen
	{
		wait_until grep -q text /tmp/kiosk/screen
		printf '!echo >/tmp/kiosk/out\r'
		wait_until grep -q 'Hit any key\|not permitted' /tmp/kiosk/screen
		sleep 1
		printf '\rqy'
	} | browser_in_terminal >/tmp/kiosk/screen 2>&1
	[[ -e /tmp/kiosk/out ]] && echo OK || echo EPERM
}

browser_in_terminal() {
	local browser='setpriv --reuid 1000 --regid 1000 --clear-groups w3m http\://192.0.2.10/page.html'

	HOME=/home/alice TERM=vt100 socat - "EXEC:$browser,pty,setsid,ctty,mode=0666"
}

kiosk_attacks() {
	comm=w3m try "the browser starts a shell" exec deny /usr/bin/dash default -- browser_key
	try "a program" exec deny "$(realpath /usr/bin/python3)" default -- word_of menu 'python3 -c 1'
	try "by ld.so" open deny /usr/bin/id default read -- word_of menu '/lib64/ld-linux-x86-64.so.2 /usr/bin/id'
	try "a program that somebody brought" exec deny /tmp/kiosk/tool default -- word_of menu /tmp/kiosk/tool
	comm=busybox
	try "somebody's file" open deny /home/alice/notes default read -- \
		word_of menu 'while read -r x; do :; done </home/alice/notes'
	unset comm
	comm=w3m try "the browser shows files" open deny /etc/shadow default read -- file_shown /etc/shadow
	comm=w3m try "other ports" connect deny '192.0.2.10 port 8080 tcp' default -- elsewhere_shown
	comm='' try "root too: what no package brought" exec deny /tmp/kiosk/tool default -- word_of /usr/bin/env /tmp/kiosk/tool
}

# w3m tells no reasons.
file_shown() { w3m_at -dump "$1" | grep -q root && echo OK || echo EPERM; }
elsewhere_shown() { w3m_at -dump http://192.0.2.10:8080/page.html 2>&1 | grep -q text && echo OK || echo EPERM; }
