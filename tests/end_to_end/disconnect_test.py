"""A person disconnects the box at its homepage, or its server forgets it: both say so, and pair again."""

import contextlib
import shutil
import sqlite3
import unittest

from fleet_house import FleetTest
from house import until


class Disconnect(FleetTest):
    def setUp(self):
        super().setUp()
        self.it, self.room, self.box_, self.identifier = self.fleet()

    def disconnect(self):
        answer = self.box_.owner("DELETE", "/api/v1/pairing")
        self.assertEqual(answer.status, 200, answer)

    def disconnected(self):
        return self.it.wait_box(self.identifier, lambda now: not now["online"] and now["disconnected"] > "2000", "the card says so")

    def pairs_again(self):
        self.assertEqual(self.it.pair(self.box_.wait_code()), self.identifier)
        self.it.wait_online(self.identifier)
        self.box_.wait_linked()

    def test_the_card_says_so_and_lives_on(self):
        self.it.owner("PATCH", f"/api/v1/boxes/{self.identifier}", {"note": "By the window"})
        self.disconnect()
        self.disconnected()
        self.refused(self.it.owner("POST", f"/api/v1/boxes/{self.identifier}/restart", {}), 409, "box.disconnected")
        self.pairs_again()
        now = self.it.box(self.identifier)
        self.assertEqual(now["note"], "By the window")
        self.assertLess(now["disconnected"], "2000")

    def test_a_server_that_was_away_hears_of_it_when_it_is_back(self):
        self.it.stop()
        self.disconnect()
        self.box_.kill()
        self.box_.start()
        self.it.start()
        self.disconnected()
        self.pairs_again()

    def test_a_server_that_lost_the_box_is_forgotten_in_words(self):
        self.it.stop()
        with contextlib.closing(sqlite3.connect(self.it.folder / "fleet.sqlite")) as database:
            database.execute("DELETE FROM boxes")  # as an older copy of it would be
            database.commit()
        self.it.start()
        shown = until(lambda: (now := self.box_.pairing()).get("code") and now, "the box shows a code")
        self.assertEqual(shown["why"], "The server does not have this box any more.")
        self.pairs_again()
        self.assertNotIn("why", self.box_.pairing())

    def test_a_server_that_was_set_up_anew_is_not_believed_until_a_person_says_so(self):
        self.it.stop()
        shutil.rmtree(self.it.folder)
        self.it.token = None
        self.it.start()
        told = until(lambda: (now := self.box_.link())["state"] == "refused" and now, "the box does not believe it")
        self.assertEqual(told["code"], "link.wrong_server")
        self.disconnect()
        self.pairs_again()


if __name__ == "__main__":
    unittest.main()
