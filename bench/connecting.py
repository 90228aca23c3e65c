#!/usr/bin/env python3
"""How a box comes to its server: from power-on to the code on paper, and a hundred boxes by code at once.

    bench/connecting.py [--boxes 100] [--rounds 10]

The programs are the real ones, the printer is simulated and prints at the speed of a real one. Power-on is the start
of the box's process: what the machine takes before that is not in it. Part of scripts/bench.
"""

import argparse
import concurrent.futures
import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "end_to_end"))

import house  # noqa: E402
from fleet_house import Server  # noqa: E402

PATIENCE = 60
DEVICES = ["printer=sim:printer"]


def power_on_to_paper(folder, server, rounds):
    """Seconds until the slip with the code lies there, whole."""
    took = []
    for number in range(rounds):
        room = house.Room("counter", pace="real")
        begun = time.monotonic()
        box = house.Box(folder / f"paper-{number}", [f"counter={room.address()}"], arguments=["--server", server.url])
        room.wait_receipts(1, seconds=PATIENCE)
        took.append(time.monotonic() - begun)
        box.stop()
        room.stop()
    return {"median_s": statistics.median(took), "most_s": max(took), "count": rounds}


def at_once(folder, server, count):
    """Every code is typed the moment it is there; seconds from the first of them to the last box that is linked."""
    boxes = [house.Box(folder / f"box-{number}", DEVICES, arguments=["--server", server.url], start=False) for number in range(count)]
    with concurrent.futures.ThreadPoolExecutor(16) as people:
        list(people.map(lambda box: box.start(), boxes))
        codes = list(people.map(lambda box: box.wait_code(PATIENCE), boxes))
        server.key()
        begun = time.monotonic()
        taken = list(people.map(server.pair, codes))
        for box in boxes:
            house.until(lambda each=box: each.pairing()["state"] == "paired", "the box is paired", PATIENCE)
        for identifier in taken:
            server.wait_online(identifier, seconds=PATIENCE)
    took = time.monotonic() - begun
    online = sum(each["online"] for each in server.boxes())
    list(concurrent.futures.ThreadPoolExecutor(16).map(lambda box: box.stop(), boxes))
    return {"boxes": count, "connected": online, "seconds": took}


def measure_all(folder, rounds, boxes):
    folder.mkdir(parents=True, exist_ok=True)
    server = Server(folder / "server").start()
    try:
        return {"paper": power_on_to_paper(folder, server, rounds), "at_once": at_once(folder, server, boxes)}
    finally:
        server.stop()


def rows(found):
    paper, crowd = found["paper"], found["at_once"]
    yield ("power-on to the code on paper", f"median {paper['median_s']:.1f} s, most {paper['most_s']:.1f} s of {paper['count']}", "< 5 s")
    yield (f"{crowd['boxes']} boxes by code at once (each a process)",
           f"{crowd['connected']} connected, the last after {crowd['seconds']:.1f} s", "all")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--boxes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="troupe-bench-"))
    try:
        print(json.dumps(measure_all(folder, options.rounds, options.boxes), indent=1))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
