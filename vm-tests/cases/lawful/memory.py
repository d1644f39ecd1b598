# SPDX-License-Identifier: GPL-2.0-only
"""memory.py - executable memory as compilers at run time make it, from a file, and programs from a nameless one."""
import ctypes
import mmap
import os
import subprocess

CODE = b"\xb8\x2a\x00\x00\x00\xc3"  # mov eax, 42; ret
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
PROT = {"r": 1, "w": 2, "x": 4}
SHARED, PRIVATE, ANONYMOUS = 1, 2, 0x20


def prot(text):
    return sum(PROT[letter] for letter in text)


def map_memory(flags, access, fd=-1):
    address = libc.mmap(None, 4096, prot(access), flags, fd, 0)
    if address == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return address


def protect(address, access):
    if libc.mprotect(address, 4096, prot(access)) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def call(name, address):
    print(name, ctypes.CFUNCTYPE(ctypes.c_int)(address)())


def fill(address):
    ctypes.memmove(address, CODE, len(CODE))
    return address


def main():
    call("rwx", fill(map_memory(PRIVATE | ANONYMOUS, "rwx")))
    address = fill(map_memory(PRIVATE | ANONYMOUS, "rw"))
    protect(address, "rx")
    call("rw, then rx", address)
    call("shared", fill(map_memory(SHARED | ANONYMOUS, "rwx")))

    fd = os.memfd_create("code")
    os.write(fd, CODE.ljust(4096, b"\0"))
    call("memfd", map_memory(SHARED, "rx", fd))
    with open("code", "wb") as file:
        file.write(CODE.ljust(4096, b"\0"))
    fd = os.open("code", os.O_RDWR)
    call("a file, private", map_memory(PRIVATE, "rwx", fd))
    call("a file, shared", map_memory(SHARED, "rx", fd))

    with mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC) as memory:
        memory.write(CODE)
        print("python's mmap", memory[:6] == CODE)

    fd = os.memfd_create("program", os.MFD_CLOEXEC)
    with open("/run/vm/busybox", "rb") as file:
        os.write(fd, file.read())
    print(subprocess.run(["busybox", "echo", "from memory"], executable=f"/proc/self/fd/{fd}", pass_fds=[fd],
                         capture_output=True, text=True, check=False).stdout)
    os.close(os.open(f"/proc/self/fd/{os.memfd_create('again')}", os.O_RDWR))


main()
