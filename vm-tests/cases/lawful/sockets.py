# SPDX-License-Identifier: GPL-2.0-only
"""sockets.py - each kind of socket that the loopback can carry, and descriptors that travel by them."""
import errno
import os
import select
import socket
import threading

MSG_FASTOPEN = 0x20000000
TCP_FASTOPEN = 23
IPPROTO_MPTCP = 262


def say(name, action):
    try:
        print(name, action())
    except OSError as error:
        print(name, errno.errorcode.get(error.errno, error))


def bound(family, kind, address, protocol=0):
    sock = socket.socket(family, kind, protocol)
    sock.settimeout(20)
    if family != socket.AF_UNIX:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(address)
    return sock


def client(family, kind, protocol=0):
    sock = socket.socket(family, kind, protocol)
    sock.settimeout(20)
    return sock


def serve_once(listener):
    """Sends back what comes, in capitals."""
    def run():
        sock = listener.accept()[0]
        sock.settimeout(20)
        with sock:
            sock.sendall(sock.recv(100).upper())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def stream(family, address, protocol=0):
    with bound(family, socket.SOCK_STREAM, address, protocol) as listener, client(family, socket.SOCK_STREAM, protocol) as sock:
        listener.listen()
        serve_once(listener)
        sock.connect(address)
        sock.sendall(b"stream")
        return sock.recv(100)


def udp():
    with bound(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 5601)) as server, client(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"one", ("127.0.0.1", 5601))
        first, address = server.recvfrom(100)
        server.sendto(first.upper(), address)
        answer = sock.recv(100)
        sock.connect(("127.0.0.1", 5601))
        sock.send(b"two")
        second = server.recv(100)
        sock.sendmsg([b"three"], [], 0, ("127.0.0.1", 5601))
        third = server.recv(100)
        return answer, second, third


def fast_open(address):
    with bound(socket.AF_INET, socket.SOCK_STREAM, address) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 5)
        listener.listen()
        answers = []
        for _ in range(2):  # The first fetches the cookie, the second sends with it.
            thread = serve_once(listener)
            # With a timeout Python would not wait for the first, which has to ask for the cookie.
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
                sent = sock.sendto(b"early", MSG_FASTOPEN, address)
                answers.append((sent, sock.recv(100)))
            thread.join()
        return answers


def refused():
    with client(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.connect(("127.0.0.1", 5699))


def non_blocking():
    with bound(socket.AF_INET6, socket.SOCK_STREAM, ("::1", 5606)) as listener, client(socket.AF_INET6, socket.SOCK_STREAM) as sock:
        listener.listen()
        serve_once(listener)
        sock.setblocking(False)
        first = errno.errorcode.get(sock.connect_ex(("::1", 5606)), 0)
        select.select([], [sock], [], 20)
        sock.setblocking(True)
        sock.sendall(b"later")
        return first, sock.recv(100)


def unix_datagram():
    with bound(socket.AF_UNIX, socket.SOCK_DGRAM, "datagram") as server, client(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"a", "datagram")
        sock.connect("./datagram")
        sock.send(b"b")
        return server.recv(10), server.recv(10)


def descriptors():
    left, right = socket.socketpair()
    with open("passed", "w", encoding="ascii") as file:
        file.write("passed on")
    child = os.fork()
    if child == 0:
        with open("passed", "rb") as file, open("/proc/self/status", "rb") as status:
            socket.send_fds(left, [b"fds"], [file.fileno(), status.fileno(), os.memfd_create("m")])
        os._exit(0)
    os.waitpid(child, 0)
    data, fds, _, _ = socket.recv_fds(right, 10, 10)
    pidfd = os.pidfd_open(os.getpid())
    return data, len(fds), os.read(fds[0], 100), os.read(fds[1], 5), os.fstat(fds[2]).st_size, pidfd > 0


def ping():
    with client(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as sock:
        sock.sendto(bytes([8, 0, 0xf7, 0xff, 0, 0, 0, 0]), ("127.0.0.1", 0))
        return sock.recv(100)[20]


def netlink():
    with bound(socket.AF_NETLINK, socket.SOCK_RAW, (0, 0)) as sock:
        sock.connect((0, 0))
        return socket.if_nameindex()


def unspecified():
    with client(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("0.0.0.0", 5607))
        return sock.getpeername()


def main():
    with open("/proc/sys/net/ipv4/tcp_fastopen", "w", encoding="ascii") as file:
        file.write("3")
    say("tcp", lambda: stream(socket.AF_INET, ("127.0.0.1", 5602)))
    say("tcp, IPv6", lambda: stream(socket.AF_INET6, ("::1", 5603)))
    say("mptcp", lambda: stream(socket.AF_INET, ("127.0.0.1", 5604), IPPROTO_MPTCP))
    say("udp", udp)
    say("fast open", lambda: fast_open(("127.0.0.1", 5605)))
    say("refused", refused)
    say("non-blocking", non_blocking)
    say("0.0.0.0", unspecified)
    say("unix", lambda: stream(socket.AF_UNIX, "stream"))
    say("unix, abstract", lambda: stream(socket.AF_UNIX, "\0lawful"))
    say("unix, datagram", unix_datagram)
    say("unix, missing", lambda: client(socket.AF_UNIX, socket.SOCK_STREAM).connect("missing"))
    say("descriptors", descriptors)
    say("ping", ping)
    say("netlink", netlink)


main()
