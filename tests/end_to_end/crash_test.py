"""The box dies at every named point and at any moment; the paper is counted.

Tills print with keys and send again with the same keys until they have an answer, whatever happens
to the box in the meantime. At the end each receipt is on paper exactly once, or the box says
`unknown` about it, at most once for each time it was killed.
"""

import base64
import contextlib
import http.client
import os
import random
import re
import threading
import time
import unittest

from house import PATIENCE, ROOT, Box, Counter, HouseTest, text, until
from pictures import make_png

RANDOM_KILLS = 12
# Points that no single print passes; store/ledger_crash_test.cpp dies at them.
NOT_PRINTING = {"ledger.in_migration", "ledger.before_checkpoint", "ledger.after_checkpoint",
                "ledger.in_prune"}
# Passed once by each process.
ONCE_A_START = {"restart.before_pending"}


def named_points():
    header = (ROOT / "store" / "crash_point.hpp").read_text()
    return re.findall(r'crash_point_description\{"([a-z_.]+)"', header)


def big_picture():
    """Becomes some 60 KiB of raster: several writes to the port."""
    height = 900
    rows = b"".join(b"\0" + bytes((x * 3 + y * 5) & 0xff for x in range(512)) for y in range(height))
    return {"kind": "picture", "encoded": base64.b64encode(make_png(512, height, rows)).decode()}


BIG = big_picture()


class Crash(HouseTest):
    def setUp(self):
        super().setUp()
        self.crash_room = self.room()
        self.paper = Counter(self.crash_room)
        self.crash_box = Box(self.folder / "state", ["counter=" + self.crash_room.address()], start=False)
        self.boxes.append(self.crash_box)
        self.kills, self.keys, self.answered = 0, [], {}
        self.restarting = threading.Lock()

    def start(self, point=None):
        """Starts the box, however often it dies on the way."""
        environment = {"TROUPE_CRASH_POINT": point or ""}
        while True:
            self.crash_box.start(environment, ready=False)
            try:
                self.crash_box.program.wait_line("troupe-box: http://")
                return
            except AssertionError:
                self.assertEqual(self.crash_box.program.wait(), -9, self.crash_box.program.output())
                self.kills += 1
                environment = {"TROUPE_CRASH_POINT": ""}

    def revive(self, seen):
        """What systemd does: when the process that a till saw dying is gone, starts another."""
        with self.restarting:
            if self.crash_box.program is not seen:
                return
            with contextlib.suppress(Exception):
                seen.process.wait(0.5)
            if seen.running():
                return  # it is alive; only the connection was unlucky
            self.assertEqual(seen.wait(), -9, seen.output())
            self.kills += 1
            self.start()

    def send(self, key, big):
        """One print, natively or as Odoo's page does it; true when the box has taken it."""
        if not big and int(key[1:]) % 2:
            document = base64.b64encode(f"<{key}\n{key}>\n".encode() + b"\x1dVA\x00").decode()
            answer = self.crash_box.rpc("/iot_drivers/action", {
                "session_id": "till", "device_identifier": "counter",
                "data": {"document": document, "action_unique_id": key}}, timeout=10)
            return answer.status == 200 and answer.json().get("result") is True
        operations = [text(f"<{key}\n")] + ([BIG] if big else []) + [text(f"{key}>\n"), {"kind": "cut"}]
        answer = self.crash_box.print(operations, key=key, device="counter", timeout=10)
        return answer.status in (200, 202)

    def print_until_answered(self, key, big=False):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            seen = self.crash_box.program
            try:
                if self.send(key, big):
                    self.answered[key] = True
                    return
                time.sleep(0.01)
            except (OSError, http.client.HTTPException):
                self.revive(seen)
        raise AssertionError(f"no answer for {key}")

    def print_several(self, count, big=False, tills=2):
        keys = [f"K{len(self.keys) + number:04d}" for number in range(count)]
        self.keys += keys
        problems = []

        def till(share):
            try:
                for key in share:
                    self.print_until_answered(key, big)
            except BaseException as problem:
                problems.append(problem)
        threads = [threading.Thread(target=till, args=(keys[number::tills],)) for number in range(tills)]
        for each in threads:
            each.start()
        return threads, problems

    def finish(self, threads, problems):
        for each in threads:
            each.join(60)
        if problems:
            raise problems[0]

    def settle(self):
        """Waits until the box has nothing under way, then reads the paper."""
        def idle():
            seen = self.crash_box.program
            try:
                return not (self.crash_box.actions(state="accepted") or self.crash_box.actions(state="sent"))
            except (OSError, http.client.HTTPException):
                self.revive(seen)
                return False
        until(idle, "everything has ended", 30)
        self.paper.collect(tear=True)

    def check(self):
        records = {}
        for record in self.crash_box.actions():
            self.assertNotIn(record["key"], records, "one action for each key")
            records[record["key"]] = record
        unknown = 0
        for key in self.keys:
            self.assertIn(key, records, "nothing that was answered is lost")
            record = records[key]
            begun, ended = self.paper.count(f"<{key}"), self.paper.count(f"{key}>")
            self.assertLessEqual(begun, 1, f"{key} was printed twice: {record}")
            self.assertLessEqual(ended, 1, f"{key} was printed twice: {record}")
            if record["state"] == "unknown":
                unknown += 1
                self.assertIn("look at the printer", record["text"].lower())
            else:
                self.assertEqual(record["state"], "confirmed", record)
                self.assertEqual((begun, ended), (1, 1), f"{key} is confirmed, but not on paper: {record}")
        self.assertLessEqual(unknown, self.kills)
        self.assertEqual(set(self.answered), set(self.keys))
        return unknown

    def end(self):
        """Stops the box; true when it died at the armed point on its way out."""
        code = self.crash_box.stop()
        self.assertIn(code, (0, -9), self.crash_box.program.output())
        if code == 0:
            return False
        self.kills += 1
        return True

    def dies_at(self, point, passage):
        """Prints until the box has passed the point so often; at the latest its orderly end does it."""
        before = self.kills
        big = point.startswith("port.")
        self.start(f"{point}:{passage}")
        deadline = time.monotonic() + PATIENCE
        while True:
            self.finish(*self.print_several(4 if big else 6, big))
            self.settle()
            if self.kills > before or time.monotonic() >= deadline:
                break
            time.sleep(0.01)  # what is gathered before it is written needs a moment
        died = self.kills > before
        died_at_the_end = self.end()
        self.assertFalse(died and died_at_the_end, "nothing is armed after the first death")
        return died or died_at_the_end

    def test_at_every_named_point(self):
        points = [point for point in named_points() if point not in NOT_PRINTING]
        self.assertGreaterEqual(len(points), 12)
        for point in points:
            for passage in (1,) if point in ONCE_A_START else (1, 3):
                self.assertTrue(self.dies_at(point, passage), f"the box dies at {point}:{passage}")
        self.start()
        self.settle()
        unknown = self.check()
        print(f"{len(self.keys)} prints, {self.kills} deaths at {len(points)} points: "
              f"{len(self.keys) - unknown} confirmed, {unknown} unknown")

    def test_at_any_moment(self):
        seed = int(os.environ.get("TROUPE_TEST_SEED") or random.SystemRandom().randrange(1 << 32))
        print(f"TROUPE_TEST_SEED={seed}")
        chance = random.Random(seed)
        self.start()
        for number in range(RANDOM_KILLS):
            threads, problems = self.print_several(9, big=number % 4 == 3, tills=3)
            time.sleep(chance.uniform(0.0, 0.08))
            seen = self.crash_box.program
            seen.kill()
            self.revive(seen)
            self.finish(threads, problems)
            self.settle()
        unknown = self.check()
        print(f"{len(self.keys)} prints, {self.kills} kills: "
              f"{len(self.keys) - unknown} confirmed, {unknown} unknown")

    def test_dying_while_the_state_folder_is_made(self):
        self.start("ledger.in_migration")
        self.assertEqual(self.kills, 1)
        self.finish(*self.print_several(2))
        self.settle()
        self.assertEqual(self.check(), 0)


if __name__ == "__main__":
    unittest.main()
