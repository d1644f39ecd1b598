#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""clients.py - a thousand clients of the control socket at once: silent ones, slow ones, malformed ones, and some that are cut off.

usage: clients.py SOCKET COUNT UID   (as root; they are UID's)
Connects them all, says READY, waits for a line, and ends. Prints how many the daemon still holds by then, and how many it closed.
"""
import os
import random
import resource
import select
import socket
import struct
import sys

JOIN = 5


def frame(kind, body=b""):
    return struct.pack("=IIII", magic, version, kind, len(body)) + body


def header(path):
    """The protocol's numbers, from the header that is the protocol."""
    text = open(path, encoding="utf-8").read()
    find = lambda name: int(text.split(f"#define {name} ")[1].split()[0].rstrip("uU"), 0)
    return find("PC_CTL_MAGIC"), find("PC_CTL_VERSION")


def behave(client, kind, chance):
    """What each does once it is connected; whoever is not admitted finds the connection closed."""
    try:
        if kind == 1:
            for _ in range(1000):
                client.send(frame(JOIN, struct.pack("=II40s", 1, 0, b"web")), socket.MSG_DONTWAIT)
        elif kind == 2:
            client.send(chance.randbytes(chance.randrange(1, 200)))
        elif kind == 3:
            client.send(frame(JOIN)[: chance.randrange(1, 16)])
            client.shutdown(socket.SHUT_WR)
    except OSError:
        pass


path, count, uid = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
magic, version = header(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../include/portcullis/ctl.h"))
resource.setrlimit(resource.RLIMIT_NOFILE, (count + 100, max(count + 100, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
os.setgroups([])
os.setresgid(uid, uid, uid)
os.setresuid(uid, uid, uid)
chance = random.Random(1)
clients = []
for number in range(count):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    client.connect(path)
    behave(client, number % 4, chance)
    clients.append(client)
print("READY", flush=True)
sys.stdin.readline()
held = closed = 0
for client in clients:
    poll = select.poll()
    poll.register(client, select.POLLHUP | select.POLLRDHUP)
    if any(events & (select.POLLHUP | select.POLLRDHUP) for _, events in poll.poll(0)):
        closed += 1
    else:
        held += 1
print(held, closed, flush=True)
