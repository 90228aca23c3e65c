"""Whatever is sent, the box answers clearly, prints nothing by it, stays small, and goes on."""

import base64
import json
import os
import socket
import struct
import unittest
import zlib

from house import DATA, TILL_ORIGIN, HouseTest, recorded, replay, request, slip
from pictures import make_png

MEBIBYTE = 1024 * 1024
MEMORY_BOUND = 160 * MEBIBYTE  # far above what it needs, far below what a picture bomb would take
PRINT = "/hw_proxy/default_printer_action"


def rpc_body(params):
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "call", "params": params})


def receipt(encoded):
    return {"data": {"action": "print_receipt", "receipt": base64.b64encode(encoded).decode()}}


def bomb():
    """A PNG of 60,000 x 60,000 dots: 3.6 GB as grey, a few bytes to send."""
    head = struct.pack(">IIBBBBB", 60000, 60000, 8, 0, 0, 0, 0)
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
            + chunk(b"IDAT", zlib.compress(b"\0" * MEBIBYTE)) + chunk(b"IEND", b""))


class BadInput(HouseTest):
    def setUp(self):
        super().setUp()
        self.bad_room, self.bad_box = self.house()

    def tearDown(self):
        box, room = self.bad_box, self.bad_room
        self.assertTrue(box.program.running(), "it goes on")
        before = room.settled()["receipts"]
        answer = box.print(slip("still here"))
        self.assertEqual(answer.status, 202, answer)
        box.wait_action(answer.json()["id"], "confirmed")
        self.assertEqual(room.settled()["receipts"], before + 1)
        self.assertLess(box.program.memory_bytes(), MEMORY_BOUND)
        self.assertEqual(before, 0, "nothing of the bad input was printed")

    def post(self, path, body, content_type="application/json", **headers):
        return self.bad_box.request("POST", path, body, {"Origin": TILL_ORIGIN,
                                                         "Content-Type": content_type, **headers})

    def assert_problem(self, answer, *statuses):
        self.assertIn(answer.status, statuses, answer)
        problem = answer.json()
        self.assertEqual(answer.headers["content-type"].split(";")[0], "application/problem+json")
        self.assertEqual(problem["status"], answer.status)
        self.assertTrue(problem["detail"] and problem["code"], problem)
        return problem

    def assert_rpc_error(self, answer):
        self.assertEqual(answer.status, 200, answer)
        content = answer.json()
        self.assertNotIn("result", content)
        self.assertIsInstance(content["error"]["code"], int)
        self.assertTrue(content["error"]["message"])
        return content["error"]

    def test_broken_json(self):
        for body in ("", "{", "nothing", '{"params": {"data": ', "[" * 100_000, '"\\ud800"',
                     b"\xff\xfe{}", '{"a":1}{"b":2}', b"\0" * 100):
            self.assertEqual(self.post(PRINT, body).status, 400, body[:40])
            answer = self.post("/api/v1/devices/counter/actions", body)
            self.assert_problem(answer, 400, 422)

    def test_wrong_types(self):
        for params in ([], "text", 7, {"data": 3}, {"data": []}, {"data": {"action": 5}},
                       {"data": {"action": "print_receipt"}},
                       {"data": {"action": "print_receipt", "receipt": 12}},
                       {"data": {"action": "print_receipt", "receipt": {"a": []}}},
                       {"data": {"action": "print_receipt", "receipt": "!!!not base64!!!"}},
                       {"data": {"action": "make_coffee"}}):
            answer = self.post(PRINT, rpc_body(params))
            if answer.status != 400:
                self.assert_rpc_error(answer)
        for body in ([], 5, {"action": 5}, {"action": "print", "document": "text"}, {"action": ""},
                     {"action": "print", "document": {"operations": {"kind": "cut"}}},
                     {"action": "print", "document": {"operations": [{"kind": "fold_a_plane"}]}},
                     {"action": "print", "document": {"operations": [{"kind": "text", "content": 9}]}},
                     {"action": "print", "document": {"operations": [{"kind": "raw", "bytes": "%"}]}},
                     {"action": "levitate"}):
            answer = self.post("/api/v1/devices/counter/actions", json.dumps(body))
            self.assert_problem(answer, 400, 422)
        for listener in (None, [], {"session_id": {}}, {"session_id": "a", "devices": []},
                         {"session_id": "a", "devices": {}, "last_event": "now"}):
            self.assert_rpc_error(self.post("/iot_drivers/event", rpc_body({"listener": listener})))

    def test_too_large(self):
        answer = self.post(PRINT, b"x" * (17 * MEBIBYTE))
        self.assertEqual(answer.status, 413, answer)
        stranger = request(self.bad_box.port, "POST", PRINT, b"x" * (2 * MEBIBYTE),
                           {"Content-Type": "application/json", "Origin": "https://other.example"})
        self.assertEqual(stranger.status, 413, "who may not print need not send a receipt")
        self.assertEqual(self.post("/api/v1/session", b" " * (2 * MEBIBYTE)).status, 413)
        self.assertEqual(self.bad_box.till("GET", "/hw_proxy/hello", None,
                                           {"X-Long": "x" * 100_000}).status, 431)
        self.assertIn(self.bad_box.till("GET", "/" + "x" * 100_000).status, (414, 431))

    def test_pictures_that_are_none(self):
        real = (DATA / "receipt.jpg").read_bytes()
        pictures = [b"", b"no picture", real[:len(real) // 2][:400], os.urandom(5000), bomb(),
                    make_png(100, 100, b"\0" * 50), make_png(0, 0), b"GIF89a" + bytes(100),
                    real[:20] + bytes(len(real))]
        for number, picture in enumerate(pictures):
            answer = self.post(PRINT, rpc_body(receipt(picture)))
            self.assertEqual(answer.status, 200, (number, answer))
            content = answer.json()
            self.assertTrue("error" in content or content.get("result") is False, (number, content))
        for record in self.bad_box.actions():
            self.assertIn(record["state"], ("failed", "canceled"), record)

    def test_many_bombs_at_once(self):
        import threading
        body = rpc_body(receipt(bomb()))
        threads = [threading.Thread(target=self.post, args=(PRINT, body)) for _ in range(12)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(30)
        self.assertLess(self.bad_box.program.memory_bytes(), MEMORY_BOUND)

    def test_unknown_devices_actions_and_routes(self):
        box = self.bad_box
        self.assert_problem(self.post("/api/v1/devices/toaster/actions", '{"action":"print"}'), 404)
        self.assert_problem(box.owner("GET", "/api/v1/devices/toaster"), 404)
        self.assert_problem(box.owner("DELETE", "/api/v1/devices/toaster"), 404)
        self.assert_problem(box.owner("GET", "/api/v1/actions/01JZZZZZZZZZZZZZZZZZZZZZZZ"), 404)
        for verb in ("repeat", "confirm", "cancel"):
            self.assert_problem(box.owner("POST", f"/api/v1/actions/nothing/{verb}", {}), 404, 409)
        self.assert_problem(box.owner("GET", "/api/v1/actions?state=lost"), 400)
        self.assert_problem(box.owner("GET", "/api/v1/actions?limit=many"), 400)
        self.assert_problem(box.owner("GET", "/api/v1/traces/zz"), 400, 404)
        self.assert_problem(box.owner("PUT", "/api/v1/origins/not%20an%20origin", {"decision": "allow"}),
                            400, 422)
        self.assert_problem(box.owner("GET", "/no/such/route"), 404)
        for path in ("/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd", "/%zz"):
            self.assertIn(box.request("GET", path).status, (400, 404), path)

    def test_a_get_changes_nothing(self):
        box = self.bad_box
        for path in (PRINT, "/iot_drivers/action", "/hw_drivers/action", "/iot_drivers/event",
                     "/iot_drivers/restart_odoo_service", "/hw_drivers/restart_odoo_service",
                     "/api/v1/session", "/cgi-bin/epos/service.cgi",
                     "/api/v1/devices/counter/actions", "/api/v1/actions/x/repeat"):
            answer = box.owner("GET", path)
            self.assertEqual(answer.status, 405, (path, answer))
            self.assertIn("POST", answer.headers["allow"])
        self.assertEqual(box.actions(), [])

    def test_the_wrong_name_of_the_box(self):
        for host in ("evil.example", "127.0.0.1.evil.example", "evil.example:8069", "[::bad"):
            answer = request(self.bad_box.port, "GET", "/api/v1/box", None, {"Host": host})
            self.assertIn(answer.status, (400, 421), (host, answer))
        replayed = request(self.bad_box.port, "POST", PRINT, recorded(8)["body"],
                           {"Host": "evil.example", "Origin": TILL_ORIGIN, "Content-Type": "application/json"})
        self.assertEqual(replayed.status, 421)

    def test_wrong_content_type(self):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
            self.assertEqual(self.post(PRINT, recorded(8)["body"], kind).status, 415)
            self.assertEqual(self.post("/api/v1/devices/counter/actions", '{"action":"cashbox"}', kind).status, 415)
        self.assertEqual(self.bad_room.settled()["drawer"], "closed")

    def test_no_origin_or_a_strange_one(self):
        body = recorded(8)["body"]
        for headers in ({}, {"Origin": "null"}, {"Origin": "https://other.example"},
                        {"Origin": TILL_ORIGIN + ".evil.example"}, {"Origin": TILL_ORIGIN[:-1]},
                        {"Referer": TILL_ORIGIN + "/"}):
            headers = {"Content-Type": "application/json", **headers}
            answer = self.bad_box.request("POST", PRINT, body, headers)
            self.assertNotEqual(answer.json().get("result"), True, headers)
            answer = self.bad_box.request("POST", "/api/v1/devices/counter/actions",
                                          {"action": "cashbox"}, headers)
            self.assertIn(answer.status, (401, 403), headers)
        self.assertEqual(self.bad_room.settled()["drawer"], "closed")

    def test_wrong_setup_codes_are_slowed(self):
        wrong = "000000" if self.bad_box.setup_code() != "000000" else "111111"
        statuses = []
        for _ in range(7):
            answer = self.bad_box.request("POST", "/api/v1/session", {"setup_code": wrong})
            statuses.append(answer.status)
        self.assertEqual(statuses[:5], [401] * 5)
        self.assertEqual(statuses[-1], 429)
        self.assertGreater(int(answer.headers["retry-after"]), 0)
        right = self.bad_box.request("POST", "/api/v1/session", {"setup_code": self.bad_box.setup_code()})
        self.assertEqual(right.status, 429, "also for the right one")

    def test_what_is_no_http(self):
        for content in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", b"GET\r\n\r\n", b"\r\n\r\n\r\n",
                        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
                        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n"
                        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                        b"GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n", os.urandom(4000)):
            with socket.create_connection(("127.0.0.1", self.bad_box.port), timeout=15) as line:
                line.sendall(content)
                line.shutdown(socket.SHUT_WR)
                line.settimeout(15)
                answer = b""
                try:
                    while piece := line.recv(4096):
                        answer += piece
                except ConnectionResetError:
                    pass
                self.assertNotIn(b"HTTP/1.1 200", answer, content[:60])

    def test_clients_that_vanish(self):
        body = rpc_body(receipt((DATA / "receipt.jpg").read_bytes())).encode()
        head = (f"POST {PRINT} HTTP/1.1\r\nHost: 127.0.0.1:{self.bad_box.port}\r\nOrigin: {TILL_ORIGIN}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode()
        for sent in (head[:30], head, head + body[:10_000]):
            for _ in range(20):
                with socket.create_connection(("127.0.0.1", self.bad_box.port)) as line:
                    line.sendall(sent)
        self.assertEqual(replay(self.bad_box, 1).body, b"ping")
        self.assertEqual(self.bad_box.actions(), [])


if __name__ == "__main__":
    unittest.main()
