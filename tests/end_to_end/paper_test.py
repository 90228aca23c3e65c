"""What happens at the counter: paper, cover, plug and power, told in words, and printed by itself."""

import time
import unittest

from house import PATIENCE, HouseTest, free_port, Room, request, slip, text, until
from pictures import make_png

import base64


def long_document(mark, height=3000):
    """A receipt of some length: at the pace of a real printer it takes about two seconds."""
    rows = b"".join(b"\0" + bytes((x * y) & 0xff for x in range(256)) for y in range(height))
    picture = base64.b64encode(make_png(256, height, rows)).decode()
    return [text(f"{mark}\n"), {"kind": "picture", "encoded": picture}, {"kind": "cut"}]


class Paper(HouseTest):
    def follow(self, events, check, what, seconds=PATIENCE):
        """The first event that fits."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            event = events.receive_json(seconds)
            if check(event):
                return event
        raise AssertionError(f"no event: {what}")

    def test_paper_away_is_told_and_back_prints_by_itself(self):
        room, box = self.house()
        with box.events() as events:
            room.play("counter", "paper", state="out")
            event = self.follow(events, lambda e: e["type"] == "device.status" and
                                e["data"]["code"] == "ERROR_NO_PAPER", "paper out")
            self.assertEqual(event["data"]["state"], "trouble")
            self.assertIn("paper", event["data"]["text"].lower())
            self.assertNotEqual(event["data"]["remedy"], "")
            status = box.device()["status"]
            self.assertEqual((status["code"], status["text"]),
                             ("ERROR_NO_PAPER", event["data"]["text"]))
            answer = box.print(slip("waits for paper"))
            self.assertEqual(answer.status, 202, answer)
            self.assertEqual(answer.json()["state"], "accepted")
            box.wait_device(lambda now: now["waiting"] == 1, "one receipt waits")
            self.assertEqual(room.printer()["receipts"], 0)
            room.play("counter", "paper", state="in")
            self.follow(events, lambda e: e["type"] == "action.confirmed" and
                        e["action"] == answer.json()["id"], "the receipt is confirmed")
        (receipt,) = room.wait_receipts(1)
        self.assertIn("waits for paper", receipt["text"])
        box.wait_device(lambda now: now["state"] == "ready" and now["waiting"] == 0, "ready again")

    def test_low_paper_warns_and_prints(self):
        room, box = self.house()
        room.play("counter", "paper", state="low")
        status = box.wait_device(lambda now: now["state"] == "attention", "paper is low")
        self.assertEqual(status["code"], "WARNING_LOW_PAPER")
        box.wait_action(box.print(slip("low")).json()["id"], "confirmed")
        room.wait_receipts(1)

    def test_cover(self):
        room, box = self.house()
        room.play("counter", "cover", state="open")
        status = box.wait_device(lambda now: now["state"] == "trouble", "the cover is open")
        self.assertIn("cover", status["text"].lower())
        action = box.print(slip("under the cover")).json()["id"]
        room.play("counter", "cover", state="closed")
        box.wait_action(action, "confirmed")
        room.wait_receipts(1)

    def test_the_roll_runs_out_in_mid_receipt(self):
        room, box = self.house()
        room.play("counter", "paper", state="in", roll_dots=700)
        action = box.print(long_document("longer than the roll", 1200)).json()["id"]
        box.wait_device(lambda now: now["code"] == "ERROR_NO_PAPER", "the roll has run out")
        self.assertIn(box.action(action)["state"], ("accepted", "sent"))
        room.play("counter", "paper", state="in")
        box.wait_action(action, "confirmed", "unknown", seconds=20)
        room.settled()
        printed = "".join(each["text"] for each in room.receipts())
        self.assertEqual(printed.count("longer than the roll"), 1)

    def test_power_off_in_mid_job_is_unknown_and_print_again_prints_once_more(self):
        room, box = self.house()
        room.play("counter", "pace", state="real")
        action = box.print(long_document("cut short")).json()["id"]
        until(room.hanging, "paper comes out")
        room.play("counter", "power", state="off")
        record = box.wait_action(action, "unknown")
        self.assertNotEqual(record["text"], "")
        self.assertTrue(record["repeatable"])
        status = box.wait_device(lambda now: now["state"] == "trouble", "the printer is off")
        self.assertIn(status["code"], ("ERROR_OFFLINE", "ERROR_UNREACHABLE"))
        room.play("counter", "pace", state="instant")
        room.play("counter", "power", state="on")
        box.wait_ready(25)
        self.assertEqual(room.settled()["receipts"], 0, "nothing is printed again by itself")
        again = box.owner("POST", f"/api/v1/actions/{action}/repeat", {})
        self.assertEqual(again.status, 202, again)
        self.assertEqual(again.json()["repeats"], action)
        box.wait_action(again.json()["id"], "confirmed")
        torn, receipt = sorted(room.wait_receipts(2), key=lambda each: int(each["id"].rsplit("-", 1)[1]))
        self.assertNotIn("[picture 256x3000]", torn["text"], "what was cut short is a piece of its own")
        self.assertTrue(receipt["text"].rstrip().endswith("[picture 256x3000]"), receipt["text"])
        self.assertEqual(box.action(action)["state"], "unknown")

    def test_it_printed_confirms_an_unknown_action(self):
        room, box = self.house()
        room.play("counter", "pace", state="real")
        action = box.print(long_document("who knows")).json()["id"]
        until(room.hanging, "paper comes out")
        room.play("counter", "power", state="off")
        box.wait_action(action, "unknown")
        self.assertEqual(box.till("POST", f"/api/v1/actions/{action}/confirm", {}).status, 403)
        confirmed = box.owner("POST", f"/api/v1/actions/{action}/confirm", {})
        self.assertEqual((confirmed.status, confirmed.json()["state"]), (200, "confirmed"))
        twice = box.owner("POST", f"/api/v1/actions/{action}/confirm", {})
        self.assertEqual(twice.status, 409)

    def test_a_printer_that_is_off_at_the_start_and_comes_later(self):
        port = free_port()
        box = self.box(f"counter=tcp://127.0.0.1:{port}")
        status = box.wait_device(lambda now: now["state"] == "trouble", "nobody is there")
        self.assertNotEqual(status["text"], "")
        answer = box.print(slip("early bird"))
        self.assertEqual(answer.status, 202)
        self.rooms.append(Room(ports={"counter": port}))
        box.wait_action(answer.json()["id"], "confirmed", seconds=20)
        self.rooms[0].wait_receipts(1)

    def test_the_plug(self):
        room, box = self.house()
        room.play("counter", "plug", state="out")
        action = box.print(slip("through the cable")).json()["id"]
        room.play("counter", "plug", state="in")
        box.wait_action(action, "confirmed", "unknown", seconds=25)
        room.settled()
        self.assertLessEqual("".join(r["text"] for r in room.receipts()).count("through the cable"), 1)

    def test_waiting_receipts_come_in_order_and_can_be_taken_back(self):
        room, box = self.house()
        room.play("counter", "paper", state="out")
        box.wait_device(lambda now: now["state"] == "trouble", "paper is out")
        actions = [box.print(slip(f"number {number}")).json()["id"] for number in range(5)]
        canceled = box.owner("POST", f"/api/v1/actions/{actions[2]}/cancel", {})
        self.assertEqual((canceled.status, canceled.json()["state"]), (200, "canceled"))
        room.play("counter", "paper", state="in")
        receipts = room.wait_receipts(4)
        self.assertEqual([each["text"].strip() for each in receipts],
                         ["number 0", "number 1", "number 3", "number 4"])
        box.wait_action(actions[4], "confirmed")
        late = box.owner("POST", f"/api/v1/actions/{actions[4]}/cancel", {})
        self.assertEqual(late.status, 409)

    def test_the_drawer_opens_though_receipts_wait_for_paper(self):
        room, box = self.house()
        room.play("counter", "paper", state="out")
        box.wait_device(lambda now: now["state"] == "trouble", "paper is out")
        box.print(slip("waits"))
        self.assertEqual(box.till("POST", f"/api/v1/devices/{box.device_id()}/actions",
                                  {"action": "cashbox"}).status, 202)
        until(lambda: room.printer()["drawer"] == "open", "the drawer opens")
        self.assertEqual(room.printer()["receipts"], 0)

    def test_the_status_ticket(self):
        room, box = self.house()
        answer = box.owner("POST", f"/api/v1/devices/{box.device_id()}/actions", {"action": "status"})
        self.assertEqual(answer.status, 202, answer)
        (ticket,) = room.wait_receipts(1)
        self.assertIn(box.setup_code(), ticket["text"].replace(" ", ""))

    def test_devices_are_added_renamed_and_removed(self):
        room = self.room("counter", "kitchen")
        box = self.box()
        added = box.owner("POST", "/api/v1/devices", {"name": "Kitchen printer",
                                                      "address": room.address("kitchen")})
        self.assertEqual(added.status, 201, added)
        identifier = added.json()["description"]["id"]
        taken = box.owner("POST", "/api/v1/devices", {"address": room.address("kitchen")})
        self.assertEqual(taken.status, 409)
        wrong = box.owner("POST", "/api/v1/devices", {"address": "carrier-pigeon://roof"})
        self.assertEqual(wrong.status, 422)
        renamed = box.owner("PATCH", f"/api/v1/devices/{identifier}", {"name": "Grill"})
        self.assertEqual(renamed.json()["description"]["name"], "Grill")
        box.stop()
        box.start()
        box.wait_ready()
        self.assertEqual(box.device()["description"]["name"], "Grill", "kept over a restart")
        box.print(slip("grilled"))
        room.wait_receipts(1, "kitchen")
        self.assertEqual(box.owner("DELETE", f"/api/v1/devices/{identifier}").status, 204)
        self.assertEqual(box.device_list(), [])
        self.assertEqual(request(box.port, "GET", f"/api/v1/devices/{identifier}").status, 403)
        self.assertEqual(box.owner("GET", f"/api/v1/devices/{identifier}").status, 404)


if __name__ == "__main__":
    unittest.main()
