"""Pages use a box with tokens of its server: from their origin alone, for their devices and actions alone, each token once."""

import re
import time
import unittest

from fleet_house import FleetTest
from wire import Closed, Refused, WebSocket

SHOP = "https://shop.example"


class PageToken(FleetTest):
    def house(self):
        """A server, and a box that knows nobody's pages, with two printers."""
        room = self.room("counter", "kitchen")
        server = self.server()
        box = self.box(f"counter={room.address('counter')}", f"kitchen={room.address('kitchen')}",
                       arguments=["--server", server.url])
        identifier = server.take_in(box)
        devices = {each["description"]["name"]: each["description"]["id"] for each in box.device_list()}
        return room, server, box, identifier, devices

    def made(self, server, identifier, actions, devices, origin=SHOP, valid_for_s=600):
        answer = server.owner("POST", f"/api/v1/boxes/{identifier}/page-token",
                              {"origin": origin, "actions": actions, "devices": devices, "valid_for_s": valid_for_s})
        self.assertEqual(answer.status, 201, answer)
        return answer.json()

    def come(self, box, token, origin=SHOP):
        return box.request("POST", "/api/v1/session", {"page_token": token}, {"Origin": origin} if origin else {})

    def page(self, box, token, origin=SHOP):
        answer = self.come(box, token, origin)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.headers["access-control-allow-origin"], origin)
        self.assertNotIn("set-cookie", answer.headers, "another origin's page gets no cookie")
        return {"Origin": origin, "Authorization": "Bearer " + answer.json()["token"]}

    def act(self, box, device, action, page, key):
        return box.request("POST", f"/api/v1/devices/{device}/actions", {"action": action}, {**page, "Idempotency-Key": key})

    def test_a_page_prints_on_its_printer_and_does_nothing_else(self):
        room, server, box, identifier, devices = self.house()
        made = self.made(server, identifier, ["status"], [devices["counter"]])
        self.assertTrue(made["url"].startswith("http://"))
        preflight = box.request("OPTIONS", "/api/v1/session", headers={
            "Origin": SHOP, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type",
            "Access-Control-Request-Private-Network": "true"})
        self.assertEqual(preflight.headers["access-control-allow-origin"], SHOP)
        page = self.page(box, made["token"])
        seen = box.request("GET", "/api/v1/devices", headers=page)
        self.assertEqual([each["description"]["id"] for each in seen.json()["devices"]], [devices["counter"]])
        self.assertEqual(seen.headers["access-control-allow-origin"], SHOP)
        self.assertEqual(box.request("GET", f"/api/v1/devices/{devices['kitchen']}", headers=page).status, 404)
        before = room.settled()["receipts"]
        printed = self.act(box, devices["counter"], "status", page, "one")
        self.assertEqual(printed.status, 202, printed)
        again = self.act(box, devices["counter"], "status", page, "one")
        self.assertEqual((again.status, again.json()["id"]), (200, printed.json()["id"]), "the same order, once")
        room.wait_receipts(before + 1)
        record = box.request("GET", f"/api/v1/actions/{printed.json()['id']}", headers=page).json()
        self.assertEqual(record["origin"], SHOP, "the history says whose page it was")
        refused = self.act(box, devices["counter"], "cashbox", page, "two")
        self.assertEqual((refused.status, refused.json()["code"]), (403, "rights.not_covered"), refused)
        self.assertEqual(self.act(box, devices["kitchen"], "status", page, "three").status, 404)
        other = self.till_action(box, devices["kitchen"])
        self.assertEqual(box.request("GET", f"/api/v1/actions/{other}", headers=page).status, 404)
        for method, path in (("GET", "/api/v1/logs"), ("GET", "/api/v1/origins"), ("GET", "/api/v1/actions"),
                             ("PUT", "/api/v1/setup-code"), ("POST", "/hw_proxy/status_json")):
            answer = box.request(method, path, None if method == "GET" else {"params": {}}, page)
            code = answer.json()["error"]["code"] if answer.status == 200 else answer.status
            self.assertEqual(code, 403, (path, answer))

    def till_action(self, box, device):
        answer = box.owner("POST", f"/api/v1/devices/{device}/actions", {"action": "status"})
        self.assertEqual(answer.status, 202, answer)
        return answer.json()["id"]

    def test_every_route_but_its_own_refuses_a_page(self):
        """Those of the box's own document, with the page's secret, with the token itself, used or not, and with another box's."""
        _, server, box, identifier, _ = self.house()
        other = self.box(name="other", arguments=["--server", server.url])
        foreign = self.made(server, server.take_in(other), ["*"], ["*"])["token"]
        used = self.made(server, identifier, ["print", "status", "manage"], ["*"])["token"]
        page, fresh = self.page(box, used), self.made(server, identifier, ["print"], ["*"])["token"]
        shown = {"the page's secret": page, **{what: {**page, "Authorization": "Bearer " + token} for what, token in (
            ("a used token", used), ("a token that was not brought", fresh), ("a token for another box", foreign))}}
        walked = 0
        for path, methods in box.request("GET", "/openapi.json").json()["paths"].items():
            target = re.sub(r"{\w+}", "0af7651916cd43dd8448eb211c80319c", path)
            for method, content in methods.items():
                if content["x-needs"] in ("open", "sign_in"):
                    continue
                for what, headers in shown.items():
                    if content["x-needs"] == "page" and what == "the page's secret":
                        continue
                    body = None if method == "get" else b'{"jsonrpc":"2.0","id":1,"method":"call","params":{}}'
                    answer = box.request(method.upper(), target, body, {"Content-Type": "application/json", **headers})
                    epos = "/cgi-bin/epos/" in path
                    code = answer.json()["error"]["code"] if answer.status == 200 and not epos else answer.status
                    self.assertIn(code, (401, 403), f"{method} {path} with {what}: {answer}")
                    walked += 1
        self.assertGreater(walked, 200, "the routes were not found")
        self.assertEqual(box.request("GET", "/api/v1/devices", headers=page).status, 200, "the page is in all the same")

    def test_its_secret_is_worth_nothing_elsewhere(self):
        _, server, box, identifier, devices = self.house()
        token = self.made(server, identifier, ["status"], ["*"])["token"]
        for origin in ("https://evil.example", "http://shop.example", "https://shop.example:8443", "null", None):
            answer = self.come(box, token, origin)
            self.assertEqual((answer.status, answer.json()["code"]), (401, "page_token.wrong_origin"), (origin, answer))
        page = self.page(box, token)
        again = self.come(box, token)
        self.assertEqual((again.status, again.json()["code"]), (401, "page_token.used"), again)
        for origin in ("https://evil.example", "null", None):
            shown = {**page, "Origin": origin} if origin else {"Authorization": page["Authorization"]}
            self.assertIn(box.request("GET", "/api/v1/devices", headers=shown).status, (401, 403), origin)
        self.assertEqual(box.request("GET", "/api/v1/devices", headers={"Origin": SHOP}).status, 403, "the origin alone is nothing")
        server.owner("DELETE", f"/api/v1/boxes/{identifier}")
        box.wait_code()
        self.assertEqual(box.request("GET", "/api/v1/devices", headers=page).status, 403, "its server is gone")

    def test_it_ends_with_its_time_and_its_stream_too(self):
        _, server, box, identifier, devices = self.house()
        page = self.page(box, self.made(server, identifier, ["status"], [devices["counter"]], valid_for_s=3)["token"])
        secret = page["Authorization"].split()[1]
        with WebSocket(box.port, f"/api/v1/events?device={devices['counter']}", {"Origin": SHOP},
                       protocols=["troupe.json", "troupe.bearer." + secret]) as events:
            self.assertEqual(events.protocol, "troupe.json")
            self.act(box, devices["counter"], "status", page, "one")
            self.assertEqual(events.receive_json()["device"], devices["counter"])
            with self.assertRaises(Refused) as refused:
                WebSocket(box.port, f"/api/v1/events?device={devices['kitchen']}", {"Origin": SHOP},
                          protocols=["troupe.json", "troupe.bearer." + secret])
            self.assertEqual(refused.exception.status, 403)
            with self.assertRaises(Closed) as closed:
                while True:
                    events.receive_json()
            self.assertEqual(closed.exception.code, 1008)
        self.assertEqual(box.request("GET", "/api/v1/devices", headers=page).status, 403)
        late = self.made(server, identifier, ["status"], ["*"], valid_for_s=1)["token"]
        time.sleep(2)
        self.assertEqual(self.come(box, late).json()["code"], "page_token.expired")

    def test_pages_of_others_cannot_try_the_setup_code(self):
        _, _, box, _, _ = self.house()
        code = box.setup_code()
        answer = box.request("POST", "/api/v1/session", {"setup_code": code}, {"Origin": SHOP})
        self.assertEqual((answer.status, answer.json()["code"]), (403, "rights.origin_unknown"), answer)

    def test_what_the_server_refuses_to_make(self):
        _, server, _, identifier, devices = self.house()
        good = {"origin": SHOP, "actions": ["print"], "devices": ["*"]}
        for change, code in (({"origin": ""}, "page_token.bad_origin"), ({"origin": "shop"}, "page_token.bad_origin"),
                             ({"origin": "null"}, "page_token.bad_origin"), ({"actions": []}, "page_token.bad_scope"),
                             ({"devices": []}, "page_token.bad_scope"), ({"actions": ["a"] * 17}, "page_token.bad_scope"),
                             ({"devices": ["d" * 65]}, "page_token.bad_scope"), ({"valid_for_s": 0}, "page_token.bad_life"),
                             ({"valid_for_s": 3601}, "page_token.bad_life"), ({"valid_for_s": "x"}, "request.shape"),
                             ({"actions": "print"}, "request.shape")):
            answer = server.owner("POST", f"/api/v1/boxes/{identifier}/page-token", {**good, **change})
            self.assertEqual((answer.status, answer.json()["code"]), (422, code), (change, answer))
        longest = server.owner("POST", f"/api/v1/boxes/{identifier}/page-token",
                               {**good, "actions": ["a" * 64] * 16, "devices": ["d" * 64] * 16})
        self.assertEqual(longest.status, 201, longest)
        self.assertLess(len(longest.json()["token"]), 4096, "the box would not read it")
        viewer = server.make_token("read")
        answer = server.request("POST", f"/api/v1/boxes/{identifier}/page-token", good, {"Authorization": f"Bearer {viewer}"})
        self.assertEqual(answer.status, 403, answer)

    def test_origins_are_decided_from_the_server(self):
        _, server, box, identifier, devices = self.house()
        self.assertEqual(box.request("GET", "/api/v1/devices", headers={"Origin": SHOP}).status, 403)
        path = f"/api/v1/boxes/{identifier}/origins/https%3A%2F%2Fshop.example"
        standing = lambda: {each["origin"]: each["standing"] for each in server.box(identifier)["report"]["origins"]}
        server.wait_box(identifier, lambda now: {"origin": SHOP, "standing": "asking", "by": ""} in now["report"]["origins"],
                        "the server is told that a page asked")
        answer = server.owner("PUT", path, {"decision": "allow"})
        self.assertEqual(answer.status, 202, answer)
        server.wait_box(identifier, lambda now: standing().get(SHOP) == "allowed", "the box allows it")
        self.assertEqual(box.request("GET", "/api/v1/devices", headers={"Origin": SHOP}).status, 200)
        self.assertEqual(box.request("GET", "/api/v1/devices", headers={"Origin": server.url}).status, 200,
                         "the pages of its server may do what tills may")
        server.owner("PUT", path, {"decision": "refuse"})
        server.wait_box(identifier, lambda now: standing().get(SHOP) == "refused", "the box refuses it")
        self.assertEqual(box.request("GET", "/api/v1/devices", headers={"Origin": SHOP}).json()["code"], "rights.origin_refused")
        server.owner("DELETE", path)
        server.wait_box(identifier, lambda now: SHOP not in standing(), "the box forgets it")
        bad = server.owner("PUT", f"/api/v1/boxes/{identifier}/origins/shop", {"decision": "allow"})
        self.assertEqual((bad.status, bad.json()["code"]), (422, "origin.invalid"), bad)
        self.assertEqual(server.owner("PUT", path, {"decision": "perhaps"}).status, 422)

    def test_the_setup_code_changes_and_others_are_signed_out(self):
        box = self.box(origins=())
        old = box.setup_code()
        mine = {"Authorization": "Bearer " + box.sign_in()}
        others = {"Authorization": "Bearer " + box.sign_in()}
        for code in ("12345", "abcdef", "111111", "123456", "654321"):
            answer = box.request("PUT", "/api/v1/setup-code", {"code": code}, mine)
            self.assertEqual((answer.status, answer.json()["code"]), (422, "box.bad_setup_code"), (code, answer))
        new = box.request("PUT", "/api/v1/setup-code", {"code": "314159"}, mine)
        self.assertEqual(new.json(), {"code": "314159"})
        self.assertEqual(box.request("POST", "/api/v1/session", {"setup_code": old}).status, 401)
        self.assertEqual(box.setup_code(), "314159", "it stands in its file")
        self.assertEqual(box.request("GET", "/api/v1/status").json()["setup_code"], "314159", "its screen shows it while it has no server")
        chosen = box.request("PUT", "/api/v1/setup-code", {}, mine).json()["code"]
        self.assertRegex(chosen, "^[0-9]{6}$")
        self.assertNotEqual(chosen, "314159")
        box.kill()
        box.start()
        self.assertEqual(box.request("GET", "/api/v1/rights", headers=mine).json()["sessions"], 2)
        closed = box.request("DELETE", "/api/v1/session/others", headers=mine)
        self.assertEqual(closed.json(), {"closed": 1}, closed)
        self.assertEqual(box.request("GET", "/api/v1/rights", headers=others).status, 401)
        self.assertEqual(box.request("GET", "/api/v1/rights", headers=mine).json()["sessions"], 1)
        self.assertEqual(box.request("POST", "/api/v1/session", {"setup_code": chosen}).status, 200)


if __name__ == "__main__":
    unittest.main()
