#!/usr/bin/env python3
"""A fleet of simulated boxes linked to one server, and mosquitto beside it.

    bench/fleet.py                    1,000 boxes, about a minute
    bench/fleet.py --full             1,000, then 10,000 boxes, about five minutes
    bench/fleet.py --boxes 3000       so many boxes

Writes JSON to standard output, what it does to standard error. The programs come from
build/release/bin, or from TROUPE_BIN_DIR. Part of scripts/bench. It measures; it asserts no times.
"""

import argparse
import contextlib
import http.client
import json
import os
import random
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "end_to_end"))

import house  # noqa: E402
from fleet_house import Server  # noqa: E402
from wire import WebSocket  # noqa: E402

PAGES, LINKS, BATCH = 200, 100, 100
EVENT_BYTES = 290  # of one of link_load's events as a page gets it
READERS_PATIENCE = 60  # seconds for what pages still get when the flood is over
PATIENCE = 600  # seconds until all boxes are there


def say(text):
    print(f"  {text}", file=sys.stderr, flush=True)


def cpu_seconds(process):
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_bytes(process):
    return next(int(line.split()[1]) * 1024 for line in Path(f"/proc/{process.pid}/status").read_text().splitlines()
                if line.startswith("VmRSS:"))


def percent_of_core(processes, seconds):
    """Processor time of each process within so many seconds, in percent of a core."""
    before, begun = [cpu_seconds(each) for each in processes], time.monotonic()
    time.sleep(seconds)
    span = time.monotonic() - begun
    return [round((cpu_seconds(each) - used) / span * 100, 1) for each, used in zip(processes, before)]


def percentiles(milliseconds):
    ordered = sorted(milliseconds)
    return {"count": len(ordered), "p50_ms": round(statistics.median(ordered), 2),
            "p99_ms": round(ordered[max(0, int(len(ordered) * 0.99) - 1)], 2), "most_ms": round(ordered[-1], 2)}


class Fleet:
    """A server, its owner, and boxes."""

    def __init__(self, folder):
        self.server = Server(folder).start()
        self.owner = self.server.set_up()
        made = self.owner.request("POST", "/api/v1/tokens", {"name": "bench", "scope": "operate"})
        self.token = made.json()["secret"]
        self.url = f"http://127.0.0.1:{self.server.port}"
        self.simulator = None

    @property
    def process(self):
        return self.server.program.process

    def start_boxes(self, count):
        self.simulator = house.Program("troupe-sim", ["fleet", "--boxes", count, "--server", self.url, "--json",
                                                      "--report-ms", 50, "--start-rate", 2000],
                                       {"TROUPE_TOKEN": self.token})

    def report(self):
        """The simulator's newest word on its boxes."""
        for line in reversed(self.simulator.lines[-3:]):
            with contextlib.suppress(ValueError):
                return json.loads(line)
        return {}

    def wait_linked(self, wanted, what):
        def there():
            if self.simulator.ended:
                raise AssertionError("troupe-sim ended: " + self.simulator.output()[-500:])
            return wanted(self.report().get("linked", 0))
        begun = time.monotonic()
        house.until(there, what, PATIENCE, 0.02)
        return time.monotonic() - begun

    def stop(self):
        for each in (self.simulator, self.server.program):
            if each and each.running():
                with contextlib.suppress(AssertionError):
                    each.stop(60)


def round_trips(fleet, count):
    """Click to the answer of the device: a test ticket is asked for, a page sees it confirmed."""
    headers = {"Authorization": "Bearer " + fleet.token}
    listed = fleet.server.request("GET", "/api/v1/boxes?fields=summary&limit=20000", headers=headers, timeout=60).json()
    boxes = [each["id"] for each in listed["boxes"] if each["online"]]
    door = http.client.HTTPConnection("127.0.0.1", fleet.server.port, timeout=30)
    times, chooser = [], random.Random(1)
    with WebSocket(fleet.server.port, "/api/v1/events?type=command.", headers) as page:
        for _ in range(count):
            path = f"/api/v1/boxes/{chooser.choice(boxes)}/devices/counter/actions"
            begun = time.monotonic()
            door.request("POST", path, '{"action":"status"}', {**headers, "Content-Type": "application/json"})
            answer = door.getresponse()
            command = json.loads(answer.read())
            assert answer.status == 202, command
            while not any(event["type"] in ("command.confirmed", "command.failed", "command.unknown")
                          and event["data"]["id"] == command["id"] for event in page.receive_json()):
                pass
            times.append((time.monotonic() - begun) * 1000)
    door.close()
    return percentiles(times)


def reconnect(fleet, count):
    """The server ends in order and starts again."""
    begun = time.monotonic()
    fleet.server.stop()
    fleet.wait_linked(lambda linked: linked < count / 2, "the boxes notice")
    fleet.server.start()
    up = time.monotonic()
    fleet.wait_linked(lambda linked: linked == count, "all boxes come back")
    now = time.monotonic()
    return {"seconds_since_up": round(now - up, 1), "seconds_since_end": round(now - begun, 1)}


def linked_boxes(folder, count, commands, idle_seconds):
    say(f"{count:,} boxes pair and link")
    fleet = Fleet(folder)
    try:
        before = memory_bytes(fleet.process)
        fleet.start_boxes(count)
        seconds = fleet.wait_linked(lambda linked: linked == count, "all boxes are linked")
        worked = [cpu_seconds(fleet.process), cpu_seconds(fleet.simulator.process)]
        time.sleep(5)
        memory = memory_bytes(fleet.process)
        found = {"boxes": count, "all_linked_s": round(seconds, 1),
                 "cpu_s": {"server": round(worked[0], 1), "simulator": round(worked[1], 1)},
                 "server_mb": {"before": round(before / 1e6, 1), "after": round(memory / 1e6, 1)},
                 "kb_per_box": round((memory - before) / count / 1e3, 1),
                 "simulator_kb_per_box": round(memory_bytes(fleet.simulator.process) / count / 1e3, 1)}
        say("idle")
        found["idle_percent_of_core"] = dict(zip(("server", "simulator"), percent_of_core(
            [fleet.process, fleet.simulator.process], idle_seconds)))
        say("commands")
        found["command"] = round_trips(fleet, commands)
        say("the server restarts")
        found["reconnect"] = reconnect(fleet, count)
        return found
    finally:
        fleet.stop()


class Readers:
    """bench/fan_out: many readers of one stream, and what they counted."""

    def __init__(self, *arguments):
        self.program = house.Program("fan_out", arguments)

    def now(self):
        for line in reversed(self.program.lines[-3:]):
            with contextlib.suppress(ValueError):
                return json.loads(line)
        return {"at": 0, "open": 0, "events": 0, "gaps": 0, "published": 0}

    def wait_open(self, count):
        house.until(lambda: self.now()["open"] >= count, f"{count} readers are connected", 120)

    def wait_quiet(self):
        """Until nothing comes any more; gives the count and when it was reached."""
        last = self.now()
        begun = still = time.monotonic()
        while time.monotonic() - still < 3 and time.monotonic() - begun < READERS_PATIENCE:
            time.sleep(0.2)
            now = self.now()
            if now["events"] != last["events"]:
                last, still = now, time.monotonic()
        return last

    def stop(self):
        if self.program.running():
            self.program.stop()


def events_in(folder, seconds, pages):
    """Events that reach the server's disk, with pages that follow all of them."""
    say(f"events in, {pages} pages")
    fleet = Fleet(folder)
    readers = None
    try:
        if pages:
            readers = Readers("pages", f"127.0.0.1:{fleet.server.port}", fleet.token, "", pages)
            readers.wait_open(pages)
        try:
            command = [house.BIN / "link_load", fleet.url, fleet.token, str(LINKS), str(seconds), str(BATCH)]
            load = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 120)
        except subprocess.TimeoutExpired:
            return {"pages": pages, "stopped": "not all was acknowledged within two minutes"}
        if load.returncode != 0:
            return {"pages": pages, "stopped": load.stderr.strip()}
        found = json.loads(load.stdout)
        found["pages"] = pages
        if readers:
            during = readers.now()
            last = readers.wait_quiet()
            found |= {"delivered_while_in": during["events"], "delivered": last["events"], "gaps": last["gaps"],
                      "pages_left": last["open"], "bytes": last["bytes"],
                      "delivered_per_second": round(during["events"] / found["seconds"])}
        return found
    finally:
        if readers:
            readers.stop()
        fleet.stop()


@contextlib.contextmanager
def mosquitto(folder):
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    folder.mkdir(parents=True, exist_ok=True)
    port = house.free_port()
    (folder / "mosquitto.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nlog_type none\n"
                                           "user root\nmax_queued_messages 0\n")

    def more_files():
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    process = subprocess.Popen([program, "-c", str(folder / "mosquitto.conf")], stderr=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, preexec_fn=more_files)
    try:
        def answers():
            with contextlib.suppress(OSError), contextlib.closing(
                    socket.create_connection(("127.0.0.1", port), 1)):
                return True
            return False
        house.until(answers, "mosquitto listens")
        yield process, f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def broker_connections(folder, count):
    say(f"mosquitto, {count:,} connections")
    with mosquitto(folder) as (process, where):
        before = memory_bytes(process)
        readers = Readers("connect", where, count)
        try:
            readers.wait_open(count)
            time.sleep(1)
            return {"connections": count, "kb_per_connection": round((memory_bytes(process) - before) / count / 1e3, 1)}
        finally:
            readers.stop()


def broker_fan_out(folder, seconds, readers_count, size):
    say(f"mosquitto, {readers_count} subscribers, {size} bytes")
    with mosquitto(folder) as (_, where):
        readers = Readers("mqtt", where, "events", readers_count)
        publisher = None
        try:
            readers.wait_open(readers_count)
            publisher = Readers("publish", where, "events", 0, size)
            house.until(lambda: publisher.now()["published"] > 0, "something is published", 30)
            first, sent = readers.now(), publisher.now()
            time.sleep(seconds)
            last, sent_last = readers.now(), publisher.now()
            span, sent_span = last["at"] - first["at"], sent_last["at"] - sent["at"]
            return {"subscribers": readers_count, "bytes": size,
                    "in_per_second": round((sent_last["published"] - sent["published"]) / sent_span),
                    "delivered_per_second": round((last["events"] - first["events"]) / span)}
        finally:
            if publisher:
                publisher.stop()
            readers.stop()


def measure(folder, sizes, full):
    seconds = 8 if full else 4
    found = {"linked": [linked_boxes(folder / f"linked-{count}", count, 1000 if full else 200, 20 if full else 5)
                        for count in sizes],
             "events_in": [events_in(folder / f"events-{pages}", seconds, pages) for pages in (0, PAGES)]}
    if shutil.which("mosquitto") or Path("/usr/sbin/mosquitto").exists():
        told = found["events_in"][1]
        size = round(told["bytes"] / told["delivered"]) if told.get("delivered") else EVENT_BYTES
        found["mosquitto"] = {"memory": [broker_connections(folder / f"broker-{count}", count) for count in sizes],
                              "fan_out": broker_fan_out(folder / "broker", seconds, PAGES, size)}
    else:
        say("not measured: mosquitto, which is missing (scripts/bootstrap --bench)")
    return found


def rows(found):
    """What is measured, the figure, and what was aimed at."""
    broker = found.get("mosquitto", {})
    connections = {each["connections"]: each for each in broker.get("memory", [])}
    for run in found["linked"]:
        boxes = f"{run['boxes']:,} boxes"
        beside = connections.get(run["boxes"])
        yield (f"{boxes}: memory of the server for each", f"{run['kb_per_box']:.1f} kB" + (
            f"; mosquitto {beside['kb_per_connection']:.1f} kB for a connection alone" if beside else ""),
            "<= 30 kB, aim 20")
        yield (f"{boxes}: all paired and linked", f"{run['all_linked_s']:.0f} s", "< 60 s")
        yield (f"{boxes}: the server, idle", f"{run['idle_percent_of_core']['server']:.1f} % of a core", "< 20 %")
        yield (f"{boxes}: a command, click to confirmed", f"p50 {run['command']['p50_ms']:.1f} ms, "
               f"p99 {run['command']['p99_ms']:.1f} ms", "p99 < 20 ms")
        yield (f"{boxes}: all back after the server's restart", f"{run['reconnect']['seconds_since_up']:.0f} s", "")
    for run in found["events_in"]:
        if "stopped" in run:
            yield (f"events in with {run['pages']} pages that follow all",
                   f"none: the server cut a link ({run['stopped']})", "")
            continue
        if not run["pages"]:
            yield ("events in, to the server's disk", f"{run['events_per_second']:,.0f}/s", ">= 50,000/s, aim 200,000")
            continue
        yield (f"events in with {run['pages']} pages that follow all", f"{run['events_per_second']:,.0f}/s; "
               f"{run['delivered_per_second']:,.0f}/s delivered meanwhile", "")
    if fan_out := broker.get("fan_out"):
        yield (f"mosquitto, {fan_out['subscribers']} subscribers, {fan_out['bytes']} bytes each",
               f"{fan_out['in_per_second']:,.0f}/s in; {fan_out['delivered_per_second']:,.0f}/s delivered", "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="1,000 and 10,000 boxes, longer runs")
    parser.add_argument("--boxes", type=int, action="append", help="how many boxes; may be given several times")
    options = parser.parse_args()
    sizes = options.boxes or ([1000, 10000] if options.full else [1000])
    folder = Path(tempfile.mkdtemp(prefix="troupe-bench-fleet-"))
    try:
        found = measure(folder, sizes, options.full)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(found, indent=1))
    for what, figure, aim in rows(found):
        print(f"  {what}: {figure}" + (f" ({aim})" if aim else ""), file=sys.stderr)


if __name__ == "__main__":
    main()
