"""The recorded till dialogue, replayed against the real box and a simulated printer."""

import json
import unittest

from house import DATA, TILL_ORIGIN, HouseTest, recorded, replay, until
from pictures import read_pbm

PICTURE_WIDTH = 512
TOLERATED_DIFFERENCE = 0.005


class TillDialogue(HouseTest):
    def expected_receipt(self):
        return read_pbm((DATA / "08-print-receipt-pillow.pbm").read_bytes()).trimmed()

    def printed_receipt(self, room, receipt):
        paper = room.paper(receipt["id"])
        self.assertEqual(paper.width, 576)
        side = (paper.width - PICTURE_WIDTH) // 2
        self.assertEqual(max(paper.column_range(0, side).rows), 0, "the left margin is white")
        self.assertEqual(max(paper.column_range(side + PICTURE_WIDTH, side).rows), 0)
        return paper.column_range(side, PICTURE_WIDTH).trimmed()

    def test_the_recorded_requests_print_the_receipt_and_open_the_drawer(self):
        room, box = self.house()
        hello = replay(box, 1)
        self.assertEqual((hello.status, hello.body), (200, b"ping"))
        self.assertIn(hello.headers["access-control-allow-origin"], ("*", TILL_ORIGIN))

        for number in (2, 4, 6):
            preflight = replay(box, number)
            self.assertIn(preflight.status, (200, 204), preflight)
            self.assertEqual(preflight.body, b"")
            self.assertEqual(preflight.headers["access-control-allow-origin"], TILL_ORIGIN)
            self.assertIn("POST", preflight.headers["access-control-allow-methods"])
            allowed = preflight.headers["access-control-allow-headers"].lower()
            self.assertIn("content-type", allowed)

        handshake = replay(box, 3)
        self.assertEqual(handshake.status, 200)
        self.assertEqual(handshake.body, b'{"jsonrpc": "2.0", "id": 8, "result": true}')
        self.assertTrue(handshake.headers["content-type"].startswith("application/json"))
        self.assertEqual(handshake.headers["access-control-allow-origin"], TILL_ORIGIN)

        status = replay(box, 5).json()
        self.assertEqual(status["id"], 9)
        self.assertEqual(list(status["result"]), ["printer", "scale", "scanner"])
        self.assertEqual(status["result"]["printer"]["status"], "connected")
        self.assertEqual(status["result"]["scale"]["status"], "disconnected")

        self.assertEqual(room.printer()["drawer"], "closed")
        drawer = replay(box, 7)
        self.assertEqual(drawer.body, b'{"jsonrpc": "2.0", "id": 17, "result": true}')
        until(lambda: room.printer()["drawer"] == "open", "the drawer opens")

        printed = replay(box, 8)
        self.assertEqual(printed.body, b'{"jsonrpc": "2.0", "id": 23, "result": true}')
        (receipt,) = room.wait_receipts(1)
        self.assertEqual(receipt["text"].strip(), "[picture 512x757]")
        expected, came_out = self.expected_receipt(), self.printed_receipt(room, receipt)
        self.assertEqual(len(came_out.rows), len(expected.rows))
        self.assertLessEqual(came_out.difference(expected), TOLERATED_DIFFERENCE)
        self.assertEqual(room.printer()["unknown_commands"], [])

    def test_the_same_dialogue_prints_the_same_paper(self):
        room, box = self.house()
        for _ in range(3):
            self.assertTrue(replay(box, 8).json()["result"])
        receipts = room.wait_receipts(3)
        self.assertEqual(len({receipt["hash"] for receipt in receipts}), 1)

    def test_a_foreign_origin_is_refused_asks_and_is_allowed(self):
        foreign = "https://shop.example"
        room, box = self.house()
        last = box.last_event()
        preflight = replay(box, 6, origin=foreign)
        self.assertNotIn("access-control-allow-origin", preflight.headers)
        for number in (7, 8):
            refused = replay(box, number, origin=foreign)
            self.assertNotIn("access-control-allow-origin", refused.headers)
            self.assertNotEqual(refused.json().get("result"), True)
            # A receipt of a stranger is not even read.
            self.assertTrue(foreign in refused.text or refused.status == 413, refused)
        # The probe stays open: the till's page tells "not there" from "not allowed" by it.
        self.assertEqual(replay(box, 1, origin=foreign).body, b"ping")

        asking = box.owner("GET", "/api/v1/origins").json()["asking"]
        self.assertEqual([each["origin"] for each in asking], [foreign])
        self.assertGreaterEqual(asking[0]["count"], 1)
        self.assertEqual(box.owner("GET", "/api/v1/box").json()["origins_asking"], 1)
        with box.events(after=last) as events:
            while (event := events.receive_json())["type"] != "origin.asked":
                pass
            self.assertEqual(event["data"]["origin"], foreign)

        path = "/api/v1/origins/https%3A%2F%2Fshop.example"
        self.assertEqual(box.till("PUT", path, {"decision": "allow"}).status, 403,
                         "a till may not let others in")
        self.assertEqual(box.owner("PUT", path, {"decision": "allow"}).status, 200)
        self.assertEqual(replay(box, 6, origin=foreign).headers["access-control-allow-origin"], foreign)
        self.assertTrue(replay(box, 8, origin=foreign).json()["result"])
        room.wait_receipts(1)

        box.stop()
        box.start()
        box.wait_ready()
        self.assertTrue(replay(box, 8, origin=foreign).json()["result"], "a decision is kept")
        room.wait_receipts(2)

        self.assertEqual(box.owner("PUT", path, {"decision": "refuse"}).status, 200)
        self.assertNotEqual(replay(box, 8, origin=foreign).json().get("result"), True)
        origins = box.owner("GET", "/api/v1/origins").json()
        self.assertEqual([each["origin"] for each in origins["refused"]], [foreign])
        self.assertEqual(origins["asking"], [])
        self.assertEqual(room.printer()["receipts"], 2)

    def test_without_an_origin_nothing_changes(self):
        room, box = self.house()
        body = recorded(8)["body"]
        answer = box.request("POST", "/hw_proxy/default_printer_action", body,
                             {"Content-Type": "application/json"})
        self.assertNotEqual(answer.json().get("result"), True)
        self.assertEqual(room.printer()["received_bytes"], room.settled()["received_bytes"])
        self.assertEqual(box.actions(), [])
        self.assertEqual(room.printer()["receipts"], 0)

    def test_the_owner_may_print_without_an_origin(self):
        room, box = self.house()
        answer = box.owner("POST", "/hw_proxy/default_printer_action", json.loads(recorded(8)["body"]))
        self.assertTrue(answer.json()["result"], answer)
        room.wait_receipts(1)

    def test_a_box_without_a_printer_says_false(self):
        box = self.box()
        self.assertEqual(replay(box, 8).body, b'{"jsonrpc": "2.0", "id": 23, "result": false}')
        self.assertEqual(replay(box, 5).json()["result"]["printer"]["status"], "disconnected")

    def test_actions_to_devices_by_identifier_and_type(self):
        room, box = self.house()
        identifier = box.device_id()
        receipt = json.loads(recorded(8)["body"])["params"]["data"]["receipt"]
        for number, name in enumerate((identifier, "printer")):
            for path in ("/iot_drivers/action", "/hw_drivers/action"):
                data = {"action": "print_receipt", "receipt": receipt,
                        "action_unique_id": f"unique-{number}-{path}"}
                answer = box.rpc(path, {"session_id": "tab", "device_identifier": name, "data": data})
                self.assertIs(answer.json()["result"], True, answer)
        room.wait_receipts(4)
        missing = box.rpc("/iot_drivers/action",
                          {"session_id": "tab", "device_identifier": "nothing", "data": {}})
        self.assertIs(missing.json()["result"], False)

    def test_two_boxes_on_one_machine_do_not_disturb_each_other(self):
        room = self.room("counter", "kitchen")
        first = self.box("counter=" + room.address("counter"), name="first")
        second = self.box("kitchen=" + room.address("kitchen"), name="second")
        for each in (first, second):
            each.wait_ready()
            self.assertTrue(replay(each, 8).json()["result"])
        room.wait_receipts(1, "counter")
        room.wait_receipts(1, "kitchen")
        self.assertNotEqual(first.owner("GET", "/api/v1/box").json()["identifier"],
                            second.owner("GET", "/api/v1/box").json()["identifier"])


if __name__ == "__main__":
    unittest.main()
