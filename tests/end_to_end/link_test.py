"""Box and server die at any moment, the wire between them is cut, the server's plug is pulled; each
command comes to one end, each event to the server once, and no paper twice."""

import contextlib
import http.client
import random
import threading
import time
import unittest

from fleet_house import FINAL, FleetTest
from house import PATIENCE, Counter, slip, until
from wire import Wire

ROUNDS = 8
# A box that was cut several times within a minute waits up to a minute before it calls again.
LONG = 120
# What a kill of the other side looks like from here.
AWAY = (OSError, http.client.HTTPException, ValueError)


class Link(FleetTest):
    def wired_fleet(self):
        """A server and a box with a printer, and between the two a wire that can be cut."""
        server = self.server()
        wire = Wire(server.port)
        self.addCleanup(wire.close)
        room, box = self.house(arguments=["--server", f"http://127.0.0.1:{wire.port}"])
        box.sign_in()
        identifier = server.take_in(box)
        room.wait_receipts(1)  # the slip with the code
        return server, wire, room, box, identifier

    def test_paired_by_code_it_prints_for_the_server(self):
        server, room, box, identifier = self.fleet()
        pairing = box.pairing()
        self.assertEqual(pairing["state"], "paired")
        self.assertNotIn("code", pairing)
        command = server.act(identifier, box.device_id(), "print", key="first", document={"operations": slip("afar")})
        again = server.act(identifier, box.device_id(), "print", key="first", document={"operations": slip("afar")})
        self.assertEqual(command["id"], again["id"])
        self.assertEqual(server.wait_command(command["id"])["state"], "confirmed")
        _, receipt = room.wait_receipts(2)
        self.assertIn("afar", receipt["text"])

    def test_the_servers_plug_is_pulled_while_the_till_prints(self):
        server, wire, room, box, identifier = self.wired_fleet()
        before = server.history(box=identifier)[-1]["sequence"]
        printed = []

        self.print_slips(box, printed, 2)
        self.arrived(server, box, identifier, before, printed)
        server.kill()
        self.print_slips(box, printed, 10)
        until(lambda: box.link()["state"] != "linked", "the box sees that the server is away")
        room.wait_receipts(1 + len(printed))
        for action in printed:
            self.assertEqual(box.wait_action(action, *FINAL)["state"], "confirmed")
        until(lambda: box.link()["buffered_events"] >= 20, "the box keeps what it could not tell")
        server.start()
        self.arrived(server, box, identifier, before, printed)
        self.assertEqual(box.link()["state"], "linked")
        # The same with the wire alone: nobody has died.
        wire.cut()
        until(lambda: box.link()["state"] != "linked", "the box sees that the wire is cut")
        server.wait_online(identifier, False)
        self.print_slips(box, printed, 5)
        wire.mend()
        self.arrived(server, box, identifier, before, printed)
        room.wait_receipts(1 + len(printed))

    def arrived(self, server, box, identifier, before, actions):
        """Waits until the server has the end of each action; then no event may be there twice or be missing."""
        def found():
            return [(each["action"], each["type"]) for each in server.history(box=identifier, type="action.")
                    if each["sequence"] > before]

        missing = []

        def complete():
            ended = {action for action, kind in found() if kind.split(".")[1] in FINAL}
            missing[:] = [each for each in actions if each not in ended]
            return not missing
        try:
            until(complete, "the server has the end of each action", LONG, 0.1)
        except AssertionError as problem:
            known = [(box.action(each), [kind for action, kind in found() if action == each]) for each in missing]
            raise AssertionError(f"{problem}; not those: {known}; {box.link()}") from None
        events = found()
        self.assertEqual([each for each in events if events.count(each) > 1], [], "there twice")
        for action in actions:
            kinds = [kind.split(".")[1] for each, kind in events if each == action]
            self.assertEqual(kinds[0], "accepted", kinds)
            self.assertIn(kinds[-1], FINAL, kinds)
            self.assertEqual(len([each for each in kinds if each in FINAL]), 1, kinds)

    def test_deaths_and_cuts_lose_and_double_nothing(self):
        chance = random.Random(20261125)
        server, wire, room, box, identifier = self.wired_fleet()
        before = server.history(box=identifier)[-1]["sequence"]
        device = box.device_id()
        commands, prints, stop, paper = {}, {}, threading.Event(), Counter(room)

        def keep_on(what, request, done):
            """Sends one print after the other; each until the other side has said that it is on its disk."""
            number = 0
            while not stop.is_set():
                number += 1
                mark = f"{what}-{number}-"
                while not stop.is_set():
                    with contextlib.suppress(*AWAY):
                        answer = request(mark, {"action": "print", "document": {"operations": slip(mark)}})
                        if answer.status in (200, 202):
                            done[answer.json()["id"]] = mark
                            break
                    stop.wait(0.05)
                stop.wait(0.1)

        workers = [
            threading.Thread(target=keep_on, daemon=True, args=("command", lambda mark, body: server.owner(
                "POST", f"/api/v1/boxes/{identifier}/devices/{device}/actions", body,
                {"Idempotency-Key": mark}), commands)),
            threading.Thread(target=keep_on, daemon=True, args=("till", lambda mark, body: box.till(
                "POST", f"/api/v1/devices/{device}/actions", body, {"Idempotency-Key": mark}), prints))]
        workers.append(threading.Thread(target=lambda: paper.keep_up(stop), daemon=True))
        for each in workers:
            each.start()
        self.addCleanup(stop.set)
        box_kills = server_kills = 0
        first = ["box", "server", "wire"]
        for turn in range(ROUNDS):
            goal = len(commands) + 2, len(prints) + 2
            until(lambda: len(commands) >= goal[0] and len(prints) >= goal[1], "commands are under way", 60)
            time.sleep(chance.random() * 0.3)  # the very moment is left to chance
            # The last one kills both: the box then calls at once, however often it was cut before.
            victim = first[turn] if turn < len(first) else "both" if turn == ROUNDS - 1 else chance.choice(
                ["box", "server", "both", "wire"])
            if victim in ("box", "both"):
                box.kill()
                box_kills += 1
            if victim in ("server", "both"):
                server.kill()
                server_kills += 1
                server.start()
            if victim in ("box", "both"):
                box.start()
            if victim == "wire":
                wire.cut()
                wire.mend()
        stop.set()
        for each in workers:
            each.join(4 * PATIENCE)
            self.assertFalse(each.is_alive())
        ended = {each: server.wait_command(each, seconds=LONG) for each in commands}
        printed = {each: box.wait_action(each, *FINAL, seconds=LONG) for each in prints}
        paper.collect()
        unknown = 0
        for marks, records in ((commands, ended), (prints, printed)):
            for each, record in records.items():
                unknown += record["state"] == "unknown"
                allowed = {"confirmed": {1}, "unknown": {0, 1}}.get(record["state"], {0})
                self.assertIn(paper.count(marks[each]), allowed, record)
        self.assertLessEqual(unknown, box_kills, "only a box that is killed may not know")
        self.arrived(server, box, identifier, before, list(prints))
        until(lambda: box.link()["buffered_events"] == 0, "all is forwarded")
        again = {each: server.command(each) for each in commands}
        self.assertEqual({each: record["state"] for each, record in again.items()},
                         {each: record["state"] for each, record in ended.items()}, "an end is an end")
        told = [each["data"]["id"] for each in server.history(box=identifier, type="command.")
                if each["type"].split(".")[1] in FINAL]
        self.assertEqual(len(told), len(set(told)), "a command's end is told twice")
        # A server that dies right behind writing an end down does not tell it.
        self.assertLessEqual(len(set(commands) - set(told)), server_kills)


if __name__ == "__main__":
    unittest.main()
