# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2016,SC2209 # sourced by samples.sh; PHP's variables
# shellcheck shell=bash
# web-server.sh - nginx and PHP as Debian sets them up, and a web shell.

prepare_web_server() {
	local site=/etc/nginx/sites-enabled/default programs=(/usr/sbin/php-fpm*)

	php_fpm=${programs[-1]}
	php_run=/run/php/php${php_fpm#*php-fpm}-fpm
	mkdir -p /var/www/html/uploads /var/lib/nginx /var/log/nginx /run/php /var/lib/php/sessions /etc/ssl/private
	chown www-data /var/lib/nginx /var/www/html/uploads /var/lib/php/sessions
	"$busybox" rm -f "$site"
	cat >"$site" <<-S
		server {
			listen 80 default_server;
			listen 443 ssl default_server;
			ssl_certificate /etc/ssl/certs/site.pem;
			ssl_certificate_key /etc/ssl/private/site.key;
			root /var/www/html;
			location /app/ { proxy_pass http://127.0.0.1:8080/; }
			location /elsewhere/ { proxy_pass http://192.0.2.10:8081/; }
			location /private/ { alias /etc/; }
			location ~ \.php\$ {
				include snippets/fastcgi-php.conf;
				fastcgi_pass unix:$php_run.sock;
			}
		}
	S
	echo page >/var/www/html/page
	cat >/var/www/html/form.php <<-'S'
		<?php
		session_start();
		$_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
		if (isset($_FILES['f']))
			move_uploaded_file($_FILES['f']['tmp_name'], '/var/www/html/uploads/' . basename($_FILES['f']['name']));
		file_put_contents('/var/www/html/uploads/count', $_SESSION['n']);
		echo json_encode([posix_getpwuid(33)['name'], strlen(iconv('UTF-8', 'ISO-8859-15', 'äö')), gethostbyname('localhost')]), "\n";
	S
	# What an attacker has put there.
	cat >/var/www/html/shell.php <<-'S'
		<?php
		function result($r) { return $r !== false ? 'OK' : (error_get_last()['message'] ?? 'failed'); }
		$a = $_GET['a'] ?? '';
		switch ($_GET['do']) {
		case 'read': echo result(@file_get_contents($a)); break;
		case 'write': echo result(@file_put_contents($a, 'x')); break;
		case 'move': echo result(@rename($a, "$a.gone")); break;
		case 'shell': echo trim((string) @shell_exec('echo OK')) ?: result(false); break;
		case 'run': $p = proc_open([$a], [1 => ['pipe', 'w'], 2 => ['pipe', 'w']], $pipes);
			echo trim(stream_get_contents($pipes[1]) . stream_get_contents($pipes[2])) ?: 'OK'; break;
		case 'call': $s = @stream_socket_client($a, $errno, $text, 3); echo $s ? 'OK' : $text; break;
		}
	S
	cp /var/www/html/shell.php /var/www/html/uploads/shell.php
	cp /usr/bin/id /var/www/html/uploads/tool
	chmod 755 /var/www/html/uploads/tool
	echo mine >/var/www/html/mine
	chown www-data /var/www/html
	echo mine >/var/www/html/mine
	chown www-data /var/www/html/mine
}

site_get() { curl -sk --max-time 20 "$@"; }

# shell DO WHAT [PAGE] - what the web shell says, as a word.
shell() {
	local said

	said=$(site_get -G "http://127.0.0.1/${3:-shell.php}" --data-urlencode "do=$1" --data-urlencode "a=$2")
	case $said in
	*'Operation not permitted'*) echo EPERM ;;
	uid=*) echo OK ;;
	# PHP doesn't tell why: the record does.
	*'Unable to execute'* | *'Unable to fork'* | *'No input file specified'*) echo EPERM ;;
	*) echo "$said" ;;
	esac
}

# proxied PATH - what nginx itself did, of which it tells only its log.
proxied() {
	: >/var/log/nginx/error.log
	if site_get -f -o /dev/null "http://127.0.0.1/$1"; then echo OK; else
		case $(</var/log/nginx/error.log) in
		*'1: Operation not permitted'*) echo EPERM ;;
		*) tail -n 1 /var/log/nginx/error.log ;;
		esac
	fi
}

nginx_reload() {
	nginx -s reload 2>/dev/null
	echo $?
}

web_start() {
	"$php_fpm" || fail "$phase: php-fpm starts" "$?"
	nginx || fail "$phase: nginx starts" "$?"
}

web_work() {
	works "a page" page site_get http://127.0.0.1/page
	works "by TLS" page site_get https://127.0.0.1/page
	works "from upstream" 'some site' site_get http://127.0.0.1/app/
	works "an application: sessions, names, dates, languages" '["www-data",2,"127.0.0.1"]' site_get http://127.0.0.1/form.php
	works "it takes uploads" '["www-data",2,"127.0.0.1"]' site_get -F f=@/var/www/html/page http://127.0.0.1/form.php
	works "and serves them" page site_get http://127.0.0.1/uploads/page
	works "nginx takes its settings anew" 0 nginx_reload
	works "and serves on" page site_get http://127.0.0.1/page
}

web_stop() {
	kill -QUIT "$(</run/nginx.pid)"
	kill "$(<"$php_run.pid")"
	wait_until is_missing /run/nginx.pid
}

sample_web_server() {
	site_serve 127.0.0.1:8080 192.0.2.10:8081
	web_start
	web_work
	quiet
	[[ -e /var/www/html/mine ]] || mv /var/www/html/mine.gone /var/www/html/mine
	web_attacks
	web_stop
	kill "${sites_served[@]}"
}

web_attacks() {
	local comm='php-fpm.*'

	try "web shell: a shell" exec deny /usr/bin/dash default -- shell shell ''
	try "web shell: a program" exec deny /usr/bin/id default -- shell run /usr/bin/id
	try "web shell: a program that was uploaded" exec deny /var/www/html/uploads/tool default -- \
		shell run /var/www/html/uploads/tool
	try "web shell: hashes of passwords" open deny /etc/shadow 'never = $secrets' read -- shell read /etc/shadow
	try "web shell: the server's key" open deny /etc/ssl/private/site.key 'never = $secrets' read -- \
		shell read /etc/ssl/private/site.key
	try "web shell: somebody's files" open deny /home/alice/notes default read -- shell read /home/alice/notes
	try "web shell: the content" open deny /var/www/html/mine default write -- shell write /var/www/html/mine
	try "web shell: the content, moved" open deny /var/www/html/mine default write -- shell move /var/www/html/mine
	try "web shell: the metadata" connect deny '169.254.169.254 port 80 tcp' 'never = $metadata' -- \
		shell call tcp://169.254.169.254:80
	try "web shell: elsewhere" connect deny '192.0.2.10 port 8081 tcp' default -- shell call tcp://192.0.2.10:8081
	try "web shell: elsewhere by UDP" connect deny '192.0.2.10 port 53 udp' default -- shell call udp://192.0.2.10:53
	try "web shell: this host" connect deny '127.0.0.1 port 443 tcp' default -- shell call tcp://127.0.0.1:443
	try "a web shell that was uploaded" open deny /var/www/html/uploads/shell.php 'never.read = $uploads/**/*.ph*' read -- \
		shell read /etc/passwd uploads/shell.php
	comm=nginx
	try "nginx: made to pass requests elsewhere" connect deny '192.0.2.10 port 8081 tcp' default -- proxied elsewhere/
	try "nginx: made to serve other files" open deny /etc/debian_version default read -- proxied private/debian_version
	comm='' try "a program in the content, by anybody" exec deny /var/www/html/uploads/tool 'deny = $content/**' -- \
		word_of /usr/bin/env /var/www/html/uploads/tool
}
