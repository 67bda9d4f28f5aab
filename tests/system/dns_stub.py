"""A name server that knows one name: what compose's is to nginx. Answers go out of date at once."""

import socket
import struct
import threading

A, IN = 1, 1
ANSWER, NO_SUCH_NAME = 0x8580, 0x8583


class DnsStub:
    """Answers every question for an A record with `addresses`, which may change at any time; none: no such name."""

    def __init__(self, test, addresses):
        self.addresses = list(addresses)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        test.addCleanup(self._stop)

    def _stop(self):
        self._socket.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def _run(self):
        while True:
            query, client = self._socket.recvfrom(512)
            if not query:
                return
            self._socket.sendto(self._answer(query), client)

    def _answer(self, query):
        """The question is repeated; each answer points back to its name, at byte 12."""
        question = query[12:query.index(b"\0", 12) + 5]
        known = self.addresses if question.endswith(struct.pack(">HH", A, IN)) else []
        head = query[:2] + struct.pack(">HHHHH", ANSWER if known else NO_SUCH_NAME, 1, len(known), 0, 0)
        records = (struct.pack(">HHHIH", 0xC00C, A, IN, 0, 4) + socket.inet_aton(address) for address in known)
        return head + question + b"".join(records)
