#!/usr/bin/env python3
"""A TCP proxy that hands bytes on some time after they came, both ways: latency where the kernel has no netem.

usage: scripts/measure/delay-proxy.py LISTEN TARGET PORTS MILLISECONDS
           passes LISTEN's ports, such as 6000,6001, on to TARGET's; says "listening" once it does, ends with its parent
       scripts/measure/delay-proxy.py --ping ADDRESS
           prints the milliseconds of one way, measured to a proxy at ADDRESS and back

It also listens on port 7 (echo) of TARGET, passed on like the others, so that the way through it can be measured.
"""
import collections
import ctypes
import os
import select
import socket
import statistics
import sys
import time

ECHO_PORT = 7
CHUNK_BYTES = 65_536
# Of one direction of one connection, on its way; more is not read.
CHUNKS_UNDER_WAY = 1_024
PINGS = 101
PING_SECONDS = 30


class Way:
    """One direction of a connection: chunks that have come, each with the time when it is due."""

    def __init__(self, source, sink, delay):
        self.source, self.sink, self.delay = source, sink, delay
        self.chunks = collections.deque()
        self.has_ended = False

    def read(self):
        try:
            data = self.source.recv(CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.has_ended = not data
        self.chunks.append((time.monotonic() + self.delay, data))

    def write(self, now):
        """Sends what is due; whether the direction goes on."""
        while self.chunks and self.chunks[0][0] <= now:
            due, data = self.chunks.popleft()
            if not data:
                return False
            try:
                sent = self.sink.send(data)
            except BlockingIOError:
                sent = 0
            except OSError:
                return False
            if sent < len(data):
                self.chunks.appendleft((due, data[sent:]))
                break
        return True


class Proxy:
    def __init__(self, listen, target, ports, delay):
        self.target, self.delay = target, delay
        self.ways = []
        self.listeners = {}
        for port in [ECHO_PORT, *ports]:
            self.listeners[socket.create_server((listen, port))] = port
        self.listeners[socket.create_server((target, ECHO_PORT))] = None

    def accept(self, listener):
        near, _ = listener.accept()
        port = self.listeners[listener]
        try:
            far = near if port is None else socket.create_connection((self.target, port), timeout=1)
        except OSError:
            return near.close()
        for end in (near, far):
            end.setblocking(False)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.ways.append(Way(near, far, 0 if port is None else self.delay))
        if far is not near:
            self.ways.append(Way(far, near, self.delay))

    def close(self, way):
        """Both directions end with either."""
        ends = {way.source, way.sink}
        self.ways = [other for other in self.ways if other.source not in ends]
        for end in ends:
            end.close()

    def turn(self):
        """Waits for something to do, half a second at most, and does it."""
        now = time.monotonic()
        waiting = [way for way in self.ways if way.chunks]
        late = [way.sink for way in waiting if way.chunks[0][0] <= now]
        coming = [way.chunks[0][0] - now for way in waiting if way.chunks[0][0] > now]
        open_ways = {way.source: way for way in self.ways if not way.has_ended and len(way.chunks) < CHUNKS_UNDER_WAY}
        # select, for epoll waits whole milliseconds.
        readable, _, _ = select.select([*self.listeners, *open_ways], late, [], min([0.5, *coming]))
        for end in readable:
            if end in self.listeners:
                self.accept(end)
            else:
                open_ways[end].read()
        now = time.monotonic()
        for way in [way for way in self.ways if way.chunks]:
            if way in self.ways and not way.write(now):
                self.close(way)


def hurry():
    """A network does not wait for a processor, and so should this not, as far as the system allows."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except OSError:
        pass
    # PR_SET_TIMERSLACK: timers to the microsecond.
    ctypes.CDLL(None).prctl(29, 1_000, 0, 0, 0)


def ping(address):
    """Median of half the times there and back."""
    times = []
    with socket.create_connection((address, ECHO_PORT), timeout=PING_SECONDS) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(PINGS):
            begin = time.monotonic()
            connection.sendall(b".")
            if not connection.recv(1):
                sys.exit("delay-proxy.py: the connection ended")
            times.append(time.monotonic() - begin)
            time.sleep(0.002)
    return 1_000 * statistics.median(times) / 2


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--ping":
        return print(f"{ping(sys.argv[2]):.3f}")
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    listen, target, ports, milliseconds = sys.argv[1:]
    parent = os.getppid()
    proxy = Proxy(listen, target, [int(port) for port in ports.split(",")], float(milliseconds) / 1_000)
    hurry()
    print("listening", flush=True)
    while os.getppid() == parent:
        proxy.turn()


if __name__ == "__main__":
    main()
