"""What the box tells about itself: metrics, limits, health, logs, traces, its interface's forms."""

import re
import unittest

from house import TILL_ORIGIN, HouseTest, request, slip, until

SAMPLE = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[^{}]*\})? (-?[0-9.e+-]+|NaN|[+-]Inf)( [0-9]+)?$')
LABELS = re.compile(r'^\{([a-zA-Z_][a-zA-Z0-9_]*="(\\.|[^"\\])*",?)*\}$')


class MetricsAndLimits(HouseTest):
    def parse(self, text):
        """Prometheus' text format, strictly; gives samples by name."""
        types, samples = {}, {}
        self.assertTrue(text.endswith("\n"))
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                self.assertNotIn(name, types, "one type line each")
                self.assertIn(kind, ("counter", "gauge", "histogram", "summary", "untyped"))
                types[name] = kind
            elif line.startswith("# HELP ") or line.startswith("#") or not line:
                continue
            else:
                found = SAMPLE.match(line)
                self.assertIsNotNone(found, line)
                if found[2]:
                    self.assertRegex(found[2], LABELS)
                base = re.sub(r"_(bucket|sum|count)$", "", found[1])
                self.assertTrue(found[1] in types or types.get(base) == "histogram", line)
                samples.setdefault(found[1], []).append((found[2] or "", float(found[3])))
        return types, samples

    def check_histograms(self, types, samples):
        for name, kind in types.items():
            if kind != "histogram" or name + "_bucket" not in samples:
                continue
            series = {}
            for labels, content in samples[name + "_bucket"]:
                others = re.sub(r'le="[^"]*",?', "", labels)
                series.setdefault(others, []).append((labels, content))
            for buckets in series.values():
                counts = [content for _, content in buckets]
                self.assertEqual(counts, sorted(counts), f"{name}: buckets add up")
                self.assertIn('le="+Inf"', buckets[-1][0])

    def test_metrics(self):
        room, box = self.house()
        for number in range(5):
            box.wait_action(box.print(slip(f"metric {number}")).json()["id"], "confirmed")
        answer = request(box.port, "GET", "/metrics")
        self.assertEqual(answer.status, 200, "open from the loopback address")
        self.assertTrue(answer.headers["content-type"].startswith("text/plain"))
        types, samples = self.parse(answer.text)
        self.check_histograms(types, samples)
        self.assertGreaterEqual(samples["troupe_ledger_commit_seconds_count"][0][1], 5)
        self.assertTrue(any(name.startswith("troupe_limit") for name in samples), sorted(samples))
        self.assertEqual(request(box.port, "GET", "/metrics", None, {"Origin": TILL_ORIGIN}).status, 403)
        room.wait_receipts(5)

    def test_limits(self):
        room, box = self.house()
        self.assertIn(box.request("GET", "/api/v1/limits").status, (401, 403))
        limits = {each["name"]: each for each in box.owner("GET", "/api/v1/limits").json()["limits"]}
        self.assertGreaterEqual(len(limits), 8)
        for each in limits.values():
            self.assertGreater(each["bound"], 0, each)
            self.assertGreaterEqual(each["fill"], 0, each)
            self.assertLessEqual(each["fill"], each["bound"], each)
            self.assertTrue(each["text"] and each["unit"] and each["policy"], each)
        before = limits["ledger.actions"]["fill"]
        box.wait_action(box.print(slip("fills")).json()["id"], "confirmed")
        after = {each["name"]: each for each in box.owner("GET", "/api/v1/limits").json()["limits"]}
        self.assertEqual(after["ledger.actions"]["fill"], before + 1)
        room.wait_receipts(1)

    def test_a_full_queue_of_a_printer_is_refused_and_counted(self):
        room, box = self.house()
        room.play("counter", "paper", state="out")
        box.wait_device(lambda now: now["state"] == "trouble", "paper is out")
        device, refused = box.device_id(), None
        for number in range(260):
            answer = box.print(slip(f"queue {number}"), device=device)
            if answer.status != 202:
                refused = answer
                break
        self.assertIsNotNone(refused, "the queue has an end")
        self.assertEqual((refused.status, refused.json()["code"]), (503, "device.busy"))
        room.play("counter", "paper", state="in")
        room.wait_receipts(number, seconds=40)

    def test_health_probes_and_version(self):
        _, box = self.house()
        self.assertEqual(box.request("GET", "/healthz").json()["status"], "ok")
        self.assertEqual(until(lambda: box.request("GET", "/readyz"), "ready").status, 200)
        self.assertEqual(box.request("GET", "/version").json()["program"], "troupe-box")
        stranger = box.request("GET", "/api/v1/box").json()
        self.assertFalse(stranger["signed_in"])
        self.assertNotIn("addresses", stranger)
        parts = box.owner("GET", "/api/v1/health").json()["parts"]
        self.assertTrue(all(each["state"] == "running" for each in parts), parts)
        self.assertTrue({"ledger", "homepage"} <= {each["name"].split("/")[-1] for each in parts}, parts)

    def test_one_trace_from_the_till_to_the_paper(self):
        room, box = self.house()
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        answer = box.till("POST", f"/api/v1/devices/{box.device_id()}/actions",
                          {"action": "print", "document": {"operations": slip("traced")}},
                          {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
        self.assertIn(trace, answer.headers["traceparent"])
        self.assertEqual(answer.json()["trace"]["trace"], trace)
        box.wait_action(answer.json()["id"], "confirmed")
        report = until(lambda: (lambda found: found if len(found.get("spans", [])) >= 3 else None)(
            box.owner("GET", f"/api/v1/traces/{trace}").json()), "the spans of the print")
        self.assertEqual(report["trace"], trace)
        self.assertIn("ledger accept", {span["name"] for span in report["spans"]})
        self.assertTrue(all(span["duration_us"] >= 0 for span in report["spans"]))
        room.wait_receipts(1)

    def test_logs_and_levels(self):
        _, box = self.house()
        lines = box.owner("GET", "/api/v1/logs?limit=50").json()
        self.assertTrue(lines["lines"])
        numbers = [each["number"] for each in lines["lines"]]
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertEqual(box.owner("PUT", "/api/v1/logs/levels/box.printer", {"level": "debug"}).status, 200)
        loggers = {each["name"]: each for each in box.owner("GET", "/api/v1/logs/levels").json()["loggers"]}
        self.assertEqual((loggers["box.printer"]["level"], loggers["box.printer"]["inherited"]), ("debug", False))
        self.assertEqual(box.owner("PUT", "/api/v1/logs/levels/box.printer", {"level": None}).status, 200)
        self.assertIn(box.owner("PUT", "/api/v1/logs/levels/root", {"level": "loud"}).status, (400, 422))
        self.assertNotIn(box.setup_code(), box.owner("GET", "/iot_drivers/iot_logs").text)

    def test_the_forms_are_served_and_every_open_route_is_there(self):
        _, box = self.house()
        form = box.request("GET", "/openapi.json").json()
        self.assertTrue(form["openapi"].startswith("3.1"))
        self.assertTrue(box.request("GET", "/asyncapi.json").json()["asyncapi"])
        walked = 0
        for path, operations in form["paths"].items():
            if "get" not in operations or "{" in path or path in ("/api/v1/events", "/api/v1/logs/live"):
                continue
            answer = box.owner("GET", path)
            self.assertIn(str(answer.status), operations["get"]["responses"], (path, answer.status))
            walked += 1
        self.assertGreaterEqual(walked, 10)

    def test_pages_are_served(self):
        room, box = self.house()
        for port in (box.port, room.port):
            page = request(port, "GET", "/")
            self.assertEqual(page.status, 200)
            self.assertIn("default-src", page.headers["content-security-policy"])
            self.assertNotIn("unsafe-eval", page.headers["content-security-policy"])
            for asset in re.findall(r'(?:src|href)="(/?[^":#?]+\.(?:js|css|svg))"', page.text):
                answer = request(port, "GET", "/" + asset.lstrip("./"))
                self.assertEqual(answer.status, 200, asset)
            again = request(port, "GET", "/", None, {"If-None-Match": page.headers["etag"]})
            self.assertEqual(again.status, 304)


if __name__ == "__main__":
    unittest.main()
