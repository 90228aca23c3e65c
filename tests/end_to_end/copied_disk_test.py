"""Two machines with one disk: the one that was there first stays the box, both sides say so, and an owner
decides which of them it is."""

import shutil
import unittest

from fleet_house import FleetTest
from forms import Channel, operations_of
from house import slip, until


class CopiedDisk(FleetTest):
    def setUp(self):
        super().setUp()
        self.it, self.sim, self.first, self.identifier = self.fleet()
        self.first.stop()
        shutil.copytree(self.first.folder, self.folder / "copy")
        self.first.start()
        self.first.wait_linked()
        self.it.wait_online(self.identifier)
        self.decide_copy = operations_of(self.it.request("GET", "/openapi.json").json())["decideCopy"]

    def copy_comes(self):
        """The copied machine is switched on; it is turned away."""
        copy = self.box(name="copy", arguments=["--server", self.it.url])
        copy.sign_in()
        self.wait_refused(copy)
        return copy

    def wait_refused(self, box):
        told = until(lambda: (now := box.link())["state"] == "refused" and now, "the box is turned away")
        self.assertIn("another machine", told["text"].lower())
        self.assertTrue(told["remedy"])

    def decide(self, decision):
        self.decide_copy.check_body({"decision": decision})
        answer = self.it.owner("POST", self.decide_copy.target({"box": self.identifier}), {"decision": decision})
        self.decide_copy.check(answer)
        return answer

    def prints(self, device, mark):
        command = self.it.act(self.identifier, device, "print", document={"operations": slip(mark)})
        return self.it.wait_command(command["id"])["state"]

    def test_the_older_link_wins_until_an_owner_decides(self):
        with self.it.events(type="box.") as page:
            self.copy_comes()
            event = None
            channel = Channel(self.it.request("GET", "/asyncapi.json").json(), "events")
            while not event:
                event = next((each for each in page.receive_json() if each["type"] == "box.alert"), None)
            channel.check(event, in_list=True)
        alert = self.it.box(self.identifier)["alert"]
        self.assertIn("copied", alert)
        self.assertEqual(event["data"]["text"], alert)
        told = self.first.link()
        self.assertEqual((told["state"], told["code"]), ("linked", "link.copied"), told)
        self.assertIn("copied", told["text"])
        self.assertTrue(self.it.box(self.identifier)["online"])
        self.assertEqual(self.prints(self.first.device_id(), "still here"), "confirmed")
        answer = self.decide("keep")
        self.assertEqual((answer.status, answer.json()["alert"]), (200, ""), answer)
        self.assertEqual(self.first.link()["state"], "linked")
        self.assertEqual(self.prints(self.first.device_id(), "and stays"), "confirmed")
        texts = [each["text"] for each in self.sim.receipts()]
        self.assertEqual(len([each for each in texts if "still here" in each or "and stays" in each]), 2, texts)

    def test_an_owner_may_decide_for_the_copy(self):
        self.assertEqual(self.decide("replace").status, 409)
        copy = self.copy_comes()
        answer = self.decide("replace")
        self.assertEqual((answer.status, answer.json()["alert"]), (200, ""), answer)
        self.wait_refused(self.first)
        copy.stop()
        copy.start()  # else it waits for its minute
        copy.sign_in()
        copy.wait_linked()
        self.it.wait_online(self.identifier)
        self.assertEqual(self.first.link()["state"], "refused")
        # Who decides once more, on a page from before, does not lock out the one that is left.
        self.refused(self.decide("replace"), 409, "box.not_copied")
        self.assertEqual(copy.link()["state"], "linked")


if __name__ == "__main__":
    unittest.main()
