"""The homepage of a box opens signed in, with a token of its server: once, soon, and nowhere else."""

import time
import unittest

from fleet_house import FleetTest


class HomepageToken(FleetTest):
    def made(self, server, identifier, by=None):
        answer = (by or server.owner)("POST", f"/api/v1/boxes/{identifier}/homepage-token", {})
        self.assertEqual(answer.status, 201, answer)
        return answer.json()["token"]

    def come(self, box, token):
        return box.request("POST", "/api/v1/session", {"page_token": token})

    def refused(self, box, token, code):
        answer = self.come(box, token)
        self.assertEqual((answer.status, answer.json()["code"]), (401, code), answer)
        self.assertTrue(answer.json()["remedy"])

    def test_once_soon_and_at_its_box(self):
        server, _, box, identifier = self.fleet()
        other = self.box(name="other", arguments=["--server", server.url])
        other_id = server.take_in(other)
        token = self.made(server, identifier)
        self.refused(other, token, "page_token.foreign")
        answer = self.come(box, token)
        self.assertEqual(answer.status, 200, answer)
        self.assertIn("HttpOnly", answer.headers["set-cookie"])
        inside = {"Authorization": "Bearer " + answer.json()["token"]}
        self.assertEqual(box.request("GET", "/api/v1/link", headers=inside).status, 200)
        self.refused(box, token, "page_token.used")
        self.refused(box, token[:-8] + "AAAAAAAA", "page_token.forged")
        self.refused(box, "troupe-page-1-", "page_token.malformed")
        # What was made before the box's start might have been used before it.
        kept = self.made(server, identifier)
        time.sleep(1.1)  # its times are cut to seconds
        box.kill()
        box.start()
        box.sign_in()
        box.wait_linked()
        self.refused(box, kept, "page_token.expired")
        self.assertEqual(self.come(box, self.made(server, identifier)).status, 200)
        self.assertEqual(self.come(other, self.made(server, other_id)).status, 200)
        for program in (box.program, server.program, other.program):
            self.assertNotIn(token[20:], program.output(), "a token is not for logs")

    def test_a_token_of_another_server_and_a_box_without_one(self):
        server, _, box, identifier = self.fleet()
        stranger = self.server(name="stranger")
        alone = self.box(name="alone")
        self.refused(alone, self.made(server, identifier), "page_token.no_server")
        third = self.box(name="third", arguments=["--server", stranger.url])
        third_id = stranger.take_in(third)
        self.refused(box, self.made(stranger, third_id), "page_token.forged")

    def test_owners_alone_make_them(self):
        server, _, _, identifier = self.fleet()
        owner = server.sign_in()
        added = owner.request("POST", "/api/v1/people", {"name": "Otto", "password": "battery horse staple", "role": "operator"})
        self.assertEqual(added.status, 201, added)
        operator = server.sign_in("Otto", "battery horse staple")
        answer = operator.request("POST", f"/api/v1/boxes/{identifier}/homepage-token", {})
        self.assertEqual(answer.status, 403, answer)
        self.made(server, identifier, owner.request)
        self.assertIn("box.homepage_opened", [each["action"] for each in server.get("/api/v1/audit")["entries"]])
        self.assertEqual(server.owner("POST", "/api/v1/boxes/none/homepage-token", {}).status, 404)


if __name__ == "__main__":
    unittest.main()
