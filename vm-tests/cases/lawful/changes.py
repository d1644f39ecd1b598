# SPDX-License-Identifier: GPL-2.0-only
"""changes.py - the calls that change names and that a shell has no words for, and a watcher that sees them all."""
import ctypes
import errno
import os
import struct

libc = ctypes.CDLL(None, use_errno=True)
AT_FDCWD = -100
NOREPLACE, EXCHANGE, WHITEOUT = 1, 2, 4
IN_ALL_EVENTS = 0xfff


def rename(old, new, flags):
    if libc.renameat2(AT_FDCWD, old.encode(), AT_FDCWD, new.encode(), flags) != 0:
        return errno.errorcode[ctypes.get_errno()]
    return "OK"


def events(fd):
    data = os.read(fd, 65536)
    while data:
        _, mask, _, length = struct.unpack_from("iIII", data)
        yield f"{mask:x}", data[16:16 + length].rstrip(b"\0").decode()
        data = data[16 + length:]


def make(path, text="x"):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def exchange():
    os.makedirs("left/in/deep")
    os.makedirs("right")
    make("left/in/deep/a")
    make("right/b")
    make("file", "file")
    print("exchange of folders", rename("left", "right", EXCHANGE), sorted(os.listdir("left")), sorted(os.listdir("right")))
    print("exchange with a file", rename("left", "file", EXCHANGE), os.path.isdir("file"), os.path.isfile("left"))
    print("no replacement", rename("left", "file", NOREPLACE), rename("left", "fresh", NOREPLACE))
    print("whiteout", rename("fresh", "stale", WHITEOUT))
    print("into itself", rename("right", "right/in/deep/right", 0))
    print("over a full folder", rename("file", "right", 0))
    print("folder up", rename("right/in/deep", "deep", 0), os.listdir("deep"))


def temporary():
    fd = os.open(".", os.O_TMPFILE | os.O_RDWR, 0o640)
    os.write(fd, b"temporary")
    os.link(f"/proc/self/fd/{fd}", "named", src_dir_fd=fd, follow_symlinks=True)
    with open("named", "rb") as file:
        print("temporary", file.read(), oct(os.fstat(fd).st_mode))
    fd = os.open(".", os.O_PATH)
    again = os.open("named", os.O_RDONLY, dir_fd=fd)
    print("by a folder's descriptor", os.read(again, 100))


def attributes():
    make("attributes")
    fd = os.open("attributes", os.O_RDWR)
    os.setxattr("attributes", "trusted.lawful", b"value")
    print("xattr", os.getxattr("attributes", "trusted.lawful"), os.listxattr(fd))
    os.removexattr(fd, "trusted.lawful")
    os.fchmod(fd, 0o4711)
    os.fchown(fd, 65534, 65534)
    os.ftruncate(fd, 100)
    os.posix_fallocate(fd, 0, 8192)
    os.utime(fd, (1, 2))
    found = os.stat("attributes")
    print("attributes", oct(found.st_mode), found.st_uid, found.st_size, found.st_mtime)


def main():
    watch = libc.inotify_init1(os.O_CLOEXEC)
    libc.inotify_add_watch(watch, b".", IN_ALL_EVENTS)
    exchange()
    temporary()
    attributes()
    print("gone", os.open("named", os.O_RDONLY) > 0, os.unlink("named"))
    for mask, name in events(watch):
        # A file without a name has its number for one.
        print("event", mask, name if name[:1] != "#" else "#")


main()
