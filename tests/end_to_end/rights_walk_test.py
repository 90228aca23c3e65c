"""Walks every route that the box serves (its own document lists them, the old ones of Odoo and ePOS too) as somebody
who has no right to it, over real sockets: only the named probes may answer. A route that is added is walked by
itself; one that is open without being named here fails."""

import re
import unittest

from house import HouseTest
from wire import Refused, WebSocket

# What anybody may ask (docs/rights.md). "POST /api/v1/session" tries the setup code; the pairing is told to anybody
# without its code (see below).
OPEN = {"GET /healthz", "GET /readyz", "GET /version", "GET /openapi.json", "GET /asyncapi.json", "POST /api/v1/session",
        "GET /api/v1/announcement", "GET /api/v1/box", "GET /api/v1/pairing", "GET /test/echo",
        *(f"{method} {path}" for method in ("GET", "POST")
          for path in ("/hw_proxy/hello", *(f"/{era}/{probe}" for era in ("iot_drivers", "hw_drivers") for probe in ("ping", "data"))))}
SOCKETS = {"/api/v1/events", "/api/v1/logs/live", "/api/v1/status/live", "/test/echo"}
# Open to this machine itself, but for pages of others: a collector, and the screen that hangs on the box.
OF_THIS_MACHINE = {"/metrics", "/api/v1/status", "/api/v1/status/live"}
JSON = {"Content-Type": "application/json"}
SIMPLE = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")  # need no preflight
STRANGERS = {
    "nothing": {},
    "another origin": {"Origin": "https://evil.example"},
    "no origin to speak of": {"Origin": "null"},
    "the name of an allowed origin in another": {"Origin": "http://127.0.0.1:8169.evil.example"},
    "a made-up token": {"Authorization": "Bearer " + "a" * 64},
    "a token in a cookie of another site": {"Cookie": "troupe_session=" + "a" * 64, "Sec-Fetch-Site": "cross-site"},
    "the address of the box as its origin, on another port": {"Origin": "http://127.0.0.1:1"},
}


class RightsWalk(HouseTest):
    def setUp(self):
        super().setUp()
        self.it = self.box("printer=sim:printer", origins=(), environment={"TROUPE_BOX_PAIRING_ADOPTION": "false"})
        self.document = self.it.request("GET", "/openapi.json").json()

    def operations(self):
        for path, methods in self.document["paths"].items():
            target = re.sub(r"{\w+}", "0af7651916cd43dd8448eb211c80319c", path)
            for method, content in methods.items():
                yield method.upper(), path, target, content

    def closed(self):
        return [each for each in self.operations() if f"{each[0]} {each[1]}" not in OPEN]

    def send(self, method, target, headers, body=b'{"jsonrpc":"2.0","id":1,"method":"call","params":{}}'):
        return self.it.request(method, target, None if method == "GET" else body, headers)

    def check_refused(self, answer, path, what):
        """Refused as the route's kind of caller reads it, and unreadable for the page that asked."""
        said = f"{what}: {answer}"
        self.assertNotIn("access-control-allow-origin", answer.headers, said)
        if "/cgi-bin/epos/" in path:
            self.assertEqual(answer.status, 403, said)
            self.assertIn('success="false"', answer.text, said)
        elif answer.status == 200:  # JSON-RPC answers errors so
            self.assertEqual(answer.json()["error"]["code"], 403, said)
            self.assertNotIn("result", answer.json(), said)
        else:
            self.assertIn(answer.status, (401, 403), said)
            self.assertEqual(answer.headers["content-type"].split(";")[0], "application/problem+json", said)
            problem = answer.json()
            self.assertTrue(problem["code"] and problem["title"] and problem["remedy"], said)

    def test_only_the_named_are_open(self):
        found = {f"{method} {path}" for method, path, _, content in self.operations() if content["x-needs"] in ("open", "sign_in")}
        self.assertEqual(found, OPEN)
        self.assertGreater(len(self.closed()), 50, "the routes were not found")

    def test_every_route_refuses_who_has_no_right(self):
        for method, path, target, _ in self.closed():
            for who, headers in STRANGERS.items():
                answer = self.send(method, target, {**JSON, **headers})
                if path in OF_THIS_MACHINE and "Origin" not in headers:
                    continue
                self.check_refused(answer, path, f"{method} {path} with {who}")

    def test_simple_requests_of_a_page_change_nothing(self):
        token = {"Authorization": "Bearer " + self.it.sign_in()}
        for method, path, target, content in self.operations():
            if method == "GET" or f"{method} {path}" in OPEN - {"POST /api/v1/session"} or "/cgi-bin/epos/" in path:
                continue
            for kind in SIMPLE:
                answer = self.send(method, target, {**token, "Content-Type": kind})
                self.assertEqual(answer.status, 415, f"{method} {path} as {kind}: {answer}")
                if f"{method} {path}" in OPEN:
                    continue
                answer = self.send(method, target, {"Content-Type": kind, "Origin": "https://evil.example"})
                if answer.status != 415:
                    self.check_refused(answer, path, f"{method} {path} as {kind}")

    def test_a_get_changes_nothing(self):
        token = {"Authorization": "Bearer " + self.it.sign_in()}
        readable = {path for method, path, _, _ in self.operations() if method == "GET"}
        for method, path, target, _ in self.operations():
            if path in readable:
                continue
            answer = self.it.request("GET", target, headers=token)
            self.assertEqual(answer.status, 405, f"GET {path}: {answer}")
            self.assertIn(method, answer.headers["allow"])

    def test_no_other_name_leads_to_the_box(self):
        token = {"Authorization": "Bearer " + self.it.sign_in()}
        for host in ("evil.example", "evil.example:8069", "127.0.0.1.evil.example", "localhost.evil.example"):
            for method, path, target, _ in self.operations():
                answer = self.send(method, target, {**JSON, **token, "Host": host})
                self.assertEqual(answer.status, 421, f"{method} {path} at {host}: {answer}")
            self.assertEqual(self.it.request("GET", "/", headers={"Host": host}).status, 421)

    def test_the_sockets_are_closed_as_well(self):
        self.assertEqual({path for _, path, _, content in self.operations() if "101" in content["responses"]} - {"/test/echo"},
                         SOCKETS - {"/test/echo"}, "a WebSocket that is not tried here")
        for path in sorted(SOCKETS - {"/test/echo"}):
            for who, headers in STRANGERS.items():
                if path in OF_THIS_MACHINE and "Origin" not in headers:
                    continue
                with self.assertRaises(Refused, msg=f"{path} with {who}") as refused:
                    WebSocket(self.it.port, path, headers)
                self.assertIn(refused.exception.status, (401, 403), f"{path} with {who}")
        with self.assertRaises(Refused) as refused:
            WebSocket(self.it.port, "/test/echo")
        self.assertEqual(refused.exception.status, 404, "only there for conformance suites")

    def test_the_code_is_told_to_no_other_page(self):
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
                        {"Origin": "null"}):
            body = self.it.request("GET", "/api/v1/pairing", headers=headers).json()
            self.assertTrue({"code", "shown", "qr", "connect_url"}.isdisjoint(body), (headers, body))

    def test_the_box_may_be_taken_in_by_programs_alone(self):
        free = self.box(name="free", origins=("https://shop.example",))
        for target in ("/api/v1/blink", "/api/v1/pairing/adoption"):
            for who, headers in {**STRANGERS, "an allowed till": {"Origin": "https://shop.example"},
                                 "a page's picture or form": {"Referer": "http://evil.example/"}}.items():
                if "Origin" in headers or "Cookie" in headers or "Referer" in headers:
                    answer = free.request("POST", target, b"{}", {**JSON, **headers})
                    self.assertIn(answer.status, (401, 403), f"{target} with {who}: {answer}")
            self.assertEqual(free.request("POST", target, b"{}", {"Content-Type": "text/plain"}).status, 415)
        self.assertEqual(free.request("POST", "/api/v1/blink", b"{}", JSON).status, 202)

    def test_a_signed_out_token_is_worth_nothing(self):
        token = {"Authorization": "Bearer " + self.it.sign_in()}
        self.assertEqual(self.it.request("GET", "/api/v1/link", headers=token).status, 200)
        self.assertEqual(self.it.request("DELETE", "/api/v1/session", headers={**JSON, **token}).status, 204)
        for method, path, target, _ in self.closed():
            if path not in OF_THIS_MACHINE:
                self.check_refused(self.send(method, target, {**JSON, **token}), path, f"{method} {path}")


if __name__ == "__main__":
    unittest.main()
