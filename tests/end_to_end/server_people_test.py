"""People of a server: the one-time link, signing in, roles, keys for programs, who changed what."""

import unittest

from fleet_house import PASSWORD, FleetTest
from house import BIN, Closed, until
import subprocess


class SetUp(FleetTest):
    def test_the_link_opens_once_and_outlives_a_restart(self):
        server = self.server()
        token = server.setup_token()
        self.assertEqual(server.request("GET", "/api/v1/setup").json(), {"needed": True})
        shown = subprocess.run([BIN / "troupe-server", "setup-link", "--state", server.folder],
                               capture_output=True, text=True, check=True)
        self.assertIn("#setup=" + token, shown.stdout)
        self.assertEqual((server.folder / "setup-link").stat().st_mode & 0o777, 0o600)
        self.assertEqual(server.stop(), 0)
        server.start()
        self.assertEqual(server.setup_token(), token)

        good = {"token": token, "name": "Ada", "password": PASSWORD}
        self.refused(server.request("POST", "/api/v1/setup", {**good, "token": "0" * 48}), 403, "setup.wrong")
        self.refused(server.request("POST", "/api/v1/setup", {**good, "password": "short"}), 422, "people.bad_password")
        self.refused(server.request("POST", "/api/v1/setup", {**good, "name": " \n "}), 422, "people.bad_name")
        ada = server.set_up("Åda Løvelace 🚀")
        self.assertEqual(ada.request("GET", "/api/v1/session").json()["person"]["name"], "Åda Løvelace 🚀")
        self.refused(server.request("POST", "/api/v1/setup", good), 409, "setup.done")
        self.assertEqual(server.request("GET", "/api/v1/setup").json(), {"needed": False})
        gone = subprocess.run([BIN / "troupe-server", "setup-link", "--state", server.folder],
                              capture_output=True, text=True)
        self.assertEqual(gone.returncode, 1)
        self.assertIn("There is no set-up link", gone.stderr)

        self.assertEqual(server.stop(), 0)
        server.start()
        self.assertEqual(server.request("GET", "/api/v1/setup").json(), {"needed": False})
        self.assertEqual(ada.request("GET", "/api/v1/people").status, 200)  # sessions outlive it too


class Sessions(FleetTest):
    def setUp(self):
        super().setUp()
        self.it = self.server()
        self.ada = self.it.set_up()

    def test_the_cookie_is_kept_from_scripts_and_other_sites(self):
        answer = self.it.request("POST", "/api/v1/session", {"name": "ada", "password": PASSWORD})
        cookie = answer.headers["set-cookie"]
        for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(part, cookie)
        self.assertNotIn("Secure", cookie)  # it came without TLS

    def test_a_change_by_cookie_needs_the_token_of_the_page(self):
        change = ("PATCH", "/api/v1/settings", {"server_name": "Shops"})
        self.refused(self.ada.request(*change, csrf=False), 403, "session.forged")
        self.refused(self.ada.request(*change, {"X-CSRF-Token": "0" * 32}, csrf=False), 403, "session.forged")
        foreign = self.ada.request(*change, {"Origin": "http://evil.example"})
        self.refused(foreign, 401, "session.missing")
        self.assertEqual(self.ada.request(*change).json(), {"server_name": "Shops"})

    def test_pages_of_other_sites_cannot_even_sign_in(self):
        answer = self.it.request("POST", "/api/v1/session", {"name": "Ada", "password": PASSWORD},
                                 {"Origin": "http://evil.example"})
        self.refused(answer, 403, "session.foreign")

    def test_wrong_passwords_are_slowed(self):
        wrong = {"name": "Ada", "password": "not this one"}
        for _ in range(5):
            self.refused(self.it.request("POST", "/api/v1/session", wrong), 401, "session.wrong")
        slow = self.it.request("POST", "/api/v1/session", {"name": "Ada", "password": PASSWORD})
        self.refused(slow, 429, "session.slow")
        self.assertGreaterEqual(int(slow.headers["retry-after"]), 1)
        # Who is nobody is refused in the same words; who is in stays in.
        self.refused(self.it.request("POST", "/api/v1/session", {"name": "Nobody", "password": "x" * 12}),
                     401, "session.wrong")
        self.assertEqual(self.ada.request("GET", "/api/v1/boxes").status, 200)

    def test_signing_out_everywhere_ends_sessions_and_their_pages(self):
        other = self.it.sign_in()
        page = other.events()
        self.assertEqual(self.ada.request("POST", "/api/v1/session/end-all", {}).status, 204)
        for person in (self.ada, other):
            self.refused(person.request("GET", "/api/v1/boxes"), 401, "session.missing")
        with self.assertRaises(Closed) as end:
            while True:
                page.receive()
        self.assertEqual(end.exception.code, 1008)

    def test_a_new_password_ends_the_other_sessions(self):
        other = self.it.sign_in()
        path = "/api/v1/session/password"
        self.refused(self.ada.request("PUT", path, {"old": "wrong", "new": "battery horse"}),
                     403, "people.wrong_password")
        self.refused(self.ada.request("PUT", path, {"old": PASSWORD, "new": "short"}), 422, "people.bad_password")
        self.assertEqual(self.ada.request("PUT", path, {"old": PASSWORD, "new": "battery horse"}).status, 204)
        self.assertEqual(self.ada.request("GET", "/api/v1/boxes").status, 200)
        self.refused(other.request("GET", "/api/v1/boxes"), 401, "session.missing")
        self.it.sign_in(password="battery horse")

    def test_no_password_and_no_secret_is_kept_in_plain(self):
        secret = self.ada.request("POST", "/api/v1/tokens", {"name": "backup", "scope": "read"}).json()["secret"]
        self.assertEqual(self.it.stop(), 0)
        kept = b"".join(each.read_bytes() for each in self.it.folder.iterdir() if each.is_file())
        for word in (PASSWORD, secret, self.ada.cookie.split("=")[1]):
            self.assertNotIn(word.encode(), kept)


class Roles(FleetTest):
    def setUp(self):
        super().setUp()
        self.it = self.server()
        self.ada = self.it.set_up()

    def add(self, name, role):
        answer = self.ada.request("POST", "/api/v1/people", {"name": name, "password": PASSWORD, "role": role})
        self.assertEqual(answer.status, 201, answer)
        return answer.json()

    def test_who_may_what(self):
        self.add("Vera", "viewer")
        self.add("Otto", "operator")
        vera, otto = self.it.sign_in("Vera"), self.it.sign_in("Otto")
        for person, look, work, own in ((vera, 200, 403, 403), (otto, 200, 404, 403), (self.ada, 200, 404, 200)):
            self.assertEqual(person.request("GET", "/api/v1/boxes").status, look)
            self.assertEqual(person.request("POST", "/api/v1/boxes/b1/restart", {}).status, work)
            self.assertEqual(person.request("GET", "/api/v1/people").status, own)
            self.assertEqual(person.request("GET", "/api/v1/audit").status, own)

    def test_people_are_changed_and_removed(self):
        bob = self.add("Bob", "viewer")
        path = "/api/v1/people/" + bob["id"]
        self.refused(self.ada.request("POST", "/api/v1/people", {"name": "BOB", "password": PASSWORD}),
                     409, "people.name_taken")
        self.refused(self.ada.request("PATCH", path, {"role": "king"}), 422, "people.bad_role")
        self.assertEqual(self.ada.request("PATCH", path, {"role": "owner", "name": "Bobby"}).json()["name"], "Bobby")
        bobby = self.it.sign_in("Bobby")
        self.assertEqual(self.ada.request("PATCH", path, {"password": "another password"}).status, 200)
        self.refused(bobby.request("GET", "/api/v1/boxes"), 401, "session.missing")
        self.assertEqual(self.ada.request("DELETE", path).status, 204)
        self.refused(self.ada.request("DELETE", path), 404, "people.unknown")

    def test_the_last_owner_stays(self):
        self.add("Vera", "viewer")
        me = self.ada.request("GET", "/api/v1/session").json()["person"]["id"]
        self.refused(self.ada.request("PATCH", "/api/v1/people/" + me, {"role": "viewer"}), 409, "people.last_owner")
        self.refused(self.ada.request("DELETE", "/api/v1/people/" + me), 409, "people.last_owner")

    def test_keys_for_programs(self):
        made = self.ada.request("POST", "/api/v1/tokens", {"name": "backup", "scope": "operate"})
        self.assertEqual(made.status, 201)
        key = {"Authorization": "Bearer " + made.json()["secret"]}
        self.assertNotIn("secret", self.ada.request("GET", "/api/v1/tokens").json()["tokens"][0])
        self.assertEqual(self.it.request("GET", "/api/v1/boxes", None, key).status, 200)
        self.assertEqual(self.it.request("POST", "/api/v1/boxes/b1/restart", {}, key).status, 404)  # no such box
        self.refused(self.it.request("GET", "/api/v1/people", None, key), 403, "right.missing")
        self.refused(self.ada.request("POST", "/api/v1/tokens", {"name": "x", "scope": "all"}), 422, "tokens.bad_scope")
        self.assertEqual(self.ada.request("DELETE", "/api/v1/tokens/" + made.json()["id"]).status, 204)
        self.refused(self.it.request("GET", "/api/v1/boxes", None, key), 401, "session.missing")

    def test_every_change_is_in_the_book(self):
        self.add("Vera", "viewer")
        self.ada.request("PATCH", "/api/v1/settings", {"server_name": "Läden"})
        entries = self.ada.request("GET", "/api/v1/audit").json()["entries"]
        self.assertEqual([each["action"] for each in entries],
                         ["settings.changed", "people.added", "session.opened", "setup.done"])
        self.assertEqual({each["person"] for each in entries}, {"Ada"})
        self.assertEqual({each["address"] for each in entries}, {"127.0.0.1"})
        page = self.ada.request("GET", "/api/v1/audit?limit=2").json()
        older = self.ada.request("GET", f"/api/v1/audit?limit=2&before={page['next']}").json()
        self.assertEqual(page["entries"] + older["entries"], entries)
        self.assertIsNone(older["next"])


if __name__ == "__main__":
    unittest.main()
