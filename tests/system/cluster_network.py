"""A network of namespaces on this machine, in which nodes are cut from each other: needs root and `ip`.

Each node has an address on one bridge, of which the machine itself is part: clients reach every node at any time. A
cut points a node at a neighbour that does not exist: what it sends is dropped without a word.
"""

import ctypes
import os
import shutil
import subprocess

from cluster import Member

CLONE_NEWNET = 0x40000000
NOBODY = "02:00:00:00:00:01"


def possible():
    return os.geteuid() == 0 and shutil.which("ip") is not None


def ip(*arguments):
    subprocess.run(["ip", *map(str, arguments)], check=True, capture_output=True, text=True)


class Network:
    """As many places as nodes; `place(name)` is taken once per name, in order."""

    def __init__(self, size):
        # Two runs at a time do not meet.
        self.tag, self.size, self.places = f"{os.getpid() % 0xffff:04x}", size, {}
        self.subnet = f"10.{64 + os.getpid() % 128}.{os.getpid() // 128 % 256}"
        self.bridge = f"mb{self.tag}"

    def __enter__(self):
        ip("link", "add", self.bridge, "type", "bridge")
        try:
            ip("addr", "add", f"{self.subnet}.254/24", "dev", self.bridge)
            ip("link", "set", self.bridge, "up")
            for number in range(1, self.size + 1):
                self._add(number)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for number in range(1, self.size + 1):
            subprocess.run(["ip", "netns", "del", self.namespace(number)], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", self.bridge], check=False, capture_output=True)

    def namespace(self, number):
        return f"mosaic-{self.tag}-{number}"

    def address(self, number):
        return f"{self.subnet}.{number}"

    def _add(self, number):
        space, outside = self.namespace(number), f"mv{self.tag}-{number}"
        ip("netns", "add", space)
        ip("link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", space)
        ip("link", "set", outside, "master", self.bridge, "up")
        ip("-n", space, "addr", "add", f"{self.address(number)}/24", "dev", "eth0")
        ip("-n", space, "link", "set", "lo", "up")
        ip("-n", space, "link", "set", "eth0", "up")

    def place(self, name):
        return self.places.setdefault(name, len(self.places) + 1)

    def cut_one_way(self, sender, receiver):
        """What one sends to the other is lost."""
        ip("-n", self.namespace(self.place(sender.name)), "neigh", "replace", self.address(self.place(receiver.name)),
           "lladdr", NOBODY, "nud", "permanent", "dev", "eth0")

    def cut(self, one, other):
        self.cut_one_way(one, other)
        self.cut_one_way(other, one)

    def heal(self):
        for number in range(1, self.size + 1):
            ip("-n", self.namespace(number), "neigh", "flush", "nud", "permanent", "dev", "eth0")

    def member(self, folder, name, *flags):
        """A node in its namespace, as Cluster makes them."""
        number = self.place(name)
        address = self.address(number)
        node = Member(folder, name, "--cluster-listen", f"{address}:0", "--cluster.insecure", "true", *flags,
                      preexec=self._enter(number))
        node.listen = f"{address}:0"
        return node

    def _enter(self, number):
        libc = ctypes.CDLL(None, use_errno=True)
        path = f"/var/run/netns/{self.namespace(number)}"

        def enter():
            with open(path, "rb") as space:
                if libc.setns(space.fileno(), CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), f"setns {path}")

        return enter
