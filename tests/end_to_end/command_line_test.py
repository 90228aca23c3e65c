"""The command line `troupe` against a real server and a real box, as a person and a script use it."""

import json
import unittest

from fleet_house import OWNER, FleetTest
from house import until


class CommandLine(FleetTest):
    def setUp(self):
        super().setUp()
        self.it = self.server()
        self.it.set_up()
        self.sim = self.room()
        self.till = self.box("counter=" + self.sim.address(), arguments=["--server", self.it.url])
        self.till.wait_ready()
        self.till.sign_in()

    def test_from_login_to_trace(self):
        self.login(self.it)
        self.assertIn("connected", self.troupe("connect", self.till.wait_code().lower()))
        self.till.wait_linked()
        (box,) = json.loads(self.troupe("box", "list", "--json"))["boxes"]
        until(lambda: json.loads(self.troupe("--json", "device", "list", box["id"])), "the box's devices are told")
        self.troupe("box", "rename", box["id"], "Kitchen")
        until(lambda: "Kitchen" in self.troupe("box", "list"), "the new name")
        self.assertIn("Kitchen", self.troupe("box", "show", "Kitchen"))
        until(lambda: "counter" in self.troupe("device", "list", "Kitchen"), "the printer")
        said = self.troupe("device", "do", "Kitchen", "counter", "print", "--text", "Two soups", "--wait", "--json")
        record = json.loads(said.strip().splitlines()[-1])
        self.assertEqual(record["state"], "confirmed", said)
        until(lambda: any("Two soups" in each["text"] for each in self.sim.receipts()), "the paper")
        trace = record["trace"]["trace"]

        def spans():
            shown = json.loads(self.troupe("trace", "show", trace, "--json"))["spans"]
            return {each["box"] for each in shown} >= {"", box["id"]}
        until(spans, "the trace has both sides")
        self.assertIn("server", self.troupe("trace", "show", trace))
        tail = self.troupe("event", "tail", "--after", "0", "--type", "action.confirmed", "--count", "1", "--json")
        self.assertEqual(json.loads(tail.splitlines()[0])["type"], "action.confirmed")
        self.troupe("box", "delete", "Kitchen", "--yes")
        self.assertNotIn("Kitchen", self.troupe("box", "list"))
        self.troupe("logout")
        self.troupe("box", "list", code=4)

    def test_what_goes_wrong_has_a_code_and_words(self):
        self.troupe("box", "list", code=4)  # not logged in
        self.troupe("login", "--server", self.it.url, "--name", OWNER, stdin="wrong\n", code=4)
        self.login(self.it)
        self.troupe("connect", "BBBB-BBBB", code=3)
        self.assertIn("code", self.errors)
        self.troupe("box", "show", "Nowhere", code=3)
        self.assertIn("Nowhere", self.errors)
        self.troupe("box", "explode", code=2)
        self.assertTrue(json.loads(self.troupe("box", "show", "Nowhere", "--json", code=3) or self.errors)["text"])
        self.it.stop()
        self.troupe("box", "list", code=5)

    def test_shells_are_given_their_completion(self):
        for shell in ("bash", "zsh", "fish"):
            self.assertIn("troupe complete", self.troupe("completion", shell))
        self.assertEqual(self.troupe("complete", "--", "conn").split(), ["connect"])
        self.assertLessEqual({"list", "show", "rename"}, set(self.troupe("complete", "--", "box", "").split()))


if __name__ == "__main__":
    unittest.main()
