"""A scale on a real pseudo-terminal: weights by every interface, faults in words, unplugged and back."""

import threading
import unittest
from pathlib import Path

from house import HouseTest, request, until


class Scale(HouseTest):
    def weighing_house(self, protocol="", name="state"):
        """A room with a scale on a line, and a box that asks it."""
        link = Path(self.folder) / "line"
        room = self.room(scales={"till": f"{link}?{protocol}" if protocol else str(link)})
        box = self.box(f"scale=serial:{link}", name=name)
        box.wait_device(lambda now: now["state"] == "ready", "the scale is found and weighs")
        return room, box, link

    def wait_weight(self, box, text, unit="kg"):
        status = box.wait_device(lambda now: now["text"] == f"{text} {unit}", f"the box shows {text} {unit}")
        self.assertEqual(status["details"]["text"], text)
        self.assertEqual(status["details"]["weight"], float(text))
        return status

    def act(self, box, action):
        answer = box.till("POST", f"/api/v1/devices/{box.device_id()}/actions", {"action": action})
        self.assertEqual(answer.status, 202, answer)
        return box.wait_action(answer.json()["id"], "confirmed", "failed", "unknown")

    def test_a_weight_is_found_live_noted_and_read(self):
        room, box, _ = self.weighing_house()
        device = box.device()
        self.assertEqual((device["description"]["kind"], device["description"]["connection"]), ("scale", "serial"))
        self.assertEqual(device["status"]["details"]["protocol"], "mettler_toledo_8217")
        self.wait_weight(box, "0.000")
        with box.events() as events:
            before = box.last_event()
            room.play_scale("weight", grams=452)
            seen = []
            while not (seen and seen[-1]["type"] == "device.weight"):
                seen.append(events.receive_json())
            values = [each for each in seen if each["type"] == "device.value"]
            self.assertTrue(values)
            for each in values:
                self.assertNotIn("sequence", each)
            self.assertIn(0.452, [each["data"]["details"]["weight"] for each in values])
            self.assertTrue(any(each["data"]["details"]["motion"] for each in values), "it was told to move")
            weights = {each["data"]["details"]["weight"] for each in values}
            self.assertLessEqual(weights, {None, 0.0, 0.452}, "no weight on the way is told as one")
            self.assertEqual(seen[-1]["data"]["text"], "0.452")
            self.assertGreater(seen[-1]["sequence"], before)
        record = self.act(box, "read_once")
        self.assertEqual(record["state"], "confirmed", record)
        self.assertEqual((record["result"]["weight"], record["result"]["text"], record["result"]["unit"],
                          record["result"]["precision"]), (0.452, "0.452", "kg", 3))
        # A resume tells what was numbered, and no live value.
        with box.events(after=before) as events:
            again = []
            while not (again and again[-1]["type"] == "action.confirmed"):
                again.append(events.receive_json())
        self.assertIn("device.weight", [each["type"] for each in again])
        self.assertEqual(again[-1]["data"]["result"]["weight"], 0.452)

    def test_faults_are_told_in_words_and_never_as_zero(self):
        room, box, _ = self.weighing_house()
        room.play_scale("weight", grams=20_000)
        status = box.wait_device(lambda now: now["code"] == "ERROR_TOO_HEAVY", "too heavy")
        self.assertEqual(status["state"], "trouble")
        self.assertIsNone(status["details"]["weight"])
        self.assertTrue(status["details"]["over"])
        self.assertNotEqual(status["remedy"], "")
        self.assertNotIn("result", box.rpc("/hw_proxy/scale_read", {}).json())
        record = self.act(box, "read_once")
        self.assertEqual((record["state"], record["code"]), ("failed", "ERROR_TOO_HEAVY"), record)
        room.play_scale("weight", grams=1250)
        self.wait_weight(box, "1.250")
        room.play_scale("tare")
        status = box.wait_device(lambda now: now["text"] == "0.000 kg net", "the container is taken off")
        self.assertTrue(status["details"]["net"])
        room.play_scale("weight", grams=1000)
        status = box.wait_device(lambda now: now["details"]["under"], "below zero")
        self.assertIsNone(status["details"]["weight"])
        room.play_scale("fault", state="silent")
        status = box.wait_device(lambda now: now["code"] == "ERROR_TIMEOUT", "it says nothing")
        self.assertIsNone(status["details"]["weight"])
        room.play_scale("fault", state="none")
        box.wait_device(lambda now: now["details"].get("connected"), "it answers again")

    def test_the_plug_is_pulled_and_put_back(self):
        room, box, link = self.weighing_house()
        room.play_scale("weight", grams=300)
        self.wait_weight(box, "0.300")
        room.play_scale("plug", state="out")
        self.assertFalse(link.is_symlink())
        status = box.wait_device(lambda now: now["state"] == "trouble", "the scale is gone")
        self.assertEqual(status["code"], "ERROR_OFFLINE")
        self.assertIsNone(status["details"]["weight"])
        self.assertNotIn("result", box.rpc("/hw_proxy/scale_read", {}).json())
        self.assertEqual(self.act(box, "read_once")["state"], "failed")
        room.play_scale("plug", state="in")
        self.wait_weight(box, "0.300")

    def test_odoo_reads_it_by_hw_proxy_and_by_action_and_event(self):
        room, box, _ = self.weighing_house()
        room.play_scale("weight", grams=742)
        self.wait_weight(box, "0.742")
        self.assertEqual(box.rpc("/hw_proxy/scale_read", {}).json()["result"], {"weight": 0.742})
        self.assertEqual(box.rpc("/hw_proxy/status_json", {}).json()["result"]["scale"]["status"], "connected")

        def do(action):
            answer = box.rpc("/iot_drivers/action", {"session_id": "tab", "device_identifier": "scale",
                                                     "data": {"action": action}})
            self.assertIs(answer.json()["result"], True, answer)

        last = 0

        def poll():
            nonlocal last
            answer = box.rpc("/iot_drivers/event", {"listener": {
                "session_id": "tab", "last_event": last, "devices": {"scale": {"device_identifier": "scale"}}}},
                timeout=60)
            event = answer.json().get("result")
            if event:
                last = event["time"]
            return event

        do("start_reading")
        change = threading.Timer(0.3, lambda: room.play_scale("weight", grams=1500))
        change.start()
        seen = []
        while not (seen and seen[-1] and seen[-1]["result"] == 1.5):
            seen.append(poll())
            self.assertLess(len(seen), 200)
        change.join()
        self.assertEqual(seen[-1]["device_identifier"], "scale")
        self.assertEqual(seen[-1]["status"], {"status": "connected", "message_title": "", "message_body": ""})
        weights = [each["result"] for each in seen if each]
        later = weights[next(at for at, weight in enumerate(weights) if weight):]
        self.assertLessEqual(set(later), {None, 0.742, 1.5}, "no weight on the way is told as one, least of all 0")
        do("stop_reading")
        do("read_once")
        while True:
            event = poll()
            if event and event["owner"] == "tab" and event["result"] == 1.5:
                break

    def test_the_other_protocols_are_found_too(self):
        for protocol in ("adam_mdw", "adam"):
            with self.subTest(protocol=protocol):
                link = Path(self.folder) / f"line-{protocol}"
                room = self.room(scales={"till": f"{link}?{protocol}"})
                box = self.box(f"scale=serial:{link}", name=protocol)
                room.play_scale("weight", grams=1234)
                self.wait_weight(box, "1.234")
                self.assertEqual(box.device()["status"]["details"]["protocol"], protocol)
                room.play_scale("weight", grams=20_000)
                box.wait_device(lambda now: now["details"]["weight"] is None and now["state"] != "ready",
                                "no weight when it is too heavy")
                room.play_scale("weight", grams=500)
                self.wait_weight(box, "0.500")

    def test_zero_by_the_box(self):
        room, box, _ = self.weighing_house()
        room.play_scale("weight", grams=40)
        self.wait_weight(box, "0.040")
        self.assertEqual(self.act(box, "zero")["state"], "confirmed")
        self.wait_weight(box, "0.000")
        # With enough on it that shaking never takes it below zero, which is another refusal.
        room.play_scale("weight", grams=540)
        self.wait_weight(box, "0.500")
        room.play_scale("fault", state="shaking")
        box.wait_device(lambda now: now["details"]["motion"], "it shakes")
        record = self.act(box, "zero")
        self.assertEqual((record["state"], record["code"]), ("failed", "ERROR_MOVING"), record)

    def test_the_owner_adds_one_by_its_address(self):
        link = Path(self.folder) / "later"
        box = self.box()
        answer = box.owner("POST", "/api/v1/devices", {"name": "Till scale", "address": f"serial:{link}"})
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(answer.json()["description"]["kind"], "scale")
        status = box.wait_device(lambda now: now["state"] == "trouble", "there is no line yet")
        self.assertIn(str(link), status["text"])
        room = self.room(scales={"till": str(link)})
        room.play_scale("weight", grams=99)
        self.wait_weight(box, "0.099")
        bad = box.owner("POST", "/api/v1/devices", {"address": f"serial:{link}x", "language": "morse"})
        self.assertEqual((bad.status, bad.json()["code"]), (422, "device.bad_language"))

    def test_the_room_refuses_what_a_scale_cannot(self):
        link = Path(self.folder) / "line"
        room = self.room(scales={"till": str(link)})
        for what, body in (("weight", {"grams": "much"}), ("weight", {}), ("weight", {"grams": -1}),
                           ("power", {"state": "maybe"}), ("fault", {"state": "flood"}), ("noise", {"grams": 1e9})):
            answer = request(room.port, "POST", f"/api/v1/scales/till/{what}", body)
            self.assertEqual((answer.status, answer.json()["code"]), (422, "scale.play"), (what, body))
        self.assertEqual(request(room.port, "GET", "/api/v1/scales/nobody").status, 404)
        self.assertEqual(request(room.port, "GET", "/api/v1/scales/till/weight").status, 405)
        room.stop()
        self.assertFalse(link.is_symlink(), "the link goes with the room")


if __name__ == "__main__":
    unittest.main()
