"""A house for the real programs: simulated printers with paper that can be read, boxes that can be
killed, and the waiting that tests need. Every process is stopped by its number."""

import contextlib
import json
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse
from pathlib import Path

import wire
from pictures import read_png
from wire import PATIENCE, Answer, Closed, Refused, WebSocket, read_msgpack, request, rpc  # noqa: F401

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = ROOT / "tests" / "data" / "odoo-pos"
BIN = Path(os.environ.get("TROUPE_BIN_DIR") or ROOT / "build" / "release" / "bin").resolve()
TILL_ORIGIN = "http://127.0.0.1:8169"  # of the recorded dialogue


def until(check, what, seconds=PATIENCE, pause=0.01):
    """Asks again and again until the answer is something (not None, False, 0 or empty); gives it."""
    deadline = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(pause)


_taken = []  # held until this test ends, so that tests beside it choose other ports


def free_port():
    """A port nobody listens on, below the range from which the system takes ports for clients."""
    chooser = random.SystemRandom()
    for _ in range(200):
        port = chooser.randrange(12000, 32000)
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0troupe-test-port-{port}")
            for family, everywhere in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
                with socket.socket(family) as probe:
                    if family == socket.AF_INET6:
                        probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                    probe.bind((everywhere, port))
        except OSError:
            claim.close()
            continue
        _taken.append(claim)
        return port
    raise AssertionError("no free port")


# Tests speak to nobody in the network of the machine: those of discovery have networks of their own.
QUIET = {"TROUPE_BOX_DISCOVERY_ANNOUNCE": "false", "TROUPE_SERVER_DISCOVERY_LISTEN": "false",
         "TROUPE_SERVER_DISCOVERY_RANGES": "127.0.0.1"}


class Program:
    """A running program, its output, and its end."""

    def __init__(self, name, arguments, environment=None, before=None, folder=None):
        self.name = name
        self.lines = []
        self.news = threading.Condition()
        self.ended = False
        self.process = subprocess.Popen(
            [str(BIN / name), *map(str, arguments)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=before, cwd=folder,
            env={**os.environ, **QUIET, **(environment or {})})
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self.news:
                self.lines.append(line.decode("utf-8", "replace").rstrip("\n"))
                self.news.notify_all()
        with self.news:
            self.ended = True
            self.news.notify_all()

    def wait_line(self, part, seconds=PATIENCE):
        """The first line with `part` in it."""
        deadline = time.monotonic() + seconds
        seen = 0
        with self.news:
            while True:
                for line in self.lines[seen:]:
                    if part in line:
                        return line
                seen = len(self.lines)
                left = deadline - time.monotonic()
                if self.ended or left <= 0:
                    raise AssertionError(f"{self.name} never said {part!r}:\n{self.output()}")
                self.news.wait(left)

    def output(self):
        return "\n".join(self.lines)

    def running(self):
        return self.process.poll() is None

    def wait(self, seconds=PATIENCE):
        """Waits for the end; gives the exit code (negative: the signal)."""
        code = self.process.wait(seconds)
        self.reader.join(5)
        self.process.stdout.close()
        return code

    def kill(self):
        """As a power cut would."""
        if self.running():
            self.process.send_signal(signal.SIGKILL)
        return self.wait()

    def stop(self, seconds=PATIENCE):
        """Orderly; gives the exit code."""
        if self.running():
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end within {seconds} s after SIGTERM") from None

    def memory_bytes(self):
        """Resident memory."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")


class Room:
    """The simulator with its paper room; printers are called by name."""

    def __init__(self, *names, pace="instant", ports=None, http_port=None, scales=None):
        self.ports = ports or {name: free_port() for name in names or ("counter",)}
        self.port = http_port or free_port()
        arguments = ["room", "--http-port", self.port]
        for name, port in self.ports.items():
            arguments += ["--printer", f"{name}={port}"]
        self.scales = dict(scales or {})
        for name, link in self.scales.items():
            arguments += ["--scale", f"{name}={link}"]
        self.program = Program("troupe-sim", arguments)
        until(self._answers, "the paper room answers")
        for name in self.ports:
            self.play(name, "pace", state=pace)

    def _answers(self):
        if not self.program.running():
            code = self.program.wait()
            raise AssertionError(f"troupe-sim ended with {code}:\n{self.program.output()}")
        with contextlib.suppress(OSError):
            return request(self.port, "GET", "/api/v1/printers").status == 200
        return False

    def address(self, name="counter"):
        return f"tcp://127.0.0.1:{self.ports[name]}"

    def printer(self, name="counter"):
        return request(self.port, "GET", f"/api/v1/printers/{name}").json()

    def play(self, name, what, **body):
        answer = request(self.port, "POST", f"/api/v1/printers/{name}/{what}", body)
        assert answer.status == 200, answer
        return answer.json()

    def scale(self, name="till"):
        return request(self.port, "GET", f"/api/v1/scales/{name}").json()

    def play_scale(self, what, name="till", **body):
        answer = request(self.port, "POST", f"/api/v1/scales/{name}/{what}", body)
        assert answer.status == 200, answer
        return answer.json()

    def receipts(self, name="counter"):
        """Oldest first."""
        answer = request(self.port, "GET", f"/api/v1/printers/{name}/receipts")
        return list(reversed(answer.json()["receipts"]))

    def wait_receipts(self, count, name="counter", seconds=PATIENCE):
        """Waits for that many receipts in all; gives those still on the spike, oldest first."""
        until(lambda: self.printer(name)["receipts"] >= count, f"{count} receipts on {name}", seconds)
        assert self.printer(name)["receipts"] == count, self.printer(name)
        return self.receipts(name)

    def hanging(self, name="counter"):
        """Rows of paper that hang out and are not cut yet."""
        strip = self.printer(name)["strip"]
        return strip["height"] if strip else 0

    def settled(self, name="counter"):
        """Waits until the printer has worked off all that it was given; gives its snapshot."""
        def quiet():
            now = self.printer(name)
            return now if now["buffered_bytes"] == 0 and not now["printing"] else None
        return until(quiet, f"{name} has worked off its buffer")

    def paper(self, receipt_id):
        answer = request(self.port, "GET", f"/api/v1/receipts/{receipt_id}.png")
        assert answer.status == 200, answer
        return read_png(answer.body)

    def stop(self):
        return self.program.stop()


class Box:
    """A box with a state folder that outlives its process."""

    def __init__(self, folder, devices=(), origins=(TILL_ORIGIN,), arguments=(), environment=None,
                 port=None, before=None, start=True):
        self.folder = Path(folder)
        self.devices, self.origins, self.arguments = list(devices), list(origins), list(arguments)
        self.environment, self.before = dict(environment or {}), before
        self.port = port or free_port()
        self.program, self.token = None, None
        self.logs = []
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder / "identifier").exists():  # boxes that share a machine share its serial number
            (self.folder / "identifier").write_text(secrets.token_hex(8) + "\n")
        if start:
            self.start()

    def command(self):
        command = ["--state", self.folder, "--http-port", self.port]
        for each in self.devices:
            command += ["--devices", each]
        for each in self.origins:
            command += ["--allow-origin", each]
        return command + self.arguments

    def start(self, environment=None, ready=True):
        """Starts the process and waits until it says where it listens."""
        self.program = Program("troupe-box", self.command(), {**self.environment, **(environment or {})},
                               self.before)
        self.logs.append(self.program)
        if ready:
            self.program.wait_line("troupe-box: http://")
        return self

    def kill(self):
        return self.program.kill()

    def stop(self):
        return self.program.stop()

    def request(self, method, path, body=None, headers=None, **how):
        return request(self.port, method, path, body, headers, **how)

    def rpc(self, path, params, origin=TILL_ORIGIN, **how):
        """A JSON-RPC call of the till."""
        return rpc(self.port, path, params, {"Origin": origin} if origin else {}, **how)

    def till(self, method, path, body=None, headers=None, **how):
        return self.request(method, path, body, {"Origin": TILL_ORIGIN, **(headers or {})}, **how)

    def setup_code(self):
        return (self.folder / "setup-code").read_text().strip()

    def sign_in(self):
        answer = self.request("POST", "/api/v1/session", {"setup_code": self.setup_code()})
        assert answer.status == 200, answer
        self.token = answer.json()["token"]
        return self.token

    def owner(self, method, path, body=None, headers=None, **how):
        """A request of the signed-in owner."""
        if self.token is None:
            self.sign_in()
        return self.request(method, path, body,
                            {"Authorization": f"Bearer {self.token}", **(headers or {})}, **how)

    def events(self, after=None, protocols=(), **how):
        query = "" if after is None else f"?after={after}"
        return WebSocket(self.port, "/api/v1/events" + query, {"Origin": TILL_ORIGIN}, protocols, **how)

    def last_event(self):
        return self.till("GET", "/api/v1/events/last").json()["sequence"]

    def pairing(self):
        """The box's pairing, as its own page reads it."""
        return self.request("GET", "/api/v1/pairing").json()

    def wait_code(self, seconds=PATIENCE):
        """Waits for the code with which an owner connects the box."""
        def shown():
            now = self.pairing()
            return now.get("code") if now["state"] == "waiting" else None
        return until(shown, "the box shows a code", seconds)

    def link(self):
        return self.owner("GET", "/api/v1/link").json()

    def wait_linked(self, seconds=PATIENCE):
        return until(lambda: self.link()["state"] == "linked", "the box is linked", seconds)

    def device_list(self):
        return self.till("GET", "/api/v1/devices").json()["devices"]

    def device(self, number=0):
        return self.device_list()[number]

    def device_id(self):
        return until(lambda: next(iter(self.device_list()), None), "a device")["description"]["id"]

    def wait_device(self, check, what, seconds=PATIENCE):
        """Waits until the first device's status is as `check` wants it."""
        def good():
            devices = self.device_list()
            return devices[0]["status"] if devices and check(devices[0]["status"]) else None
        return until(good, what, seconds)

    def wait_ready(self, seconds=PATIENCE):
        return self.wait_device(lambda status: status["state"] == "ready", "the printer is ready", seconds)

    def print(self, operations, key="", device=None, **how):
        headers = {"Idempotency-Key": key} if key else {}
        return self.till("POST", f"/api/v1/devices/{device or self.device_id()}/actions",
                         {"action": "print", "document": {"operations": operations}}, headers, **how)

    def action(self, identifier):
        return self.till("GET", f"/api/v1/actions/{identifier}").json()

    def actions(self, **query):
        """All that the ledger has, newest first."""
        found, before = [], None
        while True:
            wanted = {**query, "limit": 500, **({"before": before} if before else {})}
            page = self.owner("GET", "/api/v1/actions?" + urllib.parse.urlencode(wanted)).json()
            found += page["actions"]
            before = page["next"]
            if not before:
                return found

    def wait_action(self, identifier, *states, seconds=PATIENCE):
        def there():
            record = self.action(identifier)
            return record if record["state"] in states else None
        try:
            return until(there, f"action {identifier} is {' or '.join(states)}", seconds)
        except AssertionError as problem:
            raise AssertionError(f"{problem}; it is {self.action(identifier)}") from None

    def metric(self, name):
        """The value of a metric without labels (or with exactly those written)."""
        for line in self.owner("GET", "/metrics").text.splitlines():
            if line.startswith(name + " "):
                return float(line.split()[-1])
        return None


class Counter:
    """The paper of one simulated printer, read as it comes and never forgotten."""

    def __init__(self, room):
        self.room, self.texts = room, {}

    def collect(self, tear=False):
        self.room.settled()
        if tear and self.room.hanging():
            self.room.play("counter", "tear")
        self.read()

    def read(self):
        for receipt in self.room.receipts():
            self.texts[receipt["id"]] = receipt["text"]

    def keep_up(self, stop):
        """Reads again and again until `stop` is set: the room keeps the last fifty receipts only."""
        while not stop.wait(0.1):
            self.read()

    def count(self, mark):
        return sum(each.count(mark) for each in self.texts.values())


class HouseTest(unittest.TestCase):
    """Gives each test a folder, and shows what the programs said when it fails."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="troupe-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.rooms, self.boxes, self.servers = [], [], []
        self.addCleanup(self._close)

    def _close(self):
        running = [each.program for each in self.boxes + self.servers if each.program]
        for each in running + [room.program for room in self.rooms]:
            with contextlib.suppress(Exception):
                each.kill()

    def room(self, *names, **how):
        self.rooms.append(Room(*names, **how))
        return self.rooms[-1]

    def box(self, *devices, name="state", **how):
        self.boxes.append(Box(self.folder / name, devices, start=False, **how))
        return self.boxes[-1].start()

    def house(self, **how):
        """A box with one simulated printer, ready to print."""
        room = self.room()
        box = self.box("counter=" + room.address(), **how)
        box.wait_ready()
        return room, box

    def run(self, result=None):
        before = len(result.failures) + len(result.errors) if result else 0
        super().run(result)
        if result and len(result.failures) + len(result.errors) > before:
            for box in self.boxes:
                for number, program in enumerate(box.logs[-4:]):
                    print(f"--- {self.id()}: troupe-box, process {number} of the last",
                          *program.lines[-60:], sep="\n", file=sys.stderr)
            for server in self.servers:  # of fleet_house.py
                for number, program in enumerate(server.logs[-4:]):
                    print(f"--- {self.id()}: troupe-server, process {number} of the last",
                          *program.lines[-60:], sep="\n", file=sys.stderr)
            for room in self.rooms:
                print(f"--- {self.id()}: troupe-sim", *room.program.lines[-30:], sep="\n",
                      file=sys.stderr)


def text(content):
    return {"kind": "text", "content": content}


def slip(mark):
    """The smallest document that is one receipt."""
    return [text(f"{mark}\n"), {"kind": "cut"}]


def recorded(number):
    """A request of the recorded till by the number in its file's name."""
    (file,) = DATA.glob(f"{number:02d}-*.json")
    return json.loads(file.read_text())


def replay(box, number, origin=None):
    """Sends a recorded request as it was, but to this box (and from another origin)."""
    kept = recorded(number)
    headers = {**kept["headers"], "host": f"127.0.0.1:{box.port}"}
    if origin:
        headers["origin"] = origin
    return box.request(kept["method"], kept["path"], kept["body"] or None, headers)
