"""Starting, stopping, restarting, configuring, and a disk without room."""

import base64
import contextlib
import os
import resource
import signal
import sqlite3
import subprocess
import time
import unittest

from house import BIN, DATA, Box, HouseTest, Program, free_port, slip, text, until
from pictures import make_png

EXIT_START, EXIT_USAGE = 1, 2


def ask(program, *arguments, environment=None):
    return subprocess.run([str(BIN / program), *map(str, arguments)], capture_output=True, text=True,
                          timeout=20, env={**os.environ, **(environment or {})}, check=False)


class Start(HouseTest):
    def fails(self, *arguments, code=EXIT_START, environment=None):
        """The program must end by itself with a clear word; gives what it said."""
        ended = ask("troupe-box", *arguments, environment=environment)
        self.assertEqual(ended.returncode, code, (ended.stdout, ended.stderr))
        self.assertIn("troupe-box: ", ended.stderr)
        return ended.stderr

    def test_port_in_use(self):
        first = self.box()
        said = self.fails("--state", self.folder / "other", "--http-port", first.port)
        self.assertIn(str(first.port), said)
        self.assertIn("in use", said)

    def test_state_folder_in_use(self):
        first = self.box()
        said = self.fails("--state", first.folder, "--http-port", 0)
        self.assertIn("in use", said)
        self.assertIn(str(first.program.process.pid), said)
        self.assertIn("--state", said)

    def test_state_folder_of_a_newer_version(self):
        box = self.box()
        box.stop()
        (database,) = [each for each in box.folder.iterdir() if each.suffix in (".db", ".sqlite", ".sqlite3")]
        with contextlib.closing(sqlite3.connect(database)) as file:
            file.execute("PRAGMA user_version = 9999")
            file.commit()
        before = database.read_bytes()
        said = self.fails("--state", box.folder, "--http-port", 0)
        self.assertIn("newer", said)
        self.assertEqual(database.read_bytes(), before, "it is left as it is")

    def test_state_folder_that_cannot_be_written(self):
        blocked = self.folder / "file"
        blocked.write_text("in the way")
        said = self.fails("--state", blocked / "state", "--http-port", 0)
        self.assertIn(str(blocked), said)
        if os.getuid() == 0:
            said = self.fails("--state", "/proc/troupe-state", "--http-port", 0)
            self.assertIn("/proc/troupe-state", said)
        else:
            (self.folder / "closed").mkdir(mode=0o500)
            self.fails("--state", self.folder / "closed" / "state", "--http-port", 0)

    def test_damaged_ledger(self):
        box = self.box()
        box.stop()
        (database,) = [each for each in box.folder.iterdir() if each.suffix in (".db", ".sqlite", ".sqlite3")]
        database.write_bytes(b"this is no database at all" * 1000)
        for extra in box.folder.glob(database.name + "-*"):
            extra.unlink()
        ended = ask_or_run(box)
        self.assertTrue(ended is None or "troupe-box: " in ended, ended)

    def test_bad_configuration(self):
        file = self.folder / "troupe.toml"
        cases = {"devices = 5\n": ":1:", "\n[http]\nport = 99999\n": ":3:", "[http\n": ":1:",
                 "\n\nno_such_key = 1\n": ":3:", '[log]\nlevel = 3\n': ":2:"}
        for content, where in cases.items():
            file.write_text(content)
            for arguments in (["--config", file], ["config", "check", file]):
                said = self.fails(*arguments, code=EXIT_USAGE)
                self.assertIn(f"{file}{where}", said, content)
        for arguments in (["--no-such-option"], ["--http-port", "many"], ["--devices", "x=bogus://y"],
                          ["--allow-origin", "not an origin"], ["--log", "loud"],
                          ["--config", self.folder / "missing.toml"]):
            ended = ask("troupe-box", *arguments, "--state", self.folder / "none")
            self.assertEqual(ended.returncode, EXIT_USAGE, (arguments, ended.stderr))
            self.assertNotEqual(ended.stderr, "")
        self.assertFalse((self.folder / "none").exists(), "nothing was begun")

    def test_config_check_show_keys_and_help(self):
        file = self.folder / "troupe.toml"
        file.write_text('state = "from-file"\n[http]\nport = 8123\n')
        self.assertEqual(ask("troupe-box", "config", "check", file).returncode, 0)
        shown = ask("troupe-box", "--config", file, "--log", "debug", "config", "show",
                    environment={"TROUPE_BOX_HTTP_HOST_NAMES": "till.local"})
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertRegex(shown.stdout, r"state = 'from-file'  # .*troupe\.toml:1")
        self.assertRegex(shown.stdout, r"port = 8123  # .*troupe\.toml:3")
        self.assertRegex(shown.stdout, r"host_names = \['till\.local'\]  # TROUPE_BOX_HTTP_HOST_NAMES")
        self.assertRegex(shown.stdout, r"level = 'debug'  # option")
        again = self.folder / "again.toml"
        again.write_text(shown.stdout)
        self.assertEqual(ask("troupe-box", "config", "check", again).returncode, 0, "what it shows it reads")
        keys = ask("troupe-box", "config", "keys").stdout
        for key in ("state", "devices", "http.port", "http.allow_origins", "ledger.days"):
            self.assertIn(f"{key}\n", keys)
        for program in ("troupe-box", "troupe-sim"):
            helped = ask(program, "--help")
            self.assertEqual(helped.returncode, 0)
            self.assertGreater(len(helped.stdout), 200)
        self.assertIn("troupe-box 0", ask("troupe-box", "--version").stdout)

    def test_environment_options_and_setup_code(self):
        port = free_port()
        box = Box(self.folder / "state", port=port, start=False)
        box.program = Program("troupe-box", ["setup-code", "--state", box.folder])
        self.assertEqual(box.program.wait(), EXIT_START, "there is none yet")
        program = Program("troupe-box", [], {"TROUPE_BOX_STATE": str(box.folder),
                                             "TROUPE_BOX_HTTP_PORT": str(port)})
        box.program = program
        self.boxes.append(box)
        program.wait_line(f":{port}/")
        code = ask("troupe-box", "--state", box.folder, "setup-code")
        self.assertEqual(code.stdout.strip(), box.setup_code())
        self.assertEqual((box.folder / "setup-code").stat().st_mode & 0o077, 0, "for its owner only")
        box.sign_in()

    def test_sigterm_ends_in_time_even_with_pages_open(self):
        room, box = self.house()
        with box.events() as page:
            room.play("counter", "paper", state="out")
            page.receive_json()
            for number in (signal.SIGTERM, signal.SIGINT):
                box.program.process.send_signal(number)
                self.assertEqual(box.program.wait(), 0, box.program.output())
                box.start()

    def test_restart_through_the_route(self):
        room, box = self.house()
        started = box.owner("GET", "/api/v1/box").json()["started"]
        self.assertNotEqual(box.till("POST", "/iot_drivers/restart_odoo_service", {}).status, 200)
        identifier = box.program.process.pid
        answer = box.owner("POST", "/iot_drivers/restart_odoo_service", {})
        self.assertEqual((answer.status, answer.json()), (200, {"status": "success"}))

        def restarted():
            with contextlib.suppress(OSError):
                return box.owner("GET", "/api/v1/box").json()["started"] != started
        until(restarted, "it has started anew")
        self.assertEqual(box.program.process.pid, identifier, "the same process for its supervisor")
        box.wait_ready()
        box.print(slip("after the restart"))
        room.wait_receipts(1)

    def test_printing_goes_on_while_it_stops(self):
        room, box = self.house()
        actions = [box.print(slip(f"stop {number}")).json()["id"] for number in range(20)]
        self.assertEqual(box.stop(), 0)
        box.start()
        for each in actions:
            box.wait_action(each, "confirmed", "unknown")
        self.assertEqual(room.settled()["receipts"],
                         len([each for each in actions if box.action(each)["state"] == "confirmed"]))
        self.assertLessEqual(len([each for each in actions if box.action(each)["state"] == "unknown"]), 1)

    def test_a_printer_into_a_folder(self):
        out = self.folder / "receipts"
        out.mkdir()
        box = self.box(f"archive=file:{out}")
        box.wait_ready()
        record = box.print([text("to a file\n"), {"kind": "cut"}], device="archive").json()
        box.wait_action(record["id"], "confirmed")
        (file,) = [each for each in out.iterdir() if each.is_file()]
        self.assertIn(b"to a file", file.read_bytes())

    def test_a_printer_inside_the_box(self):
        box = self.box("sim:printer")
        box.wait_ready()
        record = box.print(slip("inside")).json()
        box.wait_action(record["id"], "confirmed")

    def test_start_to_first_answer(self):
        box = self.box()
        box.stop()
        taken = []
        for _ in range(5):
            begun = time.monotonic()
            box.start()
            self.assertEqual(box.request("GET", "/hw_proxy/hello").body, b"ping")
            taken.append(time.monotonic() - begun)
            box.stop()
        print(f"start to first answer: {sorted(taken)[2] * 1000:.0f} ms (median of 5)")


def ask_or_run(box):
    """Starts a box that may refuse: what it said when it ended, or nothing when it runs."""
    box.start(ready=False)
    try:
        box.program.wait_line("troupe-box: http://", 10)
    except AssertionError:
        return box.program.output()
    return None


class SmallDisk:
    """A disk of a few megabytes: a tmpfs of its own, or, where mounting is not allowed, a bound on
    the size of every file that the program writes."""

    def __init__(self, folder, size):
        self.folder, self.size = folder, size
        folder.mkdir()
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)],
                              capture_output=True, check=False)
        self.mounted = made.returncode == 0

    def before(self):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write fails; the process need not die of it

    def fill(self, box):
        if not self.mounted:
            largest = max(each.stat().st_size for each in box.folder.iterdir() if each.is_file())
            _, hard = resource.prlimit(box.program.process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(box.program.process.pid, resource.RLIMIT_FSIZE, (largest, hard))
            return
        with open(self.folder / "filler", "wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))

    def free(self, box):
        if self.mounted:
            (self.folder / "filler").unlink()
        else:
            _, hard = resource.prlimit(box.program.process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(box.program.process.pid, resource.RLIMIT_FSIZE, (hard, hard))

    def close(self):
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.folder)], check=False)


class FullDisk(HouseTest):
    def test_prints_are_refused_and_work_again(self):
        disk = SmallDisk(self.folder / "disk", "6m")
        self.addCleanup(disk.close)
        room = self.room()
        box = self.box("counter=" + room.address(), name="disk/state", before=disk.before)
        box.wait_ready()
        rows = b"".join(b"\0" + os.urandom(300) for _ in range(200))
        noise = {"kind": "picture", "encoded": base64.b64encode(make_png(300, 200, rows)).decode()}
        document = [text("whole\n"), noise, {"kind": "cut"}]
        accepted = [box.print(document).json()["id"]]
        disk.fill(box)
        refused = None
        for number in range(60):
            answer = box.print(document, key=f"full-{number}")
            if answer.status not in (200, 202):
                refused = answer
                break
            accepted.append(answer.json()["id"])
        self.assertIsNotNone(refused, "a full disk is told")
        self.assertIn(refused.status, (503, 507), refused)
        problem = refused.json()
        self.assertTrue(problem["detail"] and problem["remedy"], problem)
        self.assertEqual(box.request("GET", "/hw_proxy/hello").body, b"ping")
        odoo = box.rpc("/hw_proxy/default_printer_action", {"data": {
            "action": "print_receipt",
            "receipt": base64.b64encode((DATA / "receipt.jpg").read_bytes()).decode()}})
        self.assertNotEqual(odoo.json().get("result"), True)

        disk.free(box)

        def prints_again():
            again = box.print([text("whole\n"), {"kind": "cut"}], key="afterwards")
            return again.json()["id"] if again.status in (200, 202) else None
        accepted.append(until(prints_again, "it prints again once there is room", 20))
        for each in accepted:
            box.wait_action(each, "confirmed", seconds=20)
        receipts = room.wait_receipts(len(accepted))
        for each in receipts:
            self.assertEqual(each["text"].count("whole"), 1, "whole receipts only")
        self.assertEqual(box.stop(), 0)


if __name__ == "__main__":
    unittest.main()
