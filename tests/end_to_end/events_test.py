"""Events over WebSocket: resumed after cuts and restarts without a gap, in two encodings."""

import contextlib
import threading
import unittest

from house import Closed, HouseTest, Refused, WebSocket, read_msgpack, slip, until

EVENTS = 1000


class Listener:
    """Reads events, comes back behind the last one after every cut, and remembers all."""

    def __init__(self, box, after):
        self.box, self.after, self.seen, self.cuts, self.gaps = box, after, [], 0, []
        self.page = None

    def connect(self):
        self.page = until(self._try, "the box takes the page again")

    def _try(self):
        with contextlib.suppress(OSError, Refused, Closed):
            return self.box.events(after=self.after)

    def cut(self):
        self.cuts += 1
        self.page.close_socket()
        self.connect()

    def next(self):
        while True:
            try:
                event = self.page.receive_json()
                break
            except (Closed, OSError):
                self.connect()
        if event["type"] == "gap":
            self.gaps.append(event)
        else:
            self.seen.append(event)
            self.after = event["sequence"]
        return event


class Events(HouseTest):
    def make_events(self, box, count, first=0):
        for number in range(first, first + count):
            self.assertEqual(box.owner("PATCH", "/api/v1/box", {"name": f"Box {number}"}).status, 200)

    def read_all(self, box, last):
        """Everything kept, on one connection."""
        found = []
        with box.events(after=0) as page:
            while not found or found[-1]["sequence"] < last:
                found.append(page.receive_json())
        return found

    def check_numbers(self, events):
        numbers = [event["sequence"] for event in events]
        self.assertEqual(numbers, sorted(set(numbers)), "in order, none twice")

    def test_shape(self):
        room, box = self.house()
        source = box.owner("GET", "/api/v1/box").json()["identifier"]
        with box.events() as page:
            action = box.print(slip("shape"), key="shape-1").json()
            kinds = {}
            while "action.confirmed" not in kinds:
                event = page.receive_json()
                self.assertEqual(event["specversion"], "1.0")
                self.assertEqual(event["id"], str(event["sequence"]))
                self.assertEqual(event["datacontenttype"], "application/json")
                self.assertTrue(event["source"].startswith(f"/boxes/{source}"), event)
                self.assertRegex(event["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$")
                kinds[event["type"]] = event
        for kind in ("action.accepted", "action.sent", "action.confirmed"):
            self.assertEqual(kinds[kind]["data"]["id"], action["id"])
            self.assertEqual(kinds[kind]["action"], action["id"])
            trace = kinds[kind]["traceparent"].split("-")[1]
            self.assertEqual(trace, action["trace"]["trace"], "one trace through all")
        room.wait_receipts(1)

    def test_resumes_over_cuts_and_restarts(self):
        _, box = self.house()
        start = box.last_event()
        listener = Listener(box, start)
        listener.connect()
        made = threading.Thread(target=self.make_events, args=(box, EVENTS - 200))
        made.start()
        while len(listener.seen) < EVENTS - 200:
            listener.next()
            if len(listener.seen) % 97 == 0:
                listener.cut()
        made.join()
        box.stop()
        box.start()
        self.make_events(box, 200, EVENTS)
        last = box.last_event()
        while listener.after < last:
            listener.next()
        self.assertGreaterEqual(listener.cuts, 8)
        self.assertEqual(listener.gaps, [])
        self.check_numbers(listener.seen)
        self.assertGreaterEqual(len(listener.seen), EVENTS)
        names = [event["data"]["name"] for event in listener.seen if event["type"] == "box.changed"
                 and event["data"].get("name", "").startswith("Box ")]
        expected = [f"Box {number}" for number in range(EVENTS - 200)]
        expected += [f"Box {number}" for number in range(EVENTS, EVENTS + 200)]
        self.assertEqual(names, expected, "no gap, no repeat")
        kept = [event for event in self.read_all(box, last) if event["sequence"] > start]
        self.assertEqual([event["sequence"] for event in kept],
                         [event["sequence"] for event in listener.seen])
        self.assertEqual(kept, listener.seen, "the ledger tells it as it was told live")

    def test_numbers_rise_over_a_kill(self):
        _, box = self.house()
        self.make_events(box, 5)
        before = box.last_event()
        box.kill()
        box.start()
        self.make_events(box, 5, 5)
        with box.events(after=before) as page:
            seen = []
            while len([each for each in seen if each["type"] == "box.changed"]) < 5:
                seen.append(page.receive_json())
        self.check_numbers(seen)
        self.assertGreater(seen[0]["sequence"], before)

    def test_msgpack_says_the_same(self):
        _, box = self.house()
        first = box.last_event()
        with box.events(after=first, protocols=["troupe.msgpack"]) as binary, \
                box.events(after=first) as plain:
            self.assertEqual(binary.protocol, "troupe.msgpack")
            self.make_events(box, 20)
            box.print(slip("both ways"))
            for _ in range(22):
                packed = binary.receive()
                self.assertIsInstance(packed, bytes)
                self.assertEqual(read_msgpack(packed), plain.receive_json())

    def test_a_device_filter(self):
        room = self.room("counter", "kitchen")
        box = self.box("counter=" + room.address("counter"), "kitchen=" + room.address("kitchen"))
        until(lambda: all(each["status"]["state"] == "ready" for each in box.device_list()), "both ready")
        last = box.last_event()
        for name in ("counter", "kitchen", "counter"):
            box.print(slip(name), device=name)
        room.wait_receipts(2, "counter")
        with WebSocket(box.port, f"/api/v1/events?after={last}&device=kitchen",
                       {"Origin": box.origins[0]}) as page:
            kinds = []
            while "action.confirmed" not in kinds:
                event = page.receive_json()
                self.assertEqual(event["device"], "kitchen")
                kinds.append(event["type"])

    def test_a_slow_reader_loses_nothing_and_holds_up_nobody(self):
        room, box = self.house()
        start = box.last_event()
        # Much more than fits into the buffers of its connection: each event carries a long name.
        with box.events(after=start, receive_buffer=4096) as slow, box.events(after=start) as quick:
            long_name = "n" * 60
            action = None
            for number in range(150):
                box.owner("PATCH", "/api/v1/box", {"name": f"{long_name}{number:03d}"})
                if number % 10 == 0:
                    action = box.print(slip(f"slow {number}")).json()["id"]
            box.wait_action(action, "confirmed")
            last = box.last_event()
            seen = []
            while not seen or seen[-1]["sequence"] < last:
                seen.append(quick.receive_json())
            late = []
            while not late or late[-1]["sequence"] < last:
                late.append(slow.receive_json())
        self.assertEqual([each["sequence"] for each in late], [each["sequence"] for each in seen])
        room.settled()

    def test_who_may_listen(self):
        _, box = self.house()
        for headers in ({}, {"Origin": "https://other.example"}):
            with self.assertRaises(Refused) as refused:
                WebSocket(box.port, "/api/v1/events", headers)
            self.assertIn(refused.exception.status, (401, 403))
        with WebSocket(box.port, "/api/v1/events", {"Authorization": f"Bearer {box.sign_in()}"}) as page:
            box.owner("PATCH", "/api/v1/box", {"name": "Heard"})
            self.assertEqual(page.receive_json()["type"], "box.changed")
        with self.assertRaises(Refused):
            WebSocket(box.port, "/api/v1/events?after=not-a-number", {"Origin": box.origins[0]})

    def test_a_page_that_sends_too_much_is_closed(self):
        _, box = self.house()
        with box.events() as page:
            page.send("x" * 100_000)
            with self.assertRaises(Closed) as closed:
                while True:
                    page.receive()
            self.assertEqual(closed.exception.code, 1009)

    def test_log_lines_live(self):
        _, box = self.house()
        token = box.sign_in()
        with WebSocket(box.port, "/api/v1/logs/live?level=info", {"Authorization": f"Bearer {token}"}) as page:
            box.print(slip("logged"))
            until(lambda: "confirmed" in page.receive_json()["text"], "the log line of the print")


if __name__ == "__main__":
    unittest.main()
