"""One trace from the request on the server through link, box, actor and driver and back: its spans hang
together, its log lines are found on both sides, and it outlives what memory holds."""

import json
import os
import unittest

from fleet_house import FleetTest
from house import slip, until


class Trace(FleetTest):
    def setUp(self):
        super().setUp()
        self.it, self.sim, self.till, self.identifier = self.fleet()
        self.ada = self.it.sign_in()
        self.login(self.it)

    def print_afar(self, trace, parent):
        """As the server's page does it."""
        answer = self.ada.request(
            "POST", f"/api/v1/boxes/{self.identifier}/devices/{self.till.device_id()}/actions",
            {"action": "print", "document": {"operations": slip("traced")}},
            {"traceparent": f"00-{trace}-{parent}-01"})
        self.assertEqual(answer.status, 202, answer)
        self.assertEqual(self.it.wait_command(answer.json()["id"])["state"], "confirmed")

    def shown(self, trace):
        return json.loads(self.troupe("trace", "show", trace, "--json"))

    def whole(self, trace):
        """Waits until both sides have told their part; gives the trace."""
        def complete():
            now = self.shown(trace)
            places = {each["span"]["place"] for each in now["spans"]}
            ended = any("confirmed" in each["line"]["text"] for each in now["lines"] if each["box"])
            return now if places >= {"server", "link", "box", "device"} and ended else None
        return until(complete, "the trace is whole", pause=0.2)

    def check(self, shown, click):
        spans = {each["span"]["span"]: each["span"] for each in shown["spans"]}
        self.assertEqual(len(spans), len(shown["spans"]), "a span is there twice")
        orphans = [each for each in spans.values() if each["parent"] not in spans]
        self.assertEqual([each["parent"] for each in orphans], [click], "all hangs on the click")

        def one(place, name):
            found = [each for each in spans.values() if (each["place"], each["name"]) == (place, name)]
            self.assertEqual(len(found), 1, shown)
            return found[0]

        request = one("server", "POST /api/v1/boxes/{box}/devices/{device}/actions")
        way = one("link", "to the box and back")
        command = one("box", "command print")
        driver = one("device", "print")
        self.assertEqual([each["parent"] for each in (request, way, command, driver)],
                         [click, request["span"], way["span"], command["span"]])
        places = {each["span"]["span"]: each["box"] for each in shown["spans"]}
        self.assertEqual([places[each["span"]] for each in (request, way, command, driver)],
                         ["", "", self.identifier, self.identifier])

    def test_a_command_is_one_trace_on_both_sides(self):
        trace, click = os.urandom(16).hex(), os.urandom(8).hex()
        self.print_afar(trace, click)
        shown = self.whole(trace)
        self.check(shown, click)
        by_side = {side: [each["line"] for each in shown["lines"] if bool(each["box"]) == side]
                   for side in (False, True)}
        for side, lines in by_side.items():
            self.assertTrue(lines, "the box's" if side else "the server's")
            self.assertEqual({each["trace"] for each in lines}, {trace})
        self.assertIn("for print", by_side[False][0]["text"])
        # On the box the same lines are found by the same id, by its own interface.
        for path in (f"/api/v1/traces/{trace}", f"/api/v1/logs?trace={trace}"):
            found = {each["text"] for each in self.till.owner("GET", path).json()["lines"]}
            self.assertEqual(found, {each["text"] for each in by_side[True]}, path)
        people = self.troupe("trace", "show", trace)
        for word in ("server", "to the box and back", "command print"):
            self.assertIn(word, people)

    def test_a_trace_outlives_what_memory_holds_and_a_restart(self):
        trace, click = os.urandom(16).hex(), os.urandom(8).hex()
        self.print_afar(trace, click)
        self.whole(trace)
        for _ in range(1100):  # more than the ring of spans holds
            self.it.request("GET", "/healthz")
        again = self.whole(trace)
        self.check(again, click)
        self.it.kill()
        self.it.start()
        self.assertEqual(self.shown(trace), again)


if __name__ == "__main__":
    unittest.main()
