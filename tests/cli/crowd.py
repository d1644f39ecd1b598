#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""crowd.py - HTTP clients that mean no good, all at once; they stay until stdin ends.

usage: crowd.py PORT   Says 'crowded' once all have come.
"""
import os
import random
import resource
import socket
import sys

CONNECTIONS = 1000
REQUEST = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"


def come(port):
    """A connection, or one that is still waiting to be taken."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    sock.setblocking(False)
    sock.connect_ex(("127.0.0.1", port))
    return sock


def send(sock, data):
    try:
        sock.send(data)
    except OSError:
        pass


def what_is_sent(dice, i):
    """Nothing; garbage; requests whose answers nobody reads; a request without end; a body without end."""
    return (
        b"",
        dice.randbytes(2000),
        REQUEST * 50,
        b"GET /" + b"x" * 100000,
        b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n" + b"y" * 5000,
    )[i % 5]


def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, (CONNECTIONS + 100,) * 2)
    dice = random.Random(1)
    crowd = []
    for i in range(CONNECTIONS):
        crowd.append(come(int(sys.argv[1])))
        send(crowd[-1], what_is_sent(dice, i))
    for i, sock in enumerate(crowd):
        send(sock, what_is_sent(dice, i))
    print("crowded", flush=True)
    os.read(0, 1)


main()
