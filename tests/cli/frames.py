# SPDX-License-Identifier: GPL-2.0-only
# frames.py SOCKET - sends frames that are no frames; each must close its own connection and no other.
import random
import socket
import struct
import sys

MAGIC, VERSION, STATUS, LOG, DONE = 0x6C744350, 2, 1, 4, 19


def dial():
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sock.settimeout(5)
    sock.connect(sys.argv[1])
    return sock


def header(magic=MAGIC, version=VERSION, kind=STATUS, length=0):
    return struct.pack("<IIII", magic, version, kind, length)


def bad_frames(rng):
    yield b"\0"
    yield header()[:15]
    yield header() + b"x"
    yield header(length=1)
    yield header(length=0xFFFFFFFF)
    yield header(kind=LOG, length=8) + b"1234567"
    yield header(kind=0)
    yield header(kind=DONE, length=8) + bytes(8)
    yield header(version=1)
    yield b"G" * 100000
    while True:
        frame = bytearray(header() + rng.randbytes(rng.randrange(0, 40)))
        frame[rng.randrange(0, 8)] ^= rng.randrange(1, 256)
        yield bytes(frame)


other = dial()
frames = bad_frames(random.Random(2))
closed = 0
for _ in range(200):
    with dial() as sock:
        sock.send(next(frames))
        closed += sock.recv(65552) == b""
other.send(header())
lives = "lives" if struct.unpack("<IIII", other.recv(65552)[:16])[2] == 16 else "is dead"
print(f"200 bad frames, {closed} closed, the other connection {lives}")
