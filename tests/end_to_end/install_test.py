"""What scripts/install lays out: programs, settings that the programs take, and units that systemd takes."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from house import BIN

SOURCE = Path(__file__).resolve().parents[2]


class Install(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix="troupe-"))
        self.addCleanup(shutil.rmtree, self.root)

    def install(self, what, *more):
        return subprocess.run([SOURCE / "scripts/install", what, "--programs", BIN, "--root", self.root, *more],
                              capture_output=True, text=True, timeout=60)

    def test_each_is_laid_out_and_takes_its_settings(self):
        for what, programs in (("box", ["troupe-box"]), ("server", ["troupe-server", "troupe"])):
            done = self.install(what)
            self.assertEqual(done.returncode, 0, done.stderr)
            for program in programs:
                self.assertTrue(os.access(self.root / "usr/local/bin" / program, os.X_OK), program)
            program, settings = self.root / f"usr/local/bin/troupe-{what}", self.root / f"etc/troupe/{what}.toml"
            checked = subprocess.run([program, "--config", settings, "config", "check"], capture_output=True, text=True, timeout=20)
            self.assertEqual(checked.returncode, 0, checked.stderr)
            shown = subprocess.run([program, "--config", settings, "config", "show"], capture_output=True, text=True, timeout=20)
            self.assertIn(f"state = '/var/lib/troupe-{what}'", shown.stdout)
            unit = (self.root / f"etc/systemd/system/troupe-{what}.service").read_text()
            self.assertIn(f"StateDirectory=troupe-{what}\n", unit)
            self.assertIn(f"ExecStart=/usr/local/bin/troupe-{what} --config /etc/troupe/{what}.toml\n", unit)

    def test_settings_stay_when_it_is_installed_again(self):
        self.assertEqual(self.install("box").returncode, 0)
        settings = self.root / "etc/troupe/box.toml"
        settings.write_text('state = "/srv/box"\n')
        self.assertEqual(self.install("box").returncode, 0)
        self.assertEqual(settings.read_text(), 'state = "/srv/box"\n')

    def test_systemd_takes_the_units(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("systemd-analyze is not here")
        for what in ("box", "server"):
            self.assertEqual(self.install(what).returncode, 0)
            # Its own copy, with a program that is there: only then does it look at all lines.
            text = (self.root / f"etc/systemd/system/troupe-{what}.service").read_text()
            copy = self.root / f"troupe-{what}.service"
            copy.write_text(text.replace("/usr/local/bin", str(self.root / "usr/local/bin")))
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", copy], capture_output=True, text=True, timeout=60)
            said = [line for line in (done.stdout + done.stderr).splitlines() if copy.name in line]
            self.assertEqual(said, [], "what systemd says of it")

    def test_what_is_wrong_is_said(self):
        for arguments, part in ((["till"], "box or server"), (["box", "--programs", self.root, "--root", self.root], "there is no troupe-box"),
                                (["box", "--roof"], "unknown option --roof")):
            done = subprocess.run([SOURCE / "scripts/install", *arguments], capture_output=True, text=True, timeout=60)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(part, done.stderr)

    def test_the_identifier_is_made_once_and_kept(self):
        state = self.root / "state"
        first, again = (subprocess.run([f"{BIN}/troupe-box", "--state", state, "identifier"], capture_output=True, text=True, timeout=20)
                        for _ in range(2))
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertRegex(first.stdout, r"^[A-Za-z0-9-]{1,64}\n$")
        self.assertEqual(again.stdout, first.stdout)


if __name__ == "__main__":
    unittest.main()
