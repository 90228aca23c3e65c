"""Times of single things: from the click to the printer, from the printer to the page, the start;
and memory. One thread plays till, printer and page, so that nothing but the box is measured."""

import contextlib
import json
import select
import socket
import statistics
import time

import house

PRINT = json.dumps({"action": "print", "document": {"operations": [
    {"kind": "text", "content": "Coffee 2.20\n"}, {"kind": "cut"}]}}).encode()
READY, AUTOMATIC_READY, AUTOMATIC_NO_PAPER = b"\x12", b"\x10\x00\x00\x00", b"\x10\x00\x0c\x00"
WAIT = 10.0


class Printer:
    """The least that counts as an ESC/POS printer: answers what the box asks, notes when a job's
    first byte came."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.line, self.rest = None, b""
        self.first_byte, self.ended = None, 0

    def take(self):
        """Reads what has come."""
        if self.line is None:
            self.line, _ = self.listener.accept()
            self.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return
        content = self.line.recv(65536)
        now = time.perf_counter()
        if not content:
            self.line.close()
            self.line, self.rest = None, b""
            return
        data = self.rest + content
        self.rest = b""
        at = 0
        while at < len(data):
            if data[at] == 0x10 and data[at + 1:at + 2] in (b"\x04", b""):
                if len(data) < at + 3:
                    self.rest = data[at:]
                    return
                self.line.sendall(READY)
                at += 3
            elif data.startswith(b"\x1da", at) and len(data) >= at + 3 and self.first_byte is None:
                self.line.sendall(AUTOMATIC_READY)
                at += 3
            else:
                if self.first_byte is None:
                    self.first_byte = now
                at = self._job_bytes(data, at)

    def _job_bytes(self, data, at):
        """Looks for the question at the end of a job, GS r 1 or GS ( H."""
        plain = data.find(b"\x1dr\x01", at)
        named = data.find(b"\x1d(H\x06\x00\x30\x30", at)
        if plain >= 0:
            self.line.sendall(b"\x00")
            self.ended += 1
            return plain + 3
        if named >= 0 and len(data) >= named + 11:
            self.line.sendall(b"\x37\x22" + data[named + 7:named + 11] + b"\x00")
            self.ended += 1
            return named + 11
        self.rest = data[-10:] if len(data) - at > 10 else data[at:]
        return len(data)

    def socket(self):
        return self.line or self.listener


class Desk:
    """A box with that printer, and a till on a connection that stays open."""

    def __init__(self, state):
        self.printer = Printer()
        self.box = house.Box(state, [f"counter=tcp://127.0.0.1:{self.printer.port}"], start=False)
        self.box.start()
        self._serve_until(lambda: self.box.device()["status"]["state"] == "ready")
        self.till = socket.create_connection(("127.0.0.1", self.box.port))
        self.till.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request = (f"POST /api/v1/devices/counter/actions HTTP/1.1\r\nHost: 127.0.0.1:{self.box.port}\r\n"
                        f"Origin: {house.TILL_ORIGIN}\r\nContent-Type: application/json\r\n"
                        f"Content-Length: {len(PRINT)}\r\n\r\n").encode() + PRINT

    def _serve_until(self, check):
        deadline = time.monotonic() + WAIT
        while time.monotonic() < deadline:
            while select.select([self.printer.socket()], [], [], 0.02)[0]:
                self.printer.take()
            with contextlib.suppress(OSError, IndexError):
                if check():
                    return
        raise AssertionError("the box did not find its printer:\n" + self.box.program.output())

    def click(self):
        """One print from click to its end; gives seconds to the first byte and to the answer."""
        self.printer.first_byte = None
        ended, answered, answer = self.printer.ended, None, b""
        begun = time.perf_counter()
        self.till.sendall(self.request)
        while self.printer.ended == ended or answered is None:
            ready, _, _ = select.select([self.till, self.printer.socket()], [], [], WAIT)
            if not ready:
                raise AssertionError("the print got stuck")
            if self.printer.socket() in ready:
                self.printer.take()
            if self.till in ready:
                answer += self.till.recv(65536)
                head, mark, body = answer.partition(b"\r\n\r\n")
                if mark and answered is None:
                    size = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                    if len(body) >= size:
                        answered = time.perf_counter()
                        assert b" 202 " in head[:20], head
        return self.printer.first_byte - begun, answered - begun

    def close(self):
        self.till.close()
        self.box.stop()


def spread(seconds):
    """Median and 99th percentile in microseconds."""
    ordered = sorted(seconds)
    return {"p50_us": round(statistics.median(ordered) * 1e6, 1),
            "p99_us": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1e6, 1),
            "count": len(ordered)}


def click_to_first_byte(state, count):
    desk = Desk(state)
    try:
        for _ in range(50):
            desk.click()
        before = [desk.box.metric(f"troupe_ledger_commit_seconds_{what}") for what in ("sum", "count")]
        times = [desk.click() for _ in range(count)]
        after = [desk.box.metric(f"troupe_ledger_commit_seconds_{what}") for what in ("sum", "count")]
    finally:
        desk.close()
    commits = after[1] - before[1]
    return {"first_byte": spread([first for first, _ in times]),
            "answer": spread([answer for _, answer in times]),
            "commits_per_print": round(commits / count, 2),
            "mean_commit_us": round((after[0] - before[0]) / commits * 1e6, 1) if commits else None}


def event_to_page(state, count):
    """The printer says "no paper"; how long until a page's WebSocket has it."""
    desk = Desk(state)
    times = []
    try:
        with desk.box.events() as page:
            for number in range(count):
                out = number % 2 == 0
                wanted = "ERROR_NO_PAPER" if out else ""
                begun = time.perf_counter()
                desk.printer.line.sendall(AUTOMATIC_NO_PAPER if out else AUTOMATIC_READY)
                while True:
                    ready, _, _ = select.select([page.socket, desk.printer.socket()], [], [], WAIT)
                    if not ready:
                        raise AssertionError("the event got stuck")
                    if desk.printer.socket() in ready:
                        desk.printer.take()
                    if page.socket in ready:
                        event = page.receive_json()
                        came = time.perf_counter()
                        if event["type"] == "device.status" and event["data"]["code"] == wanted:
                            times.append(came - begun)
                            break
    finally:
        desk.close()
    return spread(times)


def start_to_first_answer(state, count):
    """From the start of the process to the answer of the first request, with a state folder that is
    there already."""
    box = house.Box(state)
    box.stop()
    times = []
    request = f"GET /hw_proxy/hello HTTP/1.1\r\nHost: 127.0.0.1:{box.port}\r\n\r\n".encode()
    for _ in range(count):
        begun = time.perf_counter()
        box.start(ready=False)
        while True:
            try:
                with socket.create_connection(("127.0.0.1", box.port), timeout=5) as line:
                    line.sendall(request)
                    assert b"ping" in line.recv(4096)
                    times.append(time.perf_counter() - begun)
                    break
            except ConnectionRefusedError:
                assert box.program.running(), box.program.output()
                time.sleep(0.0002)
        box.stop()
    return {"median_ms": round(statistics.median(times) * 1e3, 1), "most_ms": round(max(times) * 1e3, 1),
            "count": count}


def memory(state, count):
    desk = Desk(state)
    try:
        time.sleep(8)  # idle: what only the start needed has been given back
        idle = desk.box.program.memory_bytes()
        for _ in range(count):
            desk.click()
        return {"idle_mb": round(idle / 1e6, 1), "prints": count,
                "after_mb": round(desk.box.program.memory_bytes() / 1e6, 1)}
    finally:
        desk.close()
