"""A page of the server that comes back with the number of its last event gets what it missed: once, in
order and the same, whether its own wire was cut or the server was killed."""

import contextlib
import unittest

from fleet_house import FINAL, FleetTest
from house import Closed, WebSocket
from wire import Wire

# A box whose server died some times within a minute waits a while before it calls again.
LONG = 120


class Page:
    """Reads the events that fit, and remembers all that had a number."""

    def __init__(self, port, key, query=""):
        self.port, self.key, self.query = port, key, query
        self.seen, self.socket = [], None

    def open(self):
        after = self.seen[-1]["sequence"] if self.seen else 0
        self.socket = WebSocket(self.port, f"/api/v1/events?after={after}{self.query}", self.key)

    def read(self, enough):
        """Reads until enough was seen."""
        while not enough(self.seen):
            self.seen += [each for each in self.socket.receive_json(LONG) if "sequence" in each]

    def drain(self):
        """What had come before the wire was cut."""
        with contextlib.suppress(Closed, OSError):
            while True:
                self.seen += [each for each in self.socket.receive_json() if "sequence" in each]
        self.socket.close_socket()


class Events(FleetTest):
    def test_a_page_that_comes_back_misses_nothing_and_gets_nothing_twice(self):
        server, room, box, identifier = self.fleet()
        wire = Wire(server.port)
        self.addCleanup(wire.close)
        pages = [Page(wire.port, server.key()), Page(wire.port, server.key(), f"&type=action.&box={identifier}")]
        printed = []

        for cut in ("wire", "server", "wire", "server", "wire"):
            for page in pages:
                page.open()
            news = [len(page.seen) for page in pages]
            self.print_slips(box, printed, 3)
            for page, before in zip(pages, news):
                page.read(lambda seen: len(seen) > before)  # and the rest is on its way
            if cut == "server":
                server.kill()
            wire.cut()
            for page in pages:
                page.drain()
            self.print_slips(box, printed, 2)
            if cut == "server":
                server.start()
            wire.mend()
        for page in pages:
            page.open()
            page.read(lambda seen: set(printed) <= self.ended(seen))
            page.socket.close()

        whole, actions = (page.seen for page in pages)
        self.assertEqual([each["sequence"] for each in whole], list(range(1, whole[-1]["sequence"] + 1)))
        last = whole[-1]["sequence"]
        self.assertEqual(whole, [each for each in server.history() if each["sequence"] <= last])
        last = actions[-1]["sequence"]
        self.assertEqual(actions, [each for each in server.history(box=identifier, type="action.")
                                   if each["sequence"] <= last])
        ends = [each["action"] for each in actions if each["type"].split(".")[1] in FINAL]
        self.assertEqual(len(ends), len(set(ends)), "an end was told twice")
        room.wait_receipts(1 + len(printed))

    @staticmethod
    def ended(events):
        return {each["action"] for each in events
                if each["type"].startswith("action.") and each["type"].split(".")[1] in FINAL}


if __name__ == "__main__":
    unittest.main()
