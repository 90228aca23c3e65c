"""A server of a fleet for tests: started, set up, and spoken to as people and programs do."""

import re
import subprocess
import urllib.parse
from pathlib import Path

from house import BIN, PATIENCE, HouseTest, Program, WebSocket, free_port, request, slip, until

OWNER, PASSWORD = "Ada", "correct horse battery"
FINAL = ("confirmed", "failed", "unknown", "canceled")  # how a command or an action can end


class Person:
    """Somebody signed in by cookie, with the CSRF token that a page has."""

    def __init__(self, server, answer):
        self.server, self.cookie = server, answer.headers["set-cookie"].split(";")[0]
        self.csrf = answer.json()["csrf"]

    def request(self, method, path, body=None, headers=None, csrf=True, **how):
        mine = {"Cookie": self.cookie, **(headers or {})}
        if csrf and method != "GET":
            mine["X-CSRF-Token"] = self.csrf
        return self.server.request(method, path, body, mine, **how)

    def events(self, query=""):
        return WebSocket(self.server.port, "/api/v1/events" + query, {"Cookie": self.cookie})


class Server:
    """A troupe-server with a state folder that outlives its process."""

    def __init__(self, folder, arguments=(), environment=None, port=None, before=None, address="127.0.0.1"):
        self.address = address
        self.folder, self.arguments, self.environment = Path(folder), list(arguments), dict(environment or {})
        self.before = before
        self.port, self.program, self.token = port or free_port(), None, None
        self.logs = []

    @property
    def url(self):
        return f"http://[{self.address}]:{self.port}" if ":" in self.address else f"http://{self.address}:{self.port}"

    def start(self):
        """Starts the process and waits until it says where it listens, and is ready."""
        self.program = Program("troupe-server", ["--state", self.folder, "--http-port", self.port,
                                                 *self.arguments], self.environment, self.before)
        self.logs.append(self.program)
        self.program.wait_line("troupe-server: http://")
        until(lambda: self.request("GET", "/readyz").status == 200, "the server is ready")
        return self

    def stop(self):
        return self.program.stop()

    def kill(self):
        return self.program.kill()

    def request(self, method, path, body=None, headers=None, **how):
        return request(self.port, method, path, body, headers, **{"address": self.address, **how})

    def setup_token(self):
        line = self.program.wait_line("/#setup=")
        return re.search(r"#setup=([0-9a-f]+)", line).group(1)

    def set_up(self, name=OWNER, password=PASSWORD):
        """The first owner comes in by the one-time link."""
        answer = self.request("POST", "/api/v1/setup",
                              {"token": self.setup_token(), "name": name, "password": password})
        assert answer.status == 200, answer
        return Person(self, answer)

    def sign_in(self, name=OWNER, password=PASSWORD):
        answer = self.request("POST", "/api/v1/session", {"name": name, "password": password})
        assert answer.status == 200, answer
        return Person(self, answer)

    def make_token(self, scope="manage"):
        """An API token of the owner, who is set up first when there is nobody yet."""
        needed = self.request("GET", "/api/v1/setup").json()["needed"]
        answer = (self.set_up() if needed else self.sign_in()).request(
            "POST", "/api/v1/tokens", {"name": f"test {scope}", "scope": scope})
        assert answer.status == 201, answer
        return answer.json()["secret"]

    def key(self):
        """The header of a program of the owner."""
        if self.token is None:
            self.token = self.make_token()
        return {"Authorization": f"Bearer {self.token}"}

    def owner(self, method, path, body=None, headers=None, **how):
        return self.request(method, path, body, {**self.key(), **(headers or {})}, **how)

    def get(self, path):
        answer = self.owner("GET", path)
        assert answer.status == 200, answer
        return answer.json()

    def pair(self, code):
        """Types the code that a box shows; gives the box's id."""
        answer = self.owner("POST", "/api/v1/pairing", {"code": code})
        assert answer.status == 200, answer
        return answer.json()["box"]

    def take_in(self, box):
        """Connects a box by its code and waits until it and its devices are there; gives its id."""
        identifier = self.pair(box.wait_code())
        self.wait_online(identifier)
        box.wait_linked()
        self.wait_box(identifier, lambda now: len(now["devices"]) == len(box.device_list()), "the devices are told")
        return identifier

    def take_in_by_token(self, box, note):
        """Connects a box by a connection token and waits as `take_in` does; gives its id."""
        made = self.owner("POST", "/api/v1/connection-tokens", {"note": note, "url": self.url})
        assert made.status == 201, made
        given = box.owner("POST", "/api/v1/pairing/token", {"token": made.json()["token"]})
        assert given.status == 200, given
        box.wait_linked()
        identifier = box.owner("GET", "/api/v1/box").json()["identifier"]
        self.wait_online(identifier)
        self.wait_box(identifier, lambda now: len(now["devices"]) == len(box.device_list()), "the devices are told")
        return identifier

    def boxes(self):
        return self.get("/api/v1/boxes")["boxes"]

    def box(self, identifier):
        return self.get(f"/api/v1/boxes/{identifier}")

    def wait_box(self, identifier, check, what, seconds=PATIENCE):
        """Waits until the fleet's entry of a box is as `check` wants it; gives the entry."""
        def good():
            answer = self.owner("GET", f"/api/v1/boxes/{identifier}")
            return answer.json() if answer.status == 200 and check(answer.json()) else None
        return until(good, what, seconds)

    def wait_online(self, identifier, online=True, seconds=PATIENCE):
        return self.wait_box(identifier, lambda box: box["online"] == online,
                             f"box {identifier} is {'online' if online else 'offline'}", seconds)

    def act(self, box, device, action, key="", headers=None, **more):
        """Asks a device of a box to do something; gives the command's record."""
        answer = self.owner("POST", f"/api/v1/boxes/{box}/devices/{device}/actions", {"action": action, **more},
                            {**({"Idempotency-Key": key} if key else {}), **(headers or {})})
        assert answer.status == 202, answer
        return answer.json()

    def command(self, identifier):
        return self.get(f"/api/v1/commands/{identifier}")

    def wait_command(self, identifier, *states, seconds=PATIENCE):
        """Waits until a command is in one of the states; without any, until it has ended."""
        def there():
            record = self.command(identifier)
            return record if record["state"] in (states or FINAL) else None
        return until(there, f"command {identifier} is {' or '.join(states) or 'over'}", seconds)

    def history(self, **query):
        """All events that fit, oldest first."""
        found, after = [], 0
        while True:
            wanted = {**query, "after": after, "limit": 1000}
            page = self.get("/api/v1/events?" + urllib.parse.urlencode(wanted))["events"]
            if not page:
                return found
            found += page
            after = page[-1]["sequence"]

    def events(self, **query):
        """A page's stream of events; each message is a list of them."""
        path = "/api/v1/events" + ("?" + urllib.parse.urlencode(query) if query else "")
        return WebSocket(self.port, path, self.key())


class FleetTest(HouseTest):
    """Gives tests servers; they end with the test."""

    def server(self, *arguments, name="server", **how):
        self.servers.append(Server(self.folder / name, arguments, **how))
        return self.servers[-1].start()

    def print_slips(self, box, printed, count):
        """The till prints; the actions go to the end of `printed`."""
        for _ in range(count):
            mark = f"slip-{len(printed) + 1}-"
            answer = box.print(slip(mark), key=mark)
            self.assertEqual(answer.status, 202, answer)
            printed.append(answer.json()["id"])

    def fleet(self):
        """A server, a room with a printer, and a box with that printer that the server has."""
        server = self.server()
        room, box = self.house(arguments=["--server", server.url])
        box.sign_in()
        identifier = server.take_in(box)
        room.wait_receipts(1)  # the slip with the code
        return server, room, box, identifier

    def troupe(self, *arguments, stdin="", code=0):
        """Runs the command line with a home of its own; gives what it wrote to standard output."""
        done = subprocess.run([BIN / "troupe", *arguments], input=stdin, text=True, timeout=60,
                              capture_output=True, env={"HOME": str(self.folder), "PATH": "/usr/bin:/bin"})
        self.assertEqual(done.returncode, code, (arguments, done.stdout, done.stderr))
        self.errors = done.stderr
        return done.stdout

    def login(self, server):
        self.troupe("login", "--server", server.url, "--name", OWNER, stdin=PASSWORD + "\n")

    def refused(self, answer, status, code):
        self.assertEqual((answer.status, answer.json().get("code")), (status, code), answer)
        self.assertEqual(answer.headers["content-type"], "application/problem+json")
