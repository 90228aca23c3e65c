"""Boxes are found by asking addresses: ours by their signed announcement, forged and stock ones told apart.
Only addresses of this machine itself are asked."""

import json
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from fleet_house import FleetTest


class Discover(FleetTest):
    def stranger(self, answers):
        """A machine that answers these paths; gives its port."""
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = answers.get(self.path.split("?")[0])
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_):
                pass
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_address[1]

    def test_a_box_a_forged_one_and_a_stock_one(self):
        it, _, box, identifier = self.fleet()
        copied = box.request("GET", "/api/v1/announcement?nonce=0123456789abcdef").body
        forged = self.stranger({"/api/v1/announcement": copied})
        stock = self.stranger({"/hw_proxy/hello": b"ping"})
        silent = self.stranger({})
        self.login(it)
        ports = [option for port in (box.port, forged, stock, silent) for option in ("--port", str(port))]
        said = json.loads(self.troupe("discover", "127.0.0.1", *ports, "--json"))
        kinds = {each["url"]: each["kind"] for each in said["found"]}
        self.assertEqual(kinds, {f"http://127.0.0.1:{box.port}/": "box", f"http://127.0.0.1:{forged}/": "forged",
                                 f"http://127.0.0.1:{stock}/": "odoo"})
        (mine,) = [each for each in said["found"] if each["kind"] == "box"]
        self.assertEqual((mine["id"], mine["paired"]), (identifier, True))
        shown = self.troupe("discover", "127.0.0.1", *ports)
        self.assertIn("has a server", shown)
        self.assertIn("its signature is wrong", shown)
        self.assertIn("Odoo's box", shown)
        self.assertIn("No box answers", self.troupe("discover", "127.0.0.1", "--port", str(silent)))

    def test_only_private_networks_and_only_so_many(self):
        it = self.server()
        it.set_up()
        self.login(it)
        for wrong, words in (("8.8.8.0/24", "private"), ("10.0.0.0/8", "more than 4096"), ("home", "no range")):
            self.troupe("discover", wrong, code=1)
            self.assertIn(words, self.errors)


if __name__ == "__main__":
    unittest.main()
