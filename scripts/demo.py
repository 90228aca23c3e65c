"""The running part of scripts/demo: a paper room, a box, and the recorded till."""

import contextlib
import json
import shutil
import signal
import socket
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "end_to_end"))

import house  # noqa: E402

FOLDER = ROOT / "build" / "demo"
NOTE = FOLDER / "running.json"
BOX_PORT, ROOM_PORT, PRINTER_PORT = 8069, 8090, 9100  # Odoo's, the paper room's, a printer's
PROBE, HANDSHAKES, STATUS, DRAWER, RECEIPT = 1, (2, 3), (4, 5), (6, 7), 8
MOST_DIFFERENT = 0.005  # share of the dots that may differ from what Odoo's box prints
REVIVALS = 50


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


def start(smoke):
    state = FOLDER / ("smoke-state" if smoke else "state")
    if smoke:
        shutil.rmtree(state, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    pick = (lambda port: house.free_port()) if smoke else usual_or_free
    room = house.Room(ports={"counter": pick(PRINTER_PORT)}, http_port=pick(ROOM_PORT),
                      pace="instant" if smoke else "real")
    try:
        box = house.Box(state, ["counter=" + room.address()], port=pick(BOX_PORT))
        try:
            box.wait_ready()
        except BaseException:
            box.kill()
            raise
    except BaseException:
        room.program.kill()
        raise
    return room, box


def check(room, box):
    """What --smoke holds the whole to."""
    with box.events(after=0) as events:
        Till(box.port).whole_dialogue()
        (receipt,) = room.wait_receipts(1)
        paper = room.paper(receipt["id"])
        side = (paper.width - 512) // 2
        expected = house.read_pbm((house.DATA / "08-print-receipt-pillow.pbm").read_bytes()).trimmed()
        different = paper.column_range(side, 512).trimmed().difference(expected)
        assert different <= MOST_DIFFERENT, f"{different:.2%} of the dots differ"
        print(f"  the receipt is on paper ({different:.3%} of its dots differ from Odoo's)")
        house.until(lambda: room.printer()["drawer"] == "open", "the drawer opens")
        print("  the drawer is open")
        confirmed = 0
        while confirmed < 2:
            confirmed += events.receive_json()["type"] == "action.confirmed"
        print("  both actions were told as events")
    for name, port in (("homepage", box.port), ("paper room", room.port)):
        page = house.request(port, "GET", "/")
        assert page.status == 200 and b"<html" in page.body.lower(), f"{name}: {page}"
    print("  homepage and paper room answer")


def smoke():
    room, box = start(True)
    try:
        check(room, box)
        assert box.stop() == 0, box.program.output()
        assert room.stop() == 0, room.program.output()
    except BaseException:
        print("--- troupe-box", *box.program.lines[-40:], "--- troupe-sim", *room.program.lines[-20:],
              sep="\n", file=sys.stderr)
        raise
    finally:
        box.kill()
        room.program.kill()
    shutil.rmtree(FOLDER / "smoke-state", ignore_errors=True)
    print("The demo works.")


def tell(room, box):
    code = box.setup_code()
    print(f"""
A receipt has come out, as a real till sent it, and the drawer is open.

  Paper room   http://localhost:{room.port}/
  Homepage     http://localhost:{box.port}/#setup={code}      (setup code {code})

Try:
  - take the paper away in the paper room, run  scripts/demo --print , read what the homepage
    says, and put a new roll in: what waited comes out by itself;
  - pull the printer's plug, or switch it off, while a receipt comes out;
  - kill the box in mid-print:  scripts/demo --print; kill -9 {box.program.process.pid}
    It is started again here; the homepage asks you whether that receipt came out;
  - use Odoo's own interface:  curl http://localhost:{box.port}/hw_proxy/hello

Ctrl-C ends it.""", flush=True)


def watch(room, box):
    """Stays until Ctrl-C; starts the box again when somebody killed it."""
    for _ in range(REVIVALS):
        while box.program.running():
            if not room.program.running():
                sys.exit("The simulator has ended:\n" + "\n".join(room.program.lines[-10:]))
            time.sleep(0.2)
        code = box.program.wait()
        if code >= 0:
            sys.exit(f"The box has ended ({code}):\n" + "\n".join(box.program.lines[-10:]))
        box.start()
        print(f"The box was killed; it runs again as process {box.program.process.pid}.", flush=True)
    sys.exit("The box was killed too often.")


def interrupted(*_):
    raise KeyboardInterrupt


def run():
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    room, box = start(False)
    try:
        Till(box.port).whole_dialogue()
        house.until(lambda: room.printer()["receipts"] >= 1, "the receipt comes out")
        NOTE.write_text(json.dumps({"box": box.port, "room": room.port}))
        tell(room, box)
        watch(room, box)
    except KeyboardInterrupt:
        print("\nStopping.")
    finally:
        NOTE.unlink(missing_ok=True)
        box.stop()
        room.stop()


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
