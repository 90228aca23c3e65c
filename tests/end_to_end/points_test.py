"""Points of sale and tags from the command line, and how a box comes step by step, with the real programs."""

import json
import unittest

from fleet_house import FleetTest
from house import until


class Points(FleetTest):
    def setUp(self):
        super().setUp()
        self.it = self.server()
        self.it.set_up()
        self.login(self.it)

    def json(self, *arguments):
        return json.loads(self.troupe(*arguments, "--json"))

    def actions(self):
        return [each["action"] for each in self.it.get("/api/v1/audit?limit=100")["entries"]]

    def test_from_the_command_line(self):
        self.assertIn("no points of sale", self.troupe("point-of-sale", "list"))
        self.troupe("point-of-sale", "add", "Bäckerei ☕")
        self.troupe("point-of-sale", "add", "Kiosk")
        self.troupe("point-of-sale", "add", "kiosk", code=1)
        self.assertIn("called kiosk already", self.errors)
        self.troupe("point-of-sale", "rename", "Bäck", "Bakery")
        self.assertEqual([each["name"] for each in self.json("point-of-sale", "list")["points_of_sale"]],
                         ["Bakery", "Kiosk"])
        room, box = self.house(arguments=["--server", self.it.url])
        box.sign_in()
        identifier = self.it.take_in(box)
        self.assertTrue(self.it.box(identifier)["point_question"])
        shown = self.troupe("box", "set", identifier, "--point-of-sale", "bakery", "--tag", "leased",
                            "--tag", "  two words ")
        self.assertIn("Bakery", shown)
        self.assertIn("leased, two words", shown)
        self.assertFalse(self.it.box(identifier)["point_question"])
        self.troupe("box", "set", identifier, "--point-of-sale", "Nowhere", code=3)
        self.troupe("box", "set", identifier, code=2)
        self.troupe("box", "set", identifier, "--without-tag", "leased")
        self.assertEqual(self.it.box(identifier)["tags"], ["two words"])

        def listed(*how):
            return [each["id"] for each in self.json("box", "list", *how)["boxes"]]
        self.assertEqual(listed("--tag", "two words"), [identifier])
        self.assertEqual(listed("--tag", "two"), [])
        self.assertEqual(listed("--point-of-sale", "Bakery"), [identifier])
        self.assertEqual(listed("--point-of-sale", "Kiosk"), [])
        self.assertEqual(listed("--search", "bakery WORDS"), [identifier])
        self.assertIn("Kiosk\n", self.troupe("complete", "--", "point-of-sale", "remove", "Ki"))
        self.it.kill()
        self.it.start()
        self.assertEqual(self.it.box(identifier)["point_of_sale_name"], "Bakery")
        self.troupe("point-of-sale", "remove", "Bakery")
        self.assertEqual(self.it.box(identifier)["point_of_sale"], "")
        self.troupe("box", "set", identifier, "--point-of-sale", "Kiosk")
        self.troupe("box", "set", identifier, "--point-of-sale", "")
        self.assertEqual(self.it.box(identifier)["point_of_sale_name"], "")
        self.assertLessEqual({"point_of_sale.added", "point_of_sale.renamed", "point_of_sale.removed", "box.placed",
                              "box.tagged"}, set(self.actions()))

    def test_each_step_is_told_on_both_sides_and_nothing_is_started_anew(self):
        room, box = self.house(arguments=["--server", self.it.url])
        box.sign_in()
        started = box.owner("GET", "/api/v1/box").json()["started"]
        identifier = self.it.take_in(box)
        link = until(lambda: (now := box.owner("GET", "/api/v1/link").json())["stage"] == "done" and now, "all steps")
        self.assertEqual((link["devices_told"], link["first_time"]), (1, False))
        self.assertIn("completed", link)
        entry = self.it.wait_box(identifier, lambda now: now["stage"] == "done", "all steps here too")
        self.assertEqual(entry["stage_problem"]["text"], "")
        self.assertEqual(box.owner("GET", "/api/v1/box").json()["started"], started)
        told = [each["data"]["stage"] for each in self.it.history(box=identifier, type="box.online")]
        self.assertEqual(told, ["proven"])
        self.assertTrue(all(each["mac"] or each["addresses"] for each in entry["report"]["interfaces"]))
        quality = until(lambda: (now := self.it.get(f"/api/v1/boxes/{identifier}/link"))["samples"] > 2 and now,
                        "the link is measured")
        self.assertGreater(quality["round_trip_us"], 0)
        self.assertLess(abs(quality["clock_offset_us"]), 1_000_000, "one machine has one clock")
        self.assertEqual(quality["lost_links"], 0)
        box.kill()
        self.it.wait_online(identifier, False)
        self.assertEqual(self.it.get(f"/api/v1/boxes/{identifier}/link")["lost_links"], 1)


if __name__ == "__main__":
    unittest.main()
