# SPDX-License-Identifier: GPL-2.0-only
"""python.py - threads, processes, a database file, foreign functions: what scripts and services in Python use."""
import ctypes
import hashlib
import multiprocessing
import sqlite3
import subprocess
import tempfile
import threading


def square(n):
    return n * n


def store():
    base = sqlite3.connect("database")
    base.execute("PRAGMA journal_mode = WAL")
    base.execute("CREATE TABLE t (n INTEGER, text TEXT)")
    with base:
        base.executemany("INSERT INTO t VALUES (?, ?)", [(n, hashlib.sha256(b"%d" % n).hexdigest()) for n in range(500)])
    print("sqlite", base.execute("SELECT count(*), sum(n), max(text) FROM t").fetchone())
    base.execute("VACUUM")
    base.close()


def call_back():
    compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
    numbers = (ctypes.c_int * 5)(5, 3, 1, 4, 2)
    ctypes.CDLL("libc.so.6").qsort(numbers, 5, ctypes.sizeof(ctypes.c_int), compare(lambda a, b: a[0] - b[0]))
    print("ctypes", list(numbers))


def start_threads():
    found = []
    lock = threading.Lock()

    def work(n):
        with open("/etc/passwd", "rb") as file, tempfile.TemporaryFile() as own:
            own.write(file.read())
            with lock:
                found.append((n, own.tell() > 0))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("threads", sorted(found))


def start_processes():
    done = subprocess.run("cat; echo err >&2; exit 5", shell=True, input="in\n", capture_output=True, text=True, check=False)
    print("subprocess", done)
    try:
        subprocess.run(["/nonexistent/program"], check=False)
    except OSError as error:
        print("subprocess", error)
    with multiprocessing.Pool(2) as pool:
        print("pool", pool.map(square, range(10)))


store()
call_back()
start_threads()
start_processes()
