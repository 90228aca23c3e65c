"""The way from a box to its server through what networks put between them."""

import json
import os
import subprocess
import unittest
from pathlib import Path

from fleet_house import FleetTest
from house import BIN, Refused, WebSocket, free_port, until
from way import Answers, Proxy, certificate, portal, tls_context

NAME = "fleet.test"  # only the proxy knows it
LOGIN = ("till", "pass:w/rd ä")
NO_PROXY = {"http_proxy": "", "https_proxy": "", "HTTP_PROXY": "", "HTTPS_PROXY": "", "all_proxy": "", "ALL_PROXY": ""}


class NetworkTest(FleetTest):
    def proxy(self, names=(), **how):
        made = Proxy(names, **how)
        self.addCleanup(made.close)
        return made

    def far_server(self):
        """A server that boxes reach by a name that nobody but a proxy knows."""
        return self.server(environment={"TROUPE_SERVER_HTTP_HOST_NAMES": NAME})

    def lonely_box(self, url, environment=None, **how):
        box = self.box(environment={**NO_PROXY, **(environment or {})}, **how)
        box.sign_in()
        self.go_to(box, url)
        return box

    def go_to(self, box, url):
        answer = box.owner("PUT", "/api/v1/pairing/server", {"url": url})
        self.assertEqual(answer.status, 200, answer)

    def steps_of(self, box):
        """The steps of a test of the connection, by name."""
        begun = box.owner("POST", "/api/v1/connection-test", {})
        self.assertEqual(begun.status, 202, begun)

        def ended():
            report = box.owner("GET", "/api/v1/connection-test").json()
            return None if report["running"] else report
        report = until(ended, "the test ends", 60)
        return {each["step"]: each for each in report["steps"]}

    def failing(self, box):
        """The one step that fails; those behind it were not tried."""
        steps = list(self.steps_of(box).values())
        (at,) = [number for number, each in enumerate(steps) if each["state"] == "failed"]
        for each in steps[at + 1:]:
            self.assertIn(each["state"], ("not_tried", "skipped"), each)
        self.assertTrue(steps[at]["remedy"], steps[at])
        return steps[at]

    def wait_text(self, box, part):
        return until(lambda: box.pairing() if part in box.pairing()["text"] else None, f"it says {part!r}, not {box.pairing()['text']!r}")

    def set_proxy(self, box, **wanted):
        answer = box.owner("PUT", "/api/v1/network/proxy", {"use": "own", **wanted})
        self.assertEqual(answer.status, 200, answer)
        return answer.json()


class ThroughAProxy(NetworkTest):
    def test_a_configured_proxy_is_the_way_and_the_test_says_so(self):
        server = self.far_server()
        proxy = self.proxy({NAME: server.port})
        box = self.lonely_box(f"http://{NAME}:{server.port}", {"TROUPE_BOX_NETWORK_PROXY": proxy.url})
        server.take_in(box)
        self.assertIn(f"CONNECT {NAME}:{server.port}", proxy.asked)
        steps = self.steps_of(box)
        for name in ("proxy", "tcp", "server", "link", "clock", "name"):
            self.assertEqual(steps[name]["state"], "good", steps[name])
        self.assertEqual(steps["tls"]["state"], "skipped")
        self.assertIn("has proved that it is this box's server", steps["server"]["text"])
        refused = box.owner("PUT", "/api/v1/network/proxy", {"use": "off"})
        self.assertEqual((refused.status, refused.json()["code"]), (409, "proxy.configured"))
        # The proxy goes and comes back: so does the link.
        proxy.close()
        until(lambda: box.link()["state"] == "waiting", "the link is cut")
        self.assertEqual(self.failing(box)["step"], "proxy")

    def test_the_environments_proxy_is_taken(self):
        server = self.far_server()
        proxy = self.proxy({NAME: server.port})
        box = self.lonely_box(f"http://{NAME}:{server.port}", {"http_proxy": proxy.url})
        box.wait_code()
        known = box.owner("GET", "/api/v1/network/proxy").json()
        self.assertEqual((known["use"], known["in_force"], known["from_environment"]), ("automatic", proxy.url, True))

    def test_a_log_in_is_asked_for_set_and_never_shown(self):
        server = self.far_server()
        proxy = self.proxy({NAME: server.port}, login=LOGIN)
        box = self.lonely_box(f"http://{NAME}:{server.port}")
        self.set_proxy(box, address=proxy.url)
        self.wait_text(box, "wants a log-in")
        self.assertEqual(self.failing(box)["code"], "transport.proxy_login")
        self.set_proxy(box, address=proxy.url, user=LOGIN[0], password="wrong-password")
        self.wait_text(box, "does not take this log-in")
        self.assertEqual(self.failing(box)["code"], "transport.proxy_wrong_login")
        shown = self.set_proxy(box, address=proxy.url, user=LOGIN[0], password=LOGIN[1])
        self.assertTrue(shown["password_set"])
        box.wait_code()
        box.stop()
        box.start()
        box.sign_in()
        box.wait_code()
        self.assertTrue(box.owner("GET", "/api/v1/network/proxy").json()["password_set"])
        for secret in (LOGIN[1], "wrong-password", "pass%3Aw"):
            self.assertNotIn(secret, json.dumps(box.owner("GET", "/api/v1/network/proxy").json()))
            for program in box.logs:
                self.assertNotIn(secret, program.output())
        for name in os.listdir(box.folder):
            if name.startswith("ledger"):
                self.assertEqual((box.folder / name).stat().st_mode & 0o077, 0, name)

    def test_what_a_proxy_refuses_is_said_in_words(self):
        proxy = self.proxy({}, forbidden=["forbidden.test"])
        box = self.lonely_box("http://forbidden.test:8080", {"TROUPE_BOX_NETWORK_PROXY": proxy.url})
        self.assertIn("allow CONNECT", self.wait_text(box, "forbids the way to forbidden.test:8080")["remedy"])
        self.assertEqual(self.failing(box)["code"], "transport.proxy_forbids")
        self.go_to(box, "http://nobody.test:8080")
        self.wait_text(box, "finds no host of the name in nobody.test:8080")
        self.assertEqual(self.failing(box)["step"], "tcp")
        gone = self.lonely_box("http://nobody.test:8080", {"TROUPE_BOX_NETWORK_PROXY": f"http://127.0.0.1:{free_port()}"}, name="gone")
        self.wait_text(gone, "The proxy 127.0.0.1")
        self.assertEqual(self.failing(gone)["code"], "transport.refused")

    def test_the_configuration_shows_no_password(self):
        environment = {**os.environ, "TROUPE_BOX_NETWORK_PROXY": "proxy.test:3128", "TROUPE_BOX_NETWORK_PROXY_USER": "till",
                       "TROUPE_BOX_NETWORK_PROXY_PASSWORD": "geheim"}

        def run(*command, **more):
            return subprocess.run([str(BIN / "troupe-box"), *command], env={**environment, **more}, capture_output=True, text=True)
        shown = run("config", "show")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("(hidden)", shown.stdout)
        wrong = run("config", "check", TROUPE_BOX_NETWORK_PROXY="http://till:geheim@proxy.test:3128")
        self.assertEqual(wrong.returncode, 2)
        for each in (shown, wrong):
            self.assertNotIn("geheim", each.stdout + each.stderr)


class OtherNetworks(NetworkTest):
    def test_a_log_in_page_is_told_from_another_program(self):
        hotel = portal()
        self.addCleanup(hotel.close)
        box = self.lonely_box(f"http://127.0.0.1:{hotel.port}")
        told = self.wait_text(box, "captive portal")
        self.assertIn("http://login.hotel.test", told["text"])
        self.assertIn("Log in to the network", told["remedy"])
        step = self.failing(box)
        self.assertEqual((step["step"], step["code"]), ("server", "link.captive_portal"))
        other = Answers("HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        self.addCleanup(other.close)
        self.go_to(box, f"http://127.0.0.1:{other.port}")
        self.wait_text(box, "is no Troupe server")
        self.assertEqual(self.failing(box)["code"], "link.no_server")

    def test_a_linked_box_says_that_a_log_in_page_took_its_servers_place(self):
        server = self.server()
        box = self.lonely_box(server.url)
        server.take_in(box)
        port = server.port
        server.stop()
        hotel = portal()
        self.addCleanup(hotel.close)
        self.go_to(box, f"http://127.0.0.1:{hotel.port}")
        link = until(lambda: box.link() if box.link()["code"] == "link.captive_portal" else None, "it is told")
        self.assertIn("captive portal", link["text"])
        self.assertIn("Log in", link["remedy"])
        server.start()
        self.go_to(box, f"http://127.0.0.1:{port}")
        box.wait_linked()

    def test_ipv6_alone_is_enough(self):
        server = self.server(environment={"TROUPE_SERVER_HTTP_LISTEN": "::1"}, address="::1")
        box = self.lonely_box(f"http://[::1]:{server.port}", {"TROUPE_BOX_HTTP_LISTEN": "::"})
        code = box.wait_code()
        self.assertEqual(server.owner("POST", "/api/v1/pairing", {"code": code}).status, 200)
        box.wait_linked()
        steps = self.steps_of(box)
        self.assertEqual(steps["tcp"]["text"], "It answers at ::1.")
        self.assertEqual(steps["link"]["state"], "good")

    def test_a_clock_that_is_years_off_is_said_with_both_times(self):
        files = certificate(self.folder / "future", "20390101000000Z", "20490101000000Z")
        future = Answers("HTTP/1.1 200 OK\r\nDate: Sat, 01 Jan 2044 12:00:00 GMT\r\nContent-Length: 0\r\n"
                         "Connection: close\r\n\r\n", context=tls_context(files))
        self.addCleanup(future.close)
        box = self.lonely_box(f"https://localhost:{future.port}", {"SSL_CERT_FILE": str(files[0])})
        told = self.wait_text(box, "The box's clock says")
        self.assertIn("the server's says 2044-01-01 12:00", told["text"])
        step = self.failing(box)
        self.assertEqual((step["step"], step["code"]), ("tls", "link.clock"))

    def test_the_command_line_tests_the_running_box(self):
        server = self.server()
        box = self.lonely_box(server.url)
        server.take_in(box)

        def run(*more):
            return subprocess.run([str(BIN / "troupe-box"), "--state", str(box.folder), "--http-port", str(box.port), "test-connection", *more],
                                  capture_output=True, text=True)
        good = run()
        self.assertEqual(good.returncode, 0, good.stdout + good.stderr)
        self.assertIn("has proved that it is this box's server", good.stdout)
        server.stop()
        bad = run()
        self.assertEqual(bad.returncode, 1)
        self.assertIn("FAILED  tcp", bad.stdout)
        self.assertIn("not tried", bad.stdout)
        box.stop()
        self.assertIn("No box answers", run().stderr)


class StatusPage(NetworkTest):
    def screen(self, box, **headers):
        return WebSocket(box.port, "/api/v1/status/live", headers)

    def test_it_shows_the_code_then_the_server_by_itself(self):
        server = self.server()
        box = self.lonely_box(server.url)
        code = box.wait_code()

        def status(screen, check, what):
            def found():
                message = screen.receive_json()
                return message if message["type"] == "status" and check(message) else None
            return until(found, what)
        with self.screen(box, Origin=f"http://127.0.0.1:{box.port}") as screen:
            shown = status(screen, lambda now: now["pairing"].get("code") == code, "the code")
            self.assertTrue(shown["pairing"]["qr"])
            server.pair(code)
            linked = status(screen, lambda now: now["link"]["state"] == "linked", "the link")
            self.assertNotIn("code", linked["pairing"])
        self.assertEqual(box.request("GET", "/status").status, 200)
        with self.assertRaises(Refused):
            self.screen(box, Origin="https://shop.example.com")

    def test_a_browser_shows_it_on_an_attached_screen_and_ends_with_the_box(self):
        self.folder.chmod(0o755)  # the browser runs as nobody
        drm = self.folder / "drm" / "card0-HDMI-A-1"
        drm.mkdir(parents=True)
        (drm / "status").write_text("connected\n")
        told = self.folder / "told"
        told.mkdir()
        told.chmod(0o777)
        browser = self.folder / "browser"
        browser.write_text(f"#!/bin/sh\necho \"$1 $$ $(id -un)\" >>{told}/starts\nexec sleep 1000\n")
        browser.chmod(0o755)

        def starts():
            file = told / "starts"
            return [line.split() for line in file.read_text().splitlines()] if file.exists() else []

        def gone(process):
            try:
                return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
            except OSError:
                return True
        root = os.geteuid() == 0
        environment = {"TROUPE_BOX_SCREEN_FOLDER": str(self.folder / "drm"), "TROUPE_BOX_SCREEN_BROWSER": str(browser)}
        if root:
            box = self.box(environment=environment, name="as-root")
            screen = until(lambda: box.owner("GET", "/api/v1/box").json().get("screen"), "it says what the screen shows")
            self.assertEqual(screen["state"], "as_root")
            self.assertEqual(starts(), [])
            box.stop()
            environment["TROUPE_BOX_SCREEN_USER"] = "nobody"
        box = self.box(environment=environment)
        url, first, person = until(starts, "the browser is started")[0]
        self.assertEqual(url, f"http://localhost:{box.port}/status")
        if root:
            self.assertEqual(person, "nobody")
        until(lambda: box.owner("GET", "/api/v1/box").json()["screen"]["state"] == "showing", "it says so")
        os.kill(int(first), 9)
        second = until(lambda: starts()[1:], "it is started again")[0][1]
        box.kill()
        until(lambda: gone(second), "it ends with a box that was killed")
        box.start()
        third = until(lambda: starts()[2:], "it is started with the box")[0][1]
        box.stop()
        until(lambda: gone(third), "it ends with the box")

    def test_without_a_screen_nothing_is_started(self):
        box = self.box(environment={"TROUPE_BOX_SCREEN_FOLDER": str(self.folder / "none")})
        screen = until(lambda: box.owner("GET", "/api/v1/box").json().get("screen"), "it says what the screen shows")
        self.assertEqual(screen["state"], "no_screen")


if __name__ == "__main__":
    unittest.main()
