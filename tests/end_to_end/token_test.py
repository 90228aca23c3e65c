"""Boxes that come to their server with a connection token instead of a code."""

import json
import unittest

from fleet_house import FleetTest
from house import Program, until


class Token(FleetTest):
    def made(self, server, boxes=1, **how):
        answer = server.owner("POST", "/api/v1/connection-tokens", {"note": "Kitchen", "boxes": boxes, **how})
        self.assertEqual(answer.status, 201, answer)
        return answer.json()

    def left(self, server, made):
        return next(each["uses_left"] for each in server.get("/api/v1/connection-tokens")["tokens"]
                    if each["id"] == made["id"])

    def test_a_file_with_a_token_is_all_a_box_needs(self):
        server = self.server()
        made = self.made(server)
        self.assertNotIn("token", server.get("/api/v1/connection-tokens")["tokens"][0])
        file = self.folder / "troupe-token.txt"
        file.write_text(made["token"] + "\r\n")
        box = self.box(arguments=["--token", str(file)])
        box.sign_in()
        box.wait_linked()
        pairing = box.pairing()
        self.assertEqual((pairing["state"], pairing["server"]["url"]), ("paired", server.url))
        (listed,) = server.boxes()
        self.assertEqual(listed["connected_by"], made["made_by"])
        self.assertEqual(self.left(server, made), 0)
        for program in (box.program, server.program):
            self.assertNotIn(made["token"][60:], program.output(), "a token is not for logs")
        # The next start needs neither file nor token; a second box is one too many.
        box.stop()
        file.unlink()
        box.start()
        box.sign_in()
        box.wait_linked()
        second = self.box(name="second", arguments=["--token", made["token"]])
        second.sign_in()
        until(lambda: second.pairing().get("token_problem", {}).get("code") == "token.used_up", "it is told")
        self.assertEqual(len(second.wait_code()), 8)
        self.assertEqual(len(server.boxes()), 1)

    def test_it_waits_for_its_server_over_restarts_of_both(self):
        server = self.server()
        made = self.made(server, boxes=2)
        server.stop()
        box = self.box()
        box.sign_in()
        self.assertEqual(box.owner("POST", "/api/v1/pairing/token", {"token": made["token"]}).status, 200)
        until(lambda: box.pairing()["remedy"], "it says that it waits")
        box.kill()
        box.start()
        box.sign_in()
        self.assertEqual(box.pairing()["token"]["id"], made["id"])
        server.start()
        box.wait_linked()
        server.kill()
        server.start()
        box.wait_linked()
        self.assertEqual(self.left(server, made), 1)

    def test_odoos_routes_take_it_and_let_the_server_go_again(self):
        server = self.server()
        made = self.made(server, boxes=2)
        box = self.box()
        box.sign_in()

        def give(token, path="/iot_drivers/connect_to_server"):
            answer = box.owner("POST", path, {"jsonrpc": "2.0", "method": "call", "params": {"token": token}})
            self.assertEqual(answer.status, 200, answer)
            return answer.json()["result"]
        self.assertEqual(give("https://shop.example.com?token=T&colour=red")["status"], "failure")
        self.assertEqual(give("|||")["status"], "failure")
        refused = box.request("POST", "/iot_drivers/connect_to_server",
                              {"jsonrpc": "2.0", "method": "call", "params": {"token": made["token"]}})
        self.assertNotIn("result", refused.json())
        self.assertNotIn("token", box.pairing())
        self.assertEqual(give(f"{server.url}|{made['token']}||", "/hw_drivers/connect_to_server")["status"], "success")
        box.wait_linked()
        self.assertEqual(box.request("POST", "/iot_drivers/server_clear", {}).status, 401)
        self.assertEqual(box.request("GET", "/iot_drivers/server_clear").status, 405)
        cleared = box.owner("POST", "/iot_drivers/server_clear", {})
        self.assertEqual((cleared.status, cleared.json()["status"]), (200, "success"))
        self.assertNotEqual(box.pairing()["state"], "paired")

    def test_a_stick_with_a_token_connects_a_box_that_has_no_server(self):
        server = self.server()
        made = self.made(server)
        stick = self.folder / "media" / "STICK"
        stick.mkdir(parents=True)
        (stick / "troupe-token.txt").write_text(made["token"] + "\n")
        environment = {"TROUPE_BOX_TOKEN_FOLDERS": str(self.folder / "media")}
        box = self.box(environment=environment)
        box.sign_in()
        box.wait_linked()
        self.assertEqual(self.left(server, made), 0)
        # The stick is still in: whoever took the box out of the fleet does not want it back at once.
        (listed,) = server.boxes()
        self.assertLess(server.owner("DELETE", f"/api/v1/boxes/{listed['id']}").status, 300)
        self.assertEqual(len(box.wait_code()), 8)
        box.stop()
        box.start()
        box.sign_in()
        self.assertEqual(len(box.wait_code()), 8)
        self.assertNotIn("token", box.pairing())

    def test_the_command_line_makes_lists_and_revokes(self):
        server = self.server()
        server.set_up()
        self.login(server)
        token = self.troupe("token", "create", "--note", "Kitchen", "--boxes", "2", "--url", server.url).strip()
        self.assertTrue(token.startswith("troupe-token-1-"))
        listed = self.troupe("token", "list")
        self.assertIn("Kitchen", listed)
        self.assertIn("2 of 2", listed)
        (known,) = json.loads(self.troupe("token", "list", "--json"))["tokens"]
        self.assertNotIn(token[60:], listed + json.dumps(known))
        self.troupe("token", "revoke", known["id"])
        self.assertIn("revoked", self.troupe("token", "list"))
        self.troupe("token", "revoke", "none", code=3)
        self.troupe("token", "create", "--boxes", "0", code=2)
        self.troupe("token", "create", "--until", "yesterday", code=2)
        box = self.box(arguments=["--token", token])
        box.sign_in()
        until(lambda: box.pairing().get("token_problem", {}).get("code") == "token.revoked", "it is told")

    def test_what_is_no_token_keeps_a_box_from_starting(self):
        text = self.made(self.server())["token"]
        for wrong in (text[:-40], text[:100] + ("A" if text[100] != "A" else "B") + text[101:], "https://shop?token=T"):
            program = Program("troupe-box", ["--state", self.folder / "none", "--token", wrong])
            self.assertEqual(program.wait(), 2, program.output())
            self.assertIn("token", program.output())


if __name__ == "__main__":
    unittest.main()
