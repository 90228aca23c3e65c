"""Odoo's long poll: no event lost, none twice, each tab its own, by identifier and by type."""

import threading
import time
import unittest

from house import HouseTest, slip, until
import base64


class Tab:
    """A page's listener as Odoo's client keeps it."""

    def __init__(self, box, session, *devices, path="/iot_drivers/event"):
        self.box, self.session, self.devices, self.path = box, session, devices, path
        self.last_event, self.seen = 0, []

    def poll(self, timeout=60):
        listener = {"session_id": self.session, "last_event": self.last_event,
                    "devices": {name: {"device_identifier": name, "listener_id": f"{self.session}-1"}
                                for name in self.devices}}
        answer = self.box.rpc(self.path, {"listener": listener}, timeout=timeout)
        assert answer.status == 200, answer
        event = answer.json().get("result")
        if event:
            self.last_event = event["time"]
            self.seen.append(event)
        return event

    def action(self, data, device=None):
        return self.box.rpc(self.path.replace("event", "action"),
                            {"session_id": self.session, "data": data,
                             "device_identifier": device or self.devices[0]})

    def print(self, mark, device=None):
        document = base64.b64encode(f"{mark}\n".encode() + b"\x1dVA\x00").decode()
        answer = self.action({"document": document, "action_unique_id": mark}, device)
        assert answer.json()["result"] is True, answer

    def until_success(self, count):
        while len([each for each in self.seen if each["status"] == "success"]) < count:
            self.poll()


class LongPoll(HouseTest):
    def test_an_event_before_the_poll_and_one_during_it(self):
        room, box = self.house()
        tab = Tab(box, "tab-1", box.device_id())
        tab.print("before")
        room.wait_receipts(1)
        event = tab.poll()
        self.assertEqual((event["status"], event["session_id"], event["device_identifier"]),
                         ("success", "tab-1", box.device_id()))
        self.assertEqual(event["owner"], "tab-1")
        self.assertIsInstance(event["time"], float)
        waiting = threading.Thread(target=tab.poll)
        waiting.start()
        time.sleep(0.1)
        self.assertTrue(waiting.is_alive(), "it waits for the next event")
        tab.print("during")
        waiting.join(10)
        self.assertFalse(waiting.is_alive())
        self.assertEqual(len(tab.seen), 2)

    def test_no_event_is_lost_between_polls(self):
        room, box = self.house()
        tab = Tab(box, "tab-1", "printer")
        tab.print("first")
        tab.until_success(1)

        def print_many():
            for number in range(60):
                tab.print(f"receipt {number}")
        printing = threading.Thread(target=print_many)
        printing.start()
        tab.until_success(61)
        printing.join()
        times = [event["time"] for event in tab.seen]
        self.assertEqual(times, sorted(set(times)), "none twice, in order")
        room.wait_receipts(61)

    def test_trouble_is_told_to_all_and_success_to_who_asked(self):
        room, box = self.house()
        one, two = Tab(box, "tab-1", box.device_id()), Tab(box, "tab-2", "printer")
        heard = {}
        threads = [threading.Thread(target=lambda tab=tab: heard.setdefault(tab.session, tab.poll()))
                   for tab in (one, two)]
        for each in threads:
            each.start()
        until(lambda: box.owner("GET", "/api/v1/limits").json() and self.polls(box) == 2, "both wait")
        room.play("counter", "paper", state="out")
        for each in threads:
            each.join(10)
        self.assertEqual(heard["tab-1"]["message"], "ERROR_NO_PAPER")
        self.assertEqual(heard["tab-2"]["message"], "ERROR_NO_PAPER")
        self.assertEqual(heard["tab-1"]["device_identifier"], box.device_id())
        self.assertEqual(heard["tab-2"]["device_identifier"], "printer", "as it was asked")
        room.play("counter", "paper", state="in")
        box.wait_ready()
        one.print("for one")
        one.until_success(1)
        two.print("for two")
        two.until_success(1)
        self.assertEqual([each["owner"] for each in one.seen if each["status"] == "success"], ["tab-1"])
        self.assertEqual([each["owner"] for each in two.seen if each["status"] == "success"], ["tab-2"])

    def polls(self, box):
        for each in box.owner("GET", "/api/v1/limits").json()["limits"]:
            if each["name"] == "homepage.polls":
                return each["fill"]
        raise AssertionError("no limit for long polls")

    def test_a_new_poll_of_the_same_tab_ends_the_older(self):
        _, box = self.house()
        tab = Tab(box, "tab-1", "printer")
        first = threading.Thread(target=tab.poll)
        first.start()
        until(lambda: self.polls(box) == 1, "the first poll waits")
        second = threading.Thread(target=tab.poll)
        second.start()
        first.join(10)
        self.assertFalse(first.is_alive())
        self.assertEqual(self.polls(box), 1)
        tab.print("ends the second")
        second.join(10)
        self.assertFalse(second.is_alive())

    def test_the_older_names_are_twins(self):
        room, box = self.house()
        tab = Tab(box, "tab-old", "printer", path="/hw_drivers/event")
        tab.print("old route")
        tab.until_success(1)
        room.wait_receipts(1)
        for route in ("ping", "data"):
            old, new = (box.till("GET", f"/{prefix}/{route}") for prefix in ("hw_drivers", "iot_drivers"))
            self.assertEqual((old.status, set(old.json())), (200, set(new.json())))
        self.assertEqual(box.till("GET", "/hw_drivers/ping").json(),
                         {"status": "success", "message": "pong"})
        devices = box.till("GET", "/iot_drivers/data").json()["devices"]
        self.assertEqual([each["identifier"] for each in devices["printer"]], [box.device_id()])

    def test_events_survive_a_restart_of_the_box(self):
        room, box = self.house()
        tab = Tab(box, "tab-1", "printer")
        tab.print("first")
        tab.until_success(1)
        tab.print("unheard")
        room.wait_receipts(2)
        until(lambda: box.actions()[0]["state"] == "confirmed", "the second is confirmed")
        box.stop()
        box.start()
        box.wait_ready()
        until(lambda: tab.poll(10) and tab.seen[-1]["status"] == "success", "the unheard event")
        self.assertEqual(room.printer()["receipts"], 2)

    def test_native_prints_are_no_news_for_a_stranger_tab(self):
        room, box = self.house()
        tab = Tab(box, "tab-1", "printer")
        box.wait_action(box.print(slip("native")).json()["id"], "confirmed")
        tab.print("mine")
        tab.until_success(1)
        self.assertEqual([each["owner"] for each in tab.seen if each["status"] == "success"], ["tab-1"])
        room.wait_receipts(2)


if __name__ == "__main__":
    unittest.main()
