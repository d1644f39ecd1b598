#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""receiver.py - stands for journald and syslogd: takes what is sent to their sockets and writes it down.

usage: receiver.py JOURNAL-SOCKET JOURNAL-FILE SYSLOG-SOCKET SYSLOG-FILE

An entry of the journal, in its native protocol, becomes a line of JSON; a message for syslog a line as Python shows
bytes. Says 'ready' once it listens.
"""
import array
import json
import os
import selectors
import socket
import struct
import sys


def listen(path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(path)
    os.chmod(path, 0o666)
    return sock


def receive(sock):
    """A datagram, or the file that came instead of one that was too large."""
    data, ancillary, _, _ = sock.recvmsg(1 << 20, socket.CMSG_SPACE(4))
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            fd = array.array("i", content[:4])[0]
            data = os.pread(fd, 1 << 24, 0)
            os.close(fd)
    return data


def fields(data):
    """KEY=value, or KEY, a 64-bit length and as many bytes; each ends with a newline."""
    found = {}
    while data:
        line, _, rest = data.partition(b"\n")
        key, equals, value = line.partition(b"=")
        if not equals:
            (length,) = struct.unpack("<Q", rest[:8])
            value, rest = rest[8:8 + length], rest[8 + length + 1:]
        if key.decode() in found:
            raise ValueError(f"{key} stands twice")
        found[key.decode()] = value.decode()
        data = rest
    return found


def main():
    journal_path, journal_file, syslog_path, syslog_file = sys.argv[1:]
    selector = selectors.DefaultSelector()
    writers = (
        (journal_path, journal_file, lambda data: json.dumps(fields(data))),
        (syslog_path, syslog_file, repr),
    )
    for path, file, show in writers:
        selector.register(listen(path), selectors.EVENT_READ, (open(file, "a", buffering=1, encoding="utf-8"), show))
    print("ready", flush=True)
    while True:
        for key, _ in selector.select():
            out, show = key.data
            out.write(show(receive(key.fileobj)) + "\n")


main()
