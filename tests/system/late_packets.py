"""Packets that arrive late: a tunnel in each of some namespaces, and a thread that carries packets from one to another.

What a namespace sends by its tunnel comes out of the tunnel of the namespace that has the packet's address, after the
delay that is in force between both. Packets from one to the other keep their order; none is lost while few wait.
"""

import collections
import fcntl
import math
import os
import select
import socket
import struct
import threading
import time

TUN = "/dev/net/tun"
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454ca, 0x0001, 0x1000
PACKET_BYTES_MAX = 65_536
WAITING_MAX = 10_000  # from one to another; more are lost, as they would be in a switch


def open_tunnel(name):
    """The device, which is there as long as it is open, wherever it is moved to; it carries bare IP packets."""
    device = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
    try:
        fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    except OSError:
        os.close(device)
        raise
    return device


def possible():
    """Whether there may be tunnels."""
    try:
        os.close(open_tunnel(f"mp{os.getpid() % 0xffff:04x}"))
    except OSError:
        return False
    return True


class Carrier:
    """`tunnels`: by the address of the one whose tunnel it is, its open device. `delays`: by sender's and receiver's
    address, in seconds; 0 for those that are not there."""

    def __init__(self, tunnels):
        self.tunnels, self.delays, self.carried = tunnels, {}, 0
        self._queues = collections.defaultdict(collections.deque)  # (due, packet) by sender and receiver
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self):
        """No tunnel is added from now on."""
        self._thread.start()

    def end(self):
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        for device in self.tunnels.values():
            os.close(device)

    def _run(self):
        senders = {device: address for address, device in self.tunnels.items()}
        while not self._stopped.is_set():
            for device in select.select(list(senders), [], [], self._pause_s())[0]:
                self._take(device, senders[device])
            self._hand_out()

    def _pause_s(self):
        """Until the next packet is due, or a look whether this is the end."""
        first = min((queue[0][0] for queue in self._queues.values() if queue), default=math.inf)
        return min(max(first - time.monotonic(), 0), 0.1)

    def _take(self, device, sender):
        while True:
            try:
                packet = os.read(device, PACKET_BYTES_MAX)
            except OSError:  # nothing more for now
                return
            if packet[0] >> 4 != 4:
                continue  # what IPv6 says to a new device
            receiver = socket.inet_ntoa(packet[16:20])
            queue = self._queues[sender, receiver]
            if receiver in self.tunnels and len(queue) < WAITING_MAX:
                due = time.monotonic() + self.delays.get((sender, receiver), 0)
                queue.append((max(due, queue[-1][0]) if queue else due, packet))

    def _hand_out(self):
        now = time.monotonic()
        for (_, receiver), queue in self._queues.items():
            while queue and queue[0][0] <= now:
                packet = queue.popleft()[1]
                try:
                    os.write(self.tunnels[receiver], packet)
                    self.carried += 1
                except OSError:
                    pass  # its place has no room now, or is gone
