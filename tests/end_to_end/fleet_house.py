"""A server of a fleet for tests: started, set up, and spoken to as people and programs do."""

import contextlib
import re
from pathlib import Path

from house import HouseTest, Program, WebSocket, free_port, request

OWNER, PASSWORD = "Ada", "correct horse battery"


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

    def __init__(self, folder, arguments=(), environment=None):
        self.folder, self.arguments, self.environment = Path(folder), list(arguments), dict(environment or {})
        self.port, self.program = free_port(), None

    def start(self):
        self.program = Program("troupe-server", ["--state", self.folder, "--http-port", self.port,
                                                 *self.arguments], self.environment)
        self.program.wait_line("troupe-server: http://")
        return self

    def stop(self):
        return self.program.stop()

    def request(self, method, path, body=None, headers=None, **how):
        return request(self.port, method, path, body, headers, **how)

    def setup_token(self):
        line = self.program.wait_line("/#setup=")
        return re.search(r"#setup=([0-9a-f]+)", line).group(1)

    def set_up(self, name=OWNER, password=PASSWORD):
        answer = self.request("POST", "/api/v1/setup",
                              {"token": self.setup_token(), "name": name, "password": password})
        assert answer.status == 200, answer
        return Person(self, answer)

    def sign_in(self, name=OWNER, password=PASSWORD):
        answer = self.request("POST", "/api/v1/session", {"name": name, "password": password})
        assert answer.status == 200, answer
        return Person(self, answer)


class FleetTest(HouseTest):
    """Gives each test a server; it ends with the test."""

    def server(self, *arguments, name="server", **how):
        server = Server(self.folder / name, arguments, **how)
        self.addCleanup(self._end, server)
        return server.start()

    @staticmethod
    def _end(server):
        with contextlib.suppress(Exception):
            server.program.kill()

    def refused(self, answer, status, code):
        self.assertEqual((answer.status, answer.json().get("code")), (status, code), answer)
        self.assertEqual(answer.headers["content-type"], "application/problem+json")
