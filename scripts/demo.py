"""The running part of scripts/demo: a server, three boxes, a paper room, and the recorded till."""

import contextlib
import json
import secrets
import shutil
import signal
import socket
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "end_to_end"))

import fleet_house  # noqa: E402
import house  # noqa: E402
import pictures  # noqa: E402

FOLDER = ROOT / "build" / "demo"
NOTE = FOLDER / "running.json"
# Odoo's, the server's, the paper room's, a printer's; further boxes and the second printer take the next ones.
BOX_PORT, SERVER_PORT, ROOM_PORT, PRINTER_PORT = 8069, 8080, 8090, 9100
SERVER_AWAY = 60  # seconds
PROBE, HANDSHAKES, STATUS, DRAWER, RECEIPT = 1, (2, 3), (4, 5), (6, 7), 8
MOST_DIFFERENT = 0.005  # share of the dots that may differ from what Odoo's box prints
REVIVALS = 50
# The cellar's box is found on this machine alone: nothing is announced to the network outside.
NEARBY = {"TROUPE_BOX_DISCOVERY_ANNOUNCE": "true", "TROUPE_BOX_DISCOVERY_RESPONDER": "own",
          "TROUPE_BOX_DISCOVERY_INTERFACES": "lo", "TROUPE_SERVER_DISCOVERY_LISTEN": "true",
          "TROUPE_SERVER_DISCOVERY_RESPONDER": "own", "TROUPE_SERVER_DISCOVERY_INTERFACES": "lo"}


def usual_or_free(port):
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("::", port))
        return port
    return house.free_port()


class Till:
    """Sends what was recorded from a real till."""

    def __init__(self, port):
        self.port = port

    def request(self, *arguments):
        return house.request(self.port, *arguments)

    def send(self, *numbers):
        answer = None
        for number in numbers:
            answer = house.replay(self, number)
            if answer.status >= 300 or '"error"' in answer.text:
                raise AssertionError(f"the box answered {answer}")
        return answer

    def whole_dialogue(self):
        self.send(PROBE, *HANDSHAKES, *STATUS, *DRAWER, RECEIPT)


class Demo:
    """A server, a paper room, and three boxes: the shop's came with a token, the kitchen's waits with its code, and
    the cellar's, which knows of no server, is found by itself."""

    def __init__(self, smoke):
        self.folder = FOLDER / ("smoke" if smoke else "state")
        if smoke:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        pick = (lambda port: house.free_port()) if smoke else usual_or_free
        self.programs = []
        try:
            self._start(pick, "instant" if smoke else "real")
        except BaseException:
            self.kill()
            raise

    def _start(self, pick, pace):
        line = self.folder / "scale"
        self.room = house.Room(ports={"counter": pick(PRINTER_PORT), "kitchen": pick(PRINTER_PORT + 1)},
                               http_port=pick(ROOM_PORT), pace=pace, scales={"till": line})
        self.programs.append(self.room)
        self.server = fleet_house.Server(self.folder / "server", ["--server-name", "Corner shop"], NEARBY,
                                         port=pick(SERVER_PORT))
        self.programs.append(self.server.start())
        self.password = self._owner()
        towards = ["--server", self.server.url]
        self.shop = house.Box(self.folder / "shop", ["counter=" + self.room.address(), f"scale=serial:{line}"],
                              port=pick(BOX_PORT), arguments=towards)
        self.programs.append(self.shop)
        self.kitchen = house.Box(self.folder / "kitchen", ["kitchen=" + self.room.address("kitchen")],
                                 port=pick(BOX_PORT + 1), arguments=towards)
        self.programs.append(self.kitchen)
        self.cellar = house.Box(self.folder / "cellar", ["cellar=sim:cellar"], port=pick(BOX_PORT + 2), environment=NEARBY)
        self.programs.append(self.cellar)
        if self.shop.pairing()["state"] != "paired":
            for box, name in ((self.shop, "Shop"), (self.kitchen, "Kitchen"), (self.cellar, "Cellar")):
                named = box.owner("PATCH", "/api/v1/box", {"name": name})
                assert named.status == 200, named
            identifier = self.server.take_in_by_token(self.shop, "The shop")
            renamed = self.server.owner("PATCH", f"/api/v1/boxes/{identifier}", {"name": "Shop"})
            assert renamed.status == 200, renamed
        self.shop.wait_linked()
        for box, device in ((self.shop, "counter"), (self.kitchen, "kitchen")):
            house.until(lambda: state_of(box, device)["state"] == "ready", f"{device} is ready")

    def _owner(self):
        """Sets the server up at its first start; the password is kept beside its state, for the owner alone."""
        kept = self.folder / "owner-password"
        if not kept.exists():
            kept.touch(mode=0o600)
            kept.write_text(secrets.token_hex(6))
            self.server.set_up(password=kept.read_text())
        self._take_token(kept.read_text())
        return kept.read_text()

    def _take_token(self, password):
        """The demo's API token: the one of its last start while the server takes it."""
        kept = self.folder / "owner-token"
        if kept.exists():
            self.server.token = kept.read_text()
            if self.server.owner("GET", "/api/v1/server").status == 200:
                return
        owner = self.server.sign_in(password=password)
        answer = owner.request("POST", "/api/v1/tokens", {"name": "demo", "scope": "manage"})
        kept.touch(mode=0o600)
        kept.write_text(answer.json()["secret"])
        self.server.token = kept.read_text()

    def stop(self):
        codes = [each.stop() for each in reversed(self.programs)]
        return all(code == 0 for code in codes)

    def kill(self):
        for each in self.programs:
            with contextlib.suppress(Exception):
                each.program.kill()

    def last_words(self):
        for each in self.programs:
            print(f"--- {each.program.name}", *each.program.lines[-30:], sep="\n", file=sys.stderr)


def state_of(box, device):
    return next((each["status"] for each in box.device_list() if each["description"]["id"] == device), {"state": ""})


def check_the_shop(demo):
    """The recorded till at the shop's box, as Odoo's page talks to it."""
    room, box = demo.room, demo.shop
    before = room.settled()["receipts"]  # the slip with the code may come out still
    with box.events(after=box.last_event()) as events:
        Till(box.port).whole_dialogue()
        receipt = room.wait_receipts(before + 1)[-1]
        paper = room.paper(receipt["id"])
        side = (paper.width - 512) // 2
        expected = pictures.read_pbm((house.DATA / "08-print-receipt-pillow.pbm").read_bytes()).trimmed()
        different = paper.column_range(side, 512).trimmed().difference(expected)
        assert different <= MOST_DIFFERENT, f"{different:.2%} of the dots differ"
        print(f"  the receipt is on paper ({different:.3%} of its dots differ from Odoo's)")
        house.until(lambda: room.printer()["drawer"] == "open", "the drawer opens")
        print("  the drawer is open")
        confirmed = 0
        while confirmed < 2:
            confirmed += events.receive_json()["type"] == "action.confirmed"
        print("  both actions were told as events")
    for name, port in (("homepage", box.port), ("paper room", room.port), ("server", demo.server.port)):
        page = house.request(port, "GET", "/")
        assert page.status == 200 and b"<html" in page.body.lower(), f"{name}: {page}"
    print("  homepage, paper room and server's pages answer")


def check_the_fleet(demo):
    """The shop came by a token, the kitchen comes by its code, the cellar is found; then a weight, a command, its
    event and its trace."""
    room, server = demo.room, demo.server
    (token,) = server.get("/api/v1/connection-tokens")["tokens"]
    assert (token["note"], token["state"]) == ("The shop", "used_up"), token
    print("  the shop's box came with a connection token")
    room.wait_receipts(1, "kitchen")  # the slip with the code
    code = demo.kitchen.wait_code()
    kitchen = server.take_in(demo.kitchen)
    print(f"  the kitchen's box is connected by its code {code[:4]}-{code[4:]}, which it had printed")
    found = house.until(lambda: next((each for each in server.get("/api/v1/discovery")["found"]
                                      if each.get("name") == "Cellar" and each["answers"]), None), "the cellar's box is found")
    server.owner("POST", "/api/v1/discovery/adopt", {"url": found["url"]})
    server.wait_online(found["id"])
    print("  the cellar's box was found in the network and is connected")
    room.play_scale("weight", grams=742)
    house.until(lambda: any((each["status"].get("details") or {}).get("text") == "0.742"
                            for box in server.boxes() for each in box["devices"]), "the server shows the weight")
    print("  the weight on the scale is on the server: 0.742 kg")
    with server.events(box=kitchen) as events:
        command = server.act(kitchen, "kitchen", "status")
        record = server.wait_command(command["id"], "confirmed")
        room.wait_receipts(2, "kitchen")
        print("  a test ticket, asked for on the server, is on the kitchen's paper")
        told = set()
        while "action.confirmed" not in told:
            told |= {each["type"] for each in events.receive_json()}
        print("  and was told as an event")

    def both_sides():
        spans = server.get(f"/api/v1/traces/{record['trace']['trace']}")["spans"]
        return {each["box"] for each in spans} >= {"", kitchen} and spans
    spans = house.until(both_sides, "the trace has spans of server and box")
    print(f"  its trace has {len(spans)} spans, of the server and of the box")


def smoke():
    demo = Demo(True)
    try:
        check_the_shop(demo)
        check_the_fleet(demo)
        assert demo.stop(), "a program did not end in order"
    except BaseException:
        demo.last_words()
        raise
    finally:
        demo.kill()
    shutil.rmtree(demo.folder, ignore_errors=True)
    print("The demo works.")


def tell(demo):
    room, shop, kitchen, cellar, server = demo.room, demo.shop, demo.kitchen, demo.cellar, demo.server
    waits = kitchen.pairing()
    connect = (f"connect the kitchen's box: on the server, Connect, type  {waits['shown']}  "
               "(its homepage and its slip say so too)"
               if waits.get("shown") else "the kitchen's box is connected already; remove build/demo to begin anew")
    print(f"""
A receipt has come out, as a real till sent it, and the drawer is open.

  Server             http://localhost:{server.port}/      sign in as  {fleet_house.OWNER} / {demo.password}
  Paper room         http://localhost:{room.port}/
  Shop's homepage    http://localhost:{shop.port}/#setup={shop.setup_code()}
  Kitchen's homepage http://localhost:{kitchen.port}/#setup={kitchen.setup_code()}
  Cellar's homepage  http://localhost:{cellar.port}/#setup={cellar.setup_code()}

Try:
  - {connect};
  - the cellar's box knows of no server: open Connect on the server and see it found and connected by itself;
  - drag a weight onto the scale in the paper room and watch it on the server;
  - print a test ticket from the server's page of a box, and open its trace;
  - take the paper away, run  scripts/demo --print , read what the pages say, put a new roll in:
    what waited comes out by itself;
  - kill a box in mid-print:  scripts/demo --print; kill -9 {shop.program.process.pid}
    It is started again here; the homepage asks you whether that receipt came out;
  - kill the server:  kill -9 {server.program.process.pid}   It comes back after a minute; print
    meanwhile: everything arrives there, once;
  - use Odoo's own interface:  curl http://localhost:{shop.port}/hw_proxy/hello

Ctrl-C ends it.""", flush=True)


def watch(demo):
    """Stays until Ctrl-C; starts again what somebody killed, the server after a minute."""
    names = {demo.shop: "The shop's box", demo.kitchen: "The kitchen's box",
             demo.cellar: "The cellar's box", demo.server: "The server"}
    back_at = {}
    for _ in range(REVIVALS):
        dead = None
        while dead is None:
            if not demo.room.program.running():
                sys.exit("The simulator has ended:\n" + "\n".join(demo.room.program.lines[-10:]))
            for each in names:
                if each.program.running():
                    continue
                if each is demo.server and each not in back_at:
                    back_at[each] = time.monotonic() + SERVER_AWAY
                    print(f"The server was killed; it comes back in {SERVER_AWAY} s.", flush=True)
                if time.monotonic() >= back_at.get(each, 0):
                    dead = each
            time.sleep(0.2)
        code = dead.program.wait()
        if code >= 0:
            sys.exit(f"{names[dead]} has ended ({code}):\n" + "\n".join(dead.program.lines[-10:]))
        back_at.pop(dead, None)
        dead.start()
        print(f"{names[dead]} was killed; it runs again as process {dead.program.process.pid}.", flush=True)
    sys.exit("Something was killed too often.")


def interrupted(*_):
    raise KeyboardInterrupt


def run():
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    demo = None
    try:
        demo = Demo(False)
        before = demo.room.printer()["receipts"]
        Till(demo.shop.port).whole_dialogue()
        house.until(lambda: demo.room.printer()["receipts"] > before, "the receipt comes out", 30)
        demo.room.play_scale("weight", grams=355)
        NOTE.write_text(json.dumps({"box": demo.shop.port, "room": demo.room.port}))
        tell(demo)
        watch(demo)
    except KeyboardInterrupt:
        print("\nStopping.")
    finally:
        NOTE.unlink(missing_ok=True)
        if demo:
            demo.stop()


def on_running_demo(*numbers):
    if not NOTE.exists():
        sys.exit("No demo is running here: start scripts/demo in another terminal first.")
    ports = json.loads(NOTE.read_text())
    try:
        Till(ports["box"]).send(*numbers)
    except OSError as problem:
        sys.exit(f"The box does not answer ({problem}). Is the demo still running?")
    print(f"The box has taken it. See http://localhost:{ports['room']}/")


def main():
    chosen = sys.argv[1] if len(sys.argv) > 1 else ""
    if chosen == "--smoke":
        try:
            smoke()
        except AssertionError as problem:
            sys.exit(f"The demo does not work: {problem}")
    elif chosen == "--print":
        on_running_demo(RECEIPT)
    elif chosen == "--drawer":
        on_running_demo(*DRAWER)
    else:
        run()


if __name__ == "__main__":
    main()
