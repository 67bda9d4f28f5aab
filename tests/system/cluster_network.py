"""A network of namespaces on this machine, in which nodes are cut from each other: needs root and `ip`.

Each node has an address on one bridge, of which the machine itself is part: clients reach every node at any time. A
cut points a node at a neighbour that does not exist: what it sends is dropped without a word. Delays need tunnels, too:
while there is one, what a node sends to the other goes by its tunnel to late_packets.py and from there to the other's.
"""

import concurrent.futures
import ctypes
import os
import shutil
import socket
import subprocess

import late_packets
from cluster import Member

CLONE_NEWNET = 0x40000000
NOBODY = "02:00:00:00:00:01"
LATE = "late"
ANSWER_LIMIT_S = 2


def possible():
    return os.geteuid() == 0 and shutil.which("ip") is not None


def usable():
    """Whether a network can be made, which root may not in some containers, and carries anything past firewalls."""
    if not possible():
        return False
    try:
        with Network(2) as network, network.socket(1) as one, network.socket(2) as other:
            one.sendto(b"1", other.getsockname())
            other.settimeout(ANSWER_LIMIT_S)
            return other.recv(1) == b"1"
    except (OSError, subprocess.CalledProcessError):
        return False


def ip(*arguments):
    subprocess.run(["ip", *map(str, arguments)], check=True, capture_output=True, text=True)


class Network:
    """As many places as nodes; `place(name)` is taken once per name, in order."""

    def __init__(self, size):
        # Two runs at a time do not meet.
        self.tag, self.size, self.places = f"{os.getpid() % 0xffff:04x}", size, {}
        self.subnet = f"10.{64 + os.getpid() % 128}.{os.getpid() // 128 % 256}"
        self.bridge = f"mb{self.tag}"
        self.cuts, self.delayed, self.carrier = set(), set(), None

    def __enter__(self):
        ip("link", "add", self.bridge, "type", "bridge")
        try:
            ip("addr", "add", f"{self.subnet}.254/24", "dev", self.bridge)
            ip("link", "set", self.bridge, "up")
            for number in range(1, self.size + 1):
                self._add(number)
            if late_packets.possible():
                self._add_tunnels()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.carrier:
            self.carrier.end()
        for number in range(1, self.size + 1):
            subprocess.run(["ip", "netns", "del", self.namespace(number)], check=False, capture_output=True)
            # The namespace stays for as long as one of its connections waits for an answer.
            subprocess.run(["ip", "link", "del", self.outside(number)], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", self.bridge], check=False, capture_output=True)

    def namespace(self, number):
        return f"mosaic-{self.tag}-{number}"

    def outside(self, number):
        return f"mv{self.tag}-{number}"

    def address(self, number):
        return f"{self.subnet}.{number}"

    def _add(self, number):
        space, outside = self.namespace(number), self.outside(number)
        ip("netns", "add", space)
        ip("link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", space)
        ip("link", "set", outside, "master", self.bridge, "up")
        ip("-n", space, "addr", "add", f"{self.address(number)}/24", "dev", "eth0")
        ip("-n", space, "link", "set", "lo", "up")
        ip("-n", space, "link", "set", "eth0", "up")

    def _add_tunnels(self):
        tunnels = {}
        self.carrier = late_packets.Carrier(tunnels)
        for number in range(1, self.size + 1):
            space, name = self.namespace(number), f"ml{self.tag}-{number}"
            tunnels[self.address(number)] = late_packets.open_tunnel(name)
            ip("link", "set", name, "netns", space, "name", LATE)
            ip("-n", space, "link", "set", LATE, "up")
            # A packet may come by the tunnel though what is sent back goes by the bridge.
            ip("netns", "exec", space, "sh", "-c", f"cd /proc/sys/net/ipv4/conf; for i in all {LATE}; "
               "do echo 0 > $i/rp_filter; done")
        self.carrier.start()

    def place(self, name):
        return self.places.setdefault(name, len(self.places) + 1)

    def cut_one_way(self, sender, receiver):
        """What one sends to the other is lost."""
        one, other = self.place(sender.name), self.place(receiver.name)
        self.cuts.add((one, other))
        ip("-n", self.namespace(one), "neigh", "replace", self.address(other), "lladdr", NOBODY, "nud", "permanent",
           "dev", "eth0")
        self._send_by_tunnel(one, other, False)

    def cut(self, one, other):
        self.cut_one_way(one, other)
        self.cut_one_way(other, one)

    def delay_one_way(self, sender, receiver, seconds):
        """What one sends to the other arrives so much later, in its order. Where it is lost, it stays lost."""
        one, other = self.place(sender.name), self.place(receiver.name)
        if (one, other) not in self.cuts:
            self.carrier.delays[self.address(one), self.address(other)] = seconds
            self._send_by_tunnel(one, other, True)

    def _send_by_tunnel(self, one, other, wanted):
        if wanted == ((one, other) in self.delayed):
            return
        source = ("src", self.address(one)) if wanted else ()
        ip("-n", self.namespace(one), "route", "add" if wanted else "del", self.address(other), "dev", LATE, *source)
        (self.delayed.add if wanted else self.delayed.remove)((one, other))

    def heal(self):
        for number in range(1, self.size + 1):
            ip("-n", self.namespace(number), "neigh", "flush", "nud", "permanent", "dev", "eth0")
        self.cuts.clear()
        for one, other in list(self.delayed):
            self._send_by_tunnel(one, other, False)

    def member(self, folder, name, *flags):
        """A node in its namespace, as Cluster makes them."""
        number = self.place(name)
        address = self.address(number)
        node = Member(folder, name, "--cluster-listen", f"{address}:0", "--cluster.insecure", "true", *flags,
                      preexec=self._entrance(number))
        node.listen = f"{address}:0"
        return node

    def socket(self, number):
        """One for datagrams, with the address of a place and any port."""

        def make():
            enter()
            made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            made.bind((self.address(number), 0))
            return made

        enter = self._entrance(number)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            return pool.submit(make).result()

    def _entrance(self, number):
        """Takes the thread that calls it to a place."""
        libc = ctypes.CDLL(None, use_errno=True)
        path = f"/var/run/netns/{self.namespace(number)}"

        def enter():
            with open(path, "rb") as space:
                if libc.setns(space.fileno(), CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), f"setns {path}")

        return enter
