"""The file of the database is moved away or deleted under the running program: nothing is promised that
would be lost with the process, it is said in words, and what was promised before comes back with the file."""

import unittest

from fleet_house import FleetTest
from house import slip, until


class LostFile(FleetTest):
    def wait_ready(self, program):
        until(lambda: program.request("GET", "/readyz").status == 200, "it is ready again")

    def not_ready(self, program, words):
        answer = program.request("GET", "/readyz")
        self.assertEqual(answer.status, 503, answer)
        self.assertEqual(answer.json()["status"], "not_ready")
        self.assertIn(words, answer.json()["reasons"][0])

    def test_a_server_whose_file_is_moved_away_and_back(self):
        it, _, box, identifier = self.fleet()
        path = f"/api/v1/boxes/{identifier}"
        self.assertEqual(it.owner("PATCH", path, {"note": "kept"}).status, 200)
        file, away = it.folder / "fleet.sqlite", it.folder / "away"
        file.rename(away)
        self.not_ready(it, "moved")
        self.refused(it.owner("PATCH", path, {"note": "not kept"}), 503, "store.moved")
        self.refused(it.owner("POST", "/api/v1/people", {"name": "Bo", "password": "x" * 12}), 503, "store.moved")
        self.assertEqual(it.box(identifier)["note"], "kept", "what is known is still shown")
        before = box.last_event()
        box.print(slip("meanwhile"))
        until(lambda: box.last_event() > before, "the box goes on by itself")
        away.rename(file)
        self.wait_ready(it)
        self.assertEqual(it.owner("PATCH", path, {"note": "kept again"}).status, 200)
        until(lambda: any(event["type"] == "action.confirmed" for event in
                          it.get(f"/api/v1/events?box={identifier}&limit=500")["events"]),
              "what happened meanwhile comes in")
        it.kill()
        it.start()
        self.assertEqual(it.box(identifier)["note"], "kept again")

    def test_a_box_whose_file_is_deleted_prints_nothing_it_could_forget(self):
        room, box = self.house()
        box.print(slip("one"))
        room.wait_receipts(1)
        (box.folder / "ledger.db").unlink()
        self.not_ready(box, "deleted")
        self.refused(box.print(slip("two")), 503, "store.moved")
        self.assertEqual(len(room.receipts()), 1)
        box.kill()
        box.start()
        box.wait_ready()


if __name__ == "__main__":
    unittest.main()
