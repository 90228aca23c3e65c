#!/usr/bin/env python3
"""From a new weight on a serial line at 9600 baud to the page: how long it takes, and what asking all the time costs.

    bench/scale_latency.py [--weights 200] [--bin build/release/bin]

The scale is this program, on a pseudo-terminal: it answers W as a Mettler-Toledo 8217 does, each byte in the time that
9600 baud 7E1 take. The page is a WebSocket on /api/v1/events. The time counts from the moment at which the scale
would first say the new weight. Part of scripts/bench.
"""

import argparse
import os
import pty
import random
import statistics
import sys
import tempfile
import threading
import time
import tty
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "end_to_end"))
BYTE = 10 / 9600


class Scale(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.ours, self.theirs = pty.openpty()
        tty.setraw(self.theirs)
        self.path = os.ttyname(self.theirs)
        self.grams, self.questions = 0, 0

    def run(self):
        while True:
            for byte in os.read(self.ours, 64):
                time.sleep(BYTE)
                if chr(byte & 0x7f) != "W":
                    continue
                self.questions += 1
                answer = b"\x02%06.3f\r" % (self.grams / 1000)
                time.sleep(0.002)  # what the scale's processor needs
                for each in answer:
                    time.sleep(BYTE)
                    os.write(self.ours, bytes([each]))


def cpu_seconds(process):
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(box, scale, count, reading):
    """Milliseconds from a new weight to the page."""
    times = []
    action = "start_reading" if reading else "stop_reading"
    assert box.till("POST", f"/api/v1/devices/{box.device_id()}/actions", {"action": action}).status == 202
    with box.events() as events:
        for number in range(count):
            time.sleep(random.uniform(0.15, 0.35))
            grams = 1000 + number
            changed = time.monotonic()
            scale.grams = grams
            while True:
                event = events.receive_json()
                if event["type"] == "device.value" and event["data"]["details"]["text"] == f"{grams / 1000:.3f}":
                    break
            times.append((time.monotonic() - changed) * 1000)
    times.sort()
    return {"count": count, "p50_ms": statistics.median(times), "p99_ms": times[int(len(times) * 0.99) - 1],
            "most_ms": times[-1]}


def measure_all(folder, weights):
    from house import Box  # pylint: disable=import-outside-toplevel
    scale = Scale()
    scale.start()
    box = Box(folder / "state", [f"scale=serial:{scale.path}"])
    try:
        box.wait_device(lambda now: now["state"] == "trouble" or now["state"] == "ready", "the scale is tried")
        box.owner("PATCH", f"/api/v1/devices/{box.device_id()}", {"language": "mettler_toledo_8217"})
        box.wait_ready()
        found = {"idle": measure(box, scale, weights, False), "reading": measure(box, scale, weights, True)}
        box.till("POST", f"/api/v1/devices/{box.device_id()}/actions", {"action": "stop_reading"})
        asked, used, begun = scale.questions, cpu_seconds(box.program.process.pid), time.monotonic()
        time.sleep(10)
        span = time.monotonic() - begun
        found["questions_per_second"] = (scale.questions - asked) / span
        found["percent_of_core"] = (cpu_seconds(box.program.process.pid) - used) / span * 100
        return found
    finally:
        box.stop()


def rows(found):
    """What is measured, the figure, and what was aimed at."""
    for name, what in (("reading", "weight to page at 9600 baud, while somebody reads"),
                       ("idle", "the same, nobody reads")):
        each = found[name]
        yield what, f"p50 {each['p50_ms']:.0f} ms, p99 {each['p99_ms']:.0f} ms", "< 100 ms"
    yield ("a scale that nobody reads", f"{found['percent_of_core']:.1f} % of a core, "
           f"{found['questions_per_second']:.0f} questions a second", "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=int, default=200)
    parser.add_argument("--bin", default=str(ROOT / "build" / "release" / "bin"))
    options = parser.parse_args()
    os.environ["TROUPE_BIN_DIR"] = options.bin
    with tempfile.TemporaryDirectory(prefix="troupe-bench-") as folder:
        for what, figure, _ in rows(measure_all(Path(folder), options.weights)):
            print(f"{what}: {figure}")


if __name__ == "__main__":
    main()
