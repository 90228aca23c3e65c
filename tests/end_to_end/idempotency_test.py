"""The same request many times is one paper: at once, later, and over restarts of the box."""

import base64
import threading
import unittest

from house import DATA, HouseTest, slip, text, until


def at_once(count, call):
    """Runs `call(number)` in as many threads, all released together; gives what they returned."""
    gate, found = threading.Barrier(count), [None] * count

    def one(number):
        gate.wait()
        found[number] = call(number)
    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    return found


class Idempotency(HouseTest):
    def test_the_same_key_gets_the_first_answer(self):
        room, box = self.house()
        first = box.print(slip("once"), key="till-1-order-7")
        self.assertEqual(first.status, 202)
        for _ in range(10):
            again = box.print(slip("once"), key="till-1-order-7")
            self.assertEqual(again.status, 200)
            self.assertEqual(again.json()["id"], first.json()["id"])
        room.wait_receipts(1)
        self.assertEqual(room.settled()["receipts"], 1)
        self.assertEqual(len(box.actions()), 1)

    def test_in_parallel(self):
        room, box = self.house()
        box.device_id()
        for round_number in range(5):
            device = box.device_id()
            answers = at_once(16, lambda _: box.print(slip(f"parallel {round_number}"), device=device,
                                                      key=f"parallel-{round_number}"))
            self.assertEqual(sorted(each.status for each in answers), [200] * 15 + [202])
            self.assertEqual(len({each.json()["id"] for each in answers}), 1)
        receipts = room.wait_receipts(5)
        self.assertEqual([each["text"].strip() for each in receipts],
                         [f"parallel {number}" for number in range(5)])

    def test_over_restarts(self):
        room, box = self.house()
        first = box.print(slip("before"), key="over-a-restart").json()
        box.wait_action(first["id"], "confirmed")
        for end in (box.stop, box.kill):
            end()
            box.start()
            box.wait_ready()
            again = box.print(slip("before"), key="over-a-restart")
            self.assertEqual((again.status, again.json()["id"]), (200, first["id"]))
        self.assertEqual(room.settled()["receipts"], 1)

    def test_while_it_waits_for_paper_and_over_a_kill(self):
        room, box = self.house()
        room.play("counter", "paper", state="out")
        box.wait_device(lambda now: now["state"] == "trouble", "paper is out")
        first = box.print(slip("patient"), key="patient").json()["id"]
        box.kill()
        box.start()
        self.assertEqual(box.print(slip("patient"), key="patient").json()["id"], first)
        room.play("counter", "paper", state="in")
        box.wait_action(first, "confirmed")
        self.assertEqual(room.settled()["receipts"], 1)

    def test_odoo_action_unique_id(self):
        room, box = self.house()
        receipt = base64.b64encode((DATA / "receipt.jpg").read_bytes()).decode()
        params = {"session_id": "tab-1", "device_identifier": box.device_id(),
                  "data": {"action": "print_receipt", "receipt": receipt,
                           "action_unique_id": "0f3b6c1e-unique"}}
        answers = at_once(8, lambda _: box.rpc("/iot_drivers/action", params))
        for each in answers:
            self.assertIs(each.json()["result"], True, each)
        box.wait_action(box.actions()[0]["id"], "confirmed")
        box.stop()
        box.start()
        box.wait_ready()
        self.assertIs(box.rpc("/iot_drivers/action", params).json()["result"], True)
        params["data"]["action_unique_id"] = "another"
        box.rpc("/iot_drivers/action", params)
        room.wait_receipts(2)
        self.assertEqual(room.settled()["receipts"], 2)

    def test_the_newer_protocol_says_duplicate(self):
        room, box = self.house()
        identifier = box.owner("GET", "/api/v1/box").json()["identifier"]
        tested = box.rpc("/iot_drivers/action", {"session_id": "tab-new", "device_identifier": identifier,
                                                 "data": {"action": "test_protocol"}}).json()["result"]
        self.assertEqual(tested["status"], "success")
        params = {"session_id": "tab-new", "device_identifier": "printer",
                  "data": {"action": "cashbox", "action_unique_id": "drawer-1"}}
        first = box.rpc("/hw_drivers/action", params).json()["result"]
        self.assertEqual((first["status"], first["result"]), ("success", "pending"))
        again = box.rpc("/hw_drivers/action", params).json()["result"]
        self.assertEqual(again["status"], "duplicate")
        until(lambda: room.printer()["drawer"] == "open", "the drawer opens")

    def test_without_a_key_each_request_is_a_paper(self):
        room, box = self.house()
        for _ in range(3):
            self.assertEqual(box.print(slip("no key")).status, 202)
        room.wait_receipts(3)

    def test_keys_belong_to_a_device(self):
        room = self.room("counter", "kitchen")
        box = self.box("counter=" + room.address("counter"), "kitchen=" + room.address("kitchen"))
        for each in box.device_list():
            answer = box.print(slip("both"), key="same-key", device=each["description"]["id"])
            self.assertEqual(answer.status, 202, answer)
        room.wait_receipts(1, "counter")
        room.wait_receipts(1, "kitchen")

    def test_bad_keys_are_refused(self):
        room, box = self.house()
        for key in ("x" * 129, "a b", "caf\u00e9"):
            answer = box.till("POST", f"/api/v1/devices/{box.device_id()}/actions",
                              {"action": "print", "document": {"operations": [text("no"), {"kind": "cut"}]}},
                              {"Idempotency-Key": key})
            self.assertEqual(answer.status, 400, (key, answer))
            self.assertEqual(answer.json()["code"], "request.idempotency_key")
        self.assertEqual(box.actions(), [])
        self.assertEqual(room.printer()["receipts"], 0)


if __name__ == "__main__":
    unittest.main()
