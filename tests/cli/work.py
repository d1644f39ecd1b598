#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""work.py - decision logs of normal work, as an audit of a host would record it; the same ones at each call.

usage: work.py nginx|sshd|postgresql|build [PROFILE]
"""
import json
import sys


class Log:
    """Writes records, each 250 ms after the one before."""

    def __init__(self, profile):
        self.profile = profile
        self.at = 0
        self.seed = 20261121

    def number(self, limit):
        self.seed = (self.seed * 1103515245 + 12345) % (1 << 31)
        return (self.seed >> 8) % limit

    def word(self, letters, length):
        return "".join(letters[self.number(len(letters))] for _ in range(length))

    def add(self, hook, obj, exe, uid=0, access=None, **more):
        seconds, quarter = divmod(self.at, 4)
        self.at += 1
        record = {
            "time": "2026-11-21T%02d:%02d:%02d.%09dZ" % (8 + seconds // 3600, seconds // 60 % 60, seconds % 60,
                                                         quarter * 250000000),
            "seq": self.at, "hook": hook, "verdict": "audit", "object": obj, "rule": "default", "verb": "deny",
            "mode": "audit", "pid": 1000 + self.number(30000), "uid": uid, "gid": uid,
            "comm": exe.rsplit("/", 1)[-1][:15], "exe": exe,
        }
        if access:
            record["access"] = access
        if self.profile:
            record["profile"] = self.profile
        record.update(more)
        print(json.dumps(record))

    def read(self, exe, uid, *names):
        for name in names:
            self.add("open", name, exe, uid, "read")

    def write(self, exe, uid, *names):
        for name in names:
            self.add("open", name, exe, uid, "write")

    def start(self, exe):
        """What any program does first."""
        self.add("exec", exe, "/usr/lib/systemd/systemd")
        for name in ("ld-linux-x86-64.so.2", "libc.so.6", "libcrypto.so.3", "libssl.so.3", "libz.so.1", "libm.so.6",
                     "libpcre2-8.so.0.11.2", "libcrypt.so.1.1.0", "libnss_files.so.2", "libsystemd.so.0.35.0"):
            self.add("exec", "/usr/lib/x86_64-linux-gnu/" + name, exe, 0, None, operation="map")
            self.read(exe, 0, "/usr/lib/x86_64-linux-gnu/" + name)
        self.read(exe, 0, "/etc/ld.so.cache", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/localtime",
                  "/proc/%d/stat" % (1000 + self.number(30000)), "/proc/%d/stat" % (1000 + self.number(30000)))


HEX = "0123456789abcdef"
BASE62 = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def nginx(log):
    exe, www = "/usr/sbin/nginx", 33
    log.start(exe)
    log.read(exe, 0, "/etc/nginx/nginx.conf", "/etc/nginx/mime.types", "/etc/nginx/sites-available/default",
             "/etc/nginx/snippets/fastcgi-php.conf", "/etc/ssl/certs/site.pem", "/etc/ssl/private/site.key",
             "/usr/share/nginx/modules-available/mod-stream.conf", "/etc/ssl/openssl.cnf")
    log.write(exe, 0, "/var/log/nginx/access.log", "/var/log/nginx/error.log", "/run/nginx.pid", "/dev/null")
    for i in range(200):
        log.read(exe, www, "/var/www/html/page-%s.html" % "abcdefghijklmnopqrst"[log.number(20)])
        log.read(exe, www, "/var/www/html/img/%s.png" % log.word("abcdef", 5))
        if i % 10 == 0:
            body = "/var/lib/nginx/body/%010d" % i
            log.add("open", body, exe, www, "read+write")
            log.write(exe, www, body)
            log.read(exe, www, "/var/lib/nginx/cache/%s" % log.word(HEX, 32))
        log.add("connect", "unix:/run/php/php8.2-fpm.sock", exe, www)
        if i % 20 == 0:
            log.add("connect", "127.0.0.1 port 8080 tcp", exe, www)
    for i in range(12):
        log.add("connect", "10.20.30.%d port 8443 tcp" % (10 + i), exe, www)
    log.add("connect", "127.0.0.53 port 53 udp", exe, www)


def sshd(log):
    exe = "/usr/sbin/sshd"
    log.start(exe)
    log.read(exe, 0, "/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d/50-cloud.conf", "/etc/ssh/ssh_host_ed25519_key",
             "/etc/ssh/ssh_host_rsa_key", "/etc/shadow", "/etc/pam.d/sshd", "/etc/pam.d/common-auth",
             "/etc/security/limits.conf", "/etc/environment", "/etc/shells", "/etc/motd")
    log.write(exe, 0, "/run/sshd.pid", "/var/log/lastlog", "/var/log/wtmp", "/var/log/btmp", "/run/utmp")
    for i in range(30):
        user = ("alice", "bob")[i % 2]
        log.read(exe, 1000 + i % 2, "/home/%s/.ssh/authorized_keys" % user)
        log.add("open", "/dev/pts/%d" % (i % 3), exe, 0, "read+write")
        log.add("open", "/proc/%d/oom_score_adj" % (2000 + 7 * i), exe, 0, "write")
        log.read(exe, 0, "/proc/%d/loginuid" % (2000 + 7 * i))
        log.add("exec", "/usr/bin/bash", exe, 1000 + i % 2)
        log.add("open", "/run/systemd/sessions/%d.ref" % i, exe, 0, "write")
        log.add("connect", "unix:/run/systemd/journal/dev-log", exe)
        log.add("connect", "unix:/run/dbus/system_bus_socket", exe)
    log.add("connect", "family:netlink", exe)


def postgresql(log):
    exe, uid, data = "/usr/lib/postgresql/15/bin/postgres", 110, "/var/lib/postgresql/15/main"
    log.start(exe)
    log.read(exe, uid, "/etc/postgresql/15/main/postgresql.conf", "/etc/postgresql/15/main/pg_hba.conf",
             "/etc/postgresql/15/main/pg_ident.conf", "/usr/share/postgresql/15/timezonesets/Default",
             "/usr/share/zoneinfo/Etc/UTC", data + "/PG_VERSION", data + "/postgresql.auto.conf")
    for name in ("/postmaster.pid", "/global/pg_control", "/global/1262", "/global/1260", "/global/pg_filenode.map"):
        log.add("open", data + name, exe, uid, "read+write")
    for i in range(300):
        log.add("open", "%s/base/%d/%d%s" % (data, (1, 5, 16384)[log.number(3)], 1200 + log.number(2000),
                                             ("", "_fsm", "_vm")[log.number(3)]), exe, uid, "read+write")
    for i in range(8):
        log.add("open", data + "/pg_wal/0000000100000000000000%02X" % i, exe, uid, "read+write")
        log.add("open", data + "/pg_stat_tmp/pgstat_%d.tmp" % i, exe, uid, "write")
        log.add("open", "/dev/shm/PostgreSQL.%d" % log.number(1 << 30), exe, uid, "read+write")
    log.write(exe, uid, "/run/postgresql/.s.PGSQL.5432.lock", "/var/log/postgresql/postgresql-15-main.log")
    log.add("open", "anon:", exe, uid, "read+write")


def build(log):
    shell, make, cc, uid = "/usr/bin/dash", "/usr/bin/make", "/usr/lib/gcc/x86_64-linux-gnu/12/cc1", 999
    log.start(make)
    for name in ("dash", "x86_64-linux-gnu-gcc-12", "x86_64-linux-gnu-as", "x86_64-linux-gnu-ld.bfd", "sed",
                 "mawk", "grep", "install", "dpkg-buildpackage", "dpkg-deb", "dh", "fakeroot-sysv", "perl", "tar",
                 "xz"):
        log.add("exec", "/usr/bin/" + name, shell, uid)
    log.add("exec", cc, "/usr/bin/x86_64-linux-gnu-gcc-12", uid)
    for i in range(60):
        source = "/srv/build/hello-2.10/src/%s" % log.word("abcdefgh", 6)
        log.read(cc, uid, source + ".c", "/usr/include/%s.h" % log.word("stdio", 5),
                 "/usr/include/x86_64-linux-gnu/bits/%s.h" % log.word("types", 5))
        log.add("open", source + ".o", "/usr/bin/x86_64-linux-gnu-as", uid, "read+write")
        log.add("open", "/tmp/cc%s.s" % log.word(BASE62, 6), cc, uid, "read+write")
    log.write("/usr/bin/dpkg-deb", uid, "/srv/build/hello_2.10-3_amd64.deb", "/srv/build/hello_2.10-3_amd64.changes")
    log.read("/usr/bin/perl", uid, "/usr/share/perl/5.36.0/strict.pm", "/usr/share/perl5/Dpkg.pm",
             "/var/lib/dpkg/status")
    log.add("connect", "192.0.2.80 port 443 tcp", "/usr/bin/git", uid)


if __name__ == "__main__":
    {"nginx": nginx, "sshd": sshd, "postgresql": postgresql, "build": build}[sys.argv[1]](
        Log(sys.argv[2] if len(sys.argv) > 2 else None))
