"""What the server says to strangers, to what makes no sense, and about itself."""

import json
import unittest

from fleet_house import FleetTest
from house import Refused, WebSocket


class Front(FleetTest):
    def setUp(self):
        super().setUp()
        self.it = self.server("--server-name", "Corner shops")
        self.ada = self.it.set_up()

    def test_probes_are_open_and_tell_little(self):
        for path in ("/healthz", "/readyz"):
            self.assertEqual(self.it.request("GET", path).json(), {"status": "ok"})
        self.assertEqual(self.it.request("GET", "/version").json()["program"], "troupe-server")
        self.assertEqual(self.it.request("GET", "/api/v1/session").json()["person"], None)
        self.assertIn("troupe_http_requests_total", self.it.request("GET", "/metrics").text)

    def test_the_documents_are_served(self):
        self.assertEqual(self.it.request("GET", "/openapi.json").json()["openapi"], "3.1.0")
        self.assertEqual(self.it.request("GET", "/asyncapi.json").json()["asyncapi"], "3.0.0")

    def test_pages_come_with_a_strict_policy(self):
        page = self.it.request("GET", "/")
        self.assertEqual(page.status, 200)
        self.assertIn("default-src 'none'", page.headers["content-security-policy"])
        self.assertEqual(page.headers["x-content-type-options"], "nosniff")
        self.assertIn("default-src 'none'", self.it.request("GET", "/api/v1/setup").headers["content-security-policy"])

    def test_it_answers_to_its_own_names_only(self):
        self.refused(self.it.request("GET", "/api/v1/setup", None, {"Host": "evil.example"}), 421, "request.wrong_host")
        self.assertEqual(self.it.request("GET", "/healthz", None, {"Host": f"localhost:{self.it.port}"}).status, 200)

    def test_nobody_gets_in_without_a_right(self):
        document = self.it.request("GET", "/openapi.json").json()
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if operation["x-needs"] in ("open", "metrics"):
                    continue
                concrete = path.replace("{", "").replace("}", "")
                body = None if method in ("get", "delete") else {}
                for headers in ({}, {"Cookie": "troupe_session=" + "0" * 64}, {"Authorization": "Bearer troupe_0"}):
                    answer = self.it.request(method.upper(), concrete, body, headers)
                    self.refused(answer, 401, "session.missing")

    def test_bodies_that_make_no_sense(self):
        post = lambda path, body, headers=None: self.ada.request("POST", path, body, headers)
        json_type = {"Content-Type": "application/json"}
        self.refused(post("/api/v1/people", b"{", json_type), 400, "request.json")
        self.refused(post("/api/v1/people", b"[]", json_type), 422, "request.shape")
        self.refused(post("/api/v1/people", {"name": 7, "password": "x" * 12}), 422, "request.shape")
        self.refused(post("/api/v1/people", {"name": "x"}), 422, "request.shape")
        self.refused(post("/api/v1/people", {"name": "x" * 65, "password": "x" * 12}), 422, "people.bad_name")
        self.refused(post("/api/v1/people", {"name": "x", "password": "x" * 257}), 422, "people.bad_password")
        self.refused(post("/api/v1/people", b"name=x", {"Content-Type": "text/plain"}), 415, "request.content_type")
        self.refused(post("/api/v1/people", b'"\xff"', json_type), 400, "request.json")
        deep = b"[" * 5000 + b"]" * 5000
        self.refused(post("/api/v1/people", deep, json_type), 400, "request.json")
        self.assertEqual(post("/api/v1/people", b" " * 70_000, json_type).status, 413)
        self.refused(post("/api/v1/pairing", {"code": "nonsense!"}), 422, "pairing.bad_form")
        self.refused(post("/api/v1/pairing", {"code": "bcdf-ghjk"}), 404, "pairing.wrong")

    def test_addresses_and_queries_that_make_no_sense(self):
        get = lambda path: self.ada.request("GET", path)
        self.refused(get("/api/v1/boxes/none"), 404, "box.unknown")
        self.refused(get("/api/v1/boxes/%00"), 400, "http.bad_request")
        self.refused(get("/api/v1/boxes?state=green"), 400, "request.query")
        self.refused(get("/api/v1/boxes?limit=many"), 400, "request.query")
        self.refused(get("/api/v1/events?after=-1"), 400, "request.query")
        self.refused(get("/api/v1/traces/xyz"), 400, "trace.bad_identifier")
        self.refused(get("/api/v1/nothing"), 404, "request.no_such_route")
        self.refused(self.ada.request("DELETE", "/api/v1/boxes"), 405, "request.wrong_method")
        self.refused(self.ada.request("POST", "/api/v1/boxes/none/devices/d/actions", {"action": "print"},
                                      {"Idempotency-Key": "two words"}), 400, "request.idempotency_key")

    def test_an_empty_fleet(self):
        fleet = self.ada.request("GET", "/api/v1/boxes?fields=summary").json()
        self.assertEqual((fleet["boxes"], fleet["total"], fleet["next"]), ([], 0, None))
        self.assertEqual(fleet["counts"], {"ready": 0, "attention": 0, "trouble": 0, "unknown": 0, "offline": 0})
        server = self.ada.request("GET", "/api/v1/server").json()
        self.assertEqual((server["name"], server["boxes"], server["people"]), ("Corner shops", 0, 1))
        self.assertEqual(self.ada.request("GET", "/api/v1/events").json(), {"events": [], "next": None})
        parts = self.ada.request("GET", "/api/v1/health").json()["parts"]
        self.assertEqual({part["state"] for part in parts}, {"running"})
        self.assertTrue({"store", "fleet", "people", "web"} <= {part["name"] for part in parts})

    def test_sockets_need_a_right_too(self):
        for headers in ({}, {"Cookie": self.ada.cookie, "Origin": "http://evil.example"}):
            with self.assertRaises(Refused) as refusal:
                WebSocket(self.it.port, "/api/v1/events", headers)
            self.assertEqual(refusal.exception.status, 401)
        with self.assertRaises(Refused) as refusal:
            WebSocket(self.it.port, "/api/v1/link", {"Origin": f"http://127.0.0.1:{self.it.port}"})
        self.assertEqual(refusal.exception.status, 403)

    def test_the_name_outlives_a_restart(self):
        self.assertEqual(self.ada.request("PATCH", "/api/v1/settings", {"server_name": "日本の店"}).status, 200)
        self.assertEqual(self.it.stop(), 0)
        self.it.start()
        self.assertEqual(self.ada.request("GET", "/api/v1/settings").json(), {"server_name": "日本の店"})


if __name__ == "__main__":
    unittest.main()
