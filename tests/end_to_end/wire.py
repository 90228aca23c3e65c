"""HTTP, JSON-RPC, WebSocket and msgpack as a stranger would write them: an independent implementation
of what the box speaks, on the standard library alone."""

import base64
import contextlib
import hashlib
import http.client
import json
import os
import socket
import struct
import threading
import time

PATIENCE = 15.0  # seconds that any single answer may take before a test fails


class Answer:
    """An HTTP answer; header names in lower case."""

    def __init__(self, status, headers, body):
        self.status, self.body = status, body
        self.headers = {}
        for name, content in headers:
            self.headers.setdefault(name.lower(), content)
        self.header_list = [(name.lower(), content) for name, content in headers]

    def json(self):
        return json.loads(self.body)

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def __repr__(self):
        return f"<{self.status} {self.text[:400]}>"


def request(port, method, path, body=None, headers=None, timeout=PATIENCE, address="127.0.0.1"):
    """One request on a connection of its own. A dict or list as body is sent as JSON."""
    headers = dict(headers or {})
    if isinstance(body, (dict, list)):
        body = json.dumps(body).encode()
        headers.setdefault("Content-Type", "application/json")
    if isinstance(body, str):
        body = body.encode()
    connection = http.client.HTTPConnection(address, port, timeout=timeout)
    try:
        connection.connect()
        names = {name.lower() for name in headers}
        connection.putrequest(method, path, skip_host="host" in names, skip_accept_encoding=True)
        for name, content in headers.items():
            connection.putheader(name, content)
        if "content-length" not in names and "transfer-encoding" not in names:
            if body is not None or method in ("POST", "PUT", "PATCH"):
                connection.putheader("Content-Length", str(len(body or b"")))
        # A server may refuse by the head alone and close: its answer is there all the same.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.endheaders(body or None)
        answer = connection.getresponse()
        return Answer(answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


def rpc(port, path, params, headers=None, number=1, timeout=PATIENCE):
    """A JSON-RPC call as Odoo's pages make it; gives the whole answer."""
    body = {"jsonrpc": "2.0", "id": number, "method": "call", "params": params}
    return request(port, "POST", path, body, headers, timeout)


class Closed(Exception):
    """The WebSocket was closed by the other side."""

    def __init__(self, code, reason=""):
        super().__init__(f"closed with {code} {reason}")
        self.code, self.reason = code, reason


class Refused(Exception):
    """The handshake got another answer than 101."""

    def __init__(self, status, body):
        super().__init__(f"handshake answered {status}: {body[:300]!r}")
        self.status, self.body = status, body


class WebSocket:
    """A WebSocket client without extensions."""

    def __init__(self, port, path, headers=None, protocols=(), receive_buffer=None, timeout=PATIENCE):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect(("127.0.0.1", port))
        self.buffer = b""
        self.closed = False
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket",
                 "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
        if protocols:
            lines.append("Sec-WebSocket-Protocol: " + ", ".join(protocols))
        lines += [f"{name}: {content}" for name, content in (headers or {}).items()]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.buffer:
            self._read_more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        first, *rest = head.decode("latin-1").split("\r\n")
        self.headers = {name.lower(): content.strip()
                        for name, _, content in (line.partition(":") for line in rest)}
        status = int(first.split()[1])
        if status != 101:
            with contextlib.suppress(OSError):
                while len(self.buffer) < int(self.headers.get("content-length", 0)):
                    self._read_more()
            self.socket.close()
            raise Refused(status, self.buffer)
        expected = base64.b64encode(hashlib.sha1(
            (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        assert self.headers.get("sec-websocket-accept") == expected, self.headers
        self.protocol = self.headers.get("sec-websocket-protocol", "")

    def _read_more(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise Closed(1006, "the connection ended")
        self.buffer += piece

    def _take(self, size):
        while len(self.buffer) < size:
            self._read_more()
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def send(self, content, opcode=None):
        if opcode is None:
            opcode = 1 if isinstance(content, str) else 2
        data = content.encode() if isinstance(content, str) else content
        size = len(data)
        head = bytes([0x80 | opcode])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 65536:
            head += bytes([0x80 | 126]) + struct.pack(">H", size)
        else:
            head += bytes([0x80 | 127]) + struct.pack(">Q", size)
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))
        self.socket.sendall(head + mask + masked)

    def _frame(self):
        first, second = self._take(2)
        assert not second & 0x80, "a server must not mask"
        size = second & 0x7f
        if size == 126:
            size = struct.unpack(">H", self._take(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", self._take(8))[0]
        return first & 0x80, first & 0x0f, self._take(size)

    def receive(self, timeout=PATIENCE):
        """The next message: str or bytes. Raises Closed, or TimeoutError."""
        deadline = time.monotonic() + timeout
        message, kind = b"", None
        while True:
            self.socket.settimeout(max(0.001, deadline - time.monotonic()))
            final, opcode, payload = self._frame()
            if opcode == 8:
                code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
                with contextlib.suppress(OSError):
                    self.send(payload[:2], 8)
                self.close_socket()
                raise Closed(code, payload[2:].decode("utf-8", "replace"))
            if opcode == 9:
                self.send(payload, 10)
                continue
            if opcode == 10:
                continue
            kind = opcode or kind
            message += payload
            if final:
                return message.decode() if kind == 1 else message

    def receive_json(self, timeout=PATIENCE):
        return json.loads(self.receive(timeout))

    def close_socket(self):
        """Cuts the connection without a word."""
        if not self.closed:
            self.closed = True
            self.socket.close()

    def close(self):
        with contextlib.suppress(OSError):
            self.send(struct.pack(">H", 1000), 8)
        self.close_socket()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Wire:
    """What lies between a client and a server on this machine, byte for byte, until somebody cuts it."""

    def __init__(self, target):
        self.target, self.whole, self.guard, self.ends = target, True, threading.Lock(), set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near):
        try:
            far = socket.create_connection(("127.0.0.1", self.target), PATIENCE)
        except OSError:
            near.close()
            return
        far.settimeout(None)
        with self.guard:
            if self.whole:
                self.ends |= {near, far}
        if near not in self.ends:
            near.close()
            far.close()
            return
        back = threading.Thread(target=self._carry, args=(far, near), daemon=True)
        back.start()
        self._carry(near, far)
        back.join()
        with self.guard:
            self.ends -= {near, far}
        near.close()
        far.close()

    @staticmethod
    def _carry(here, there):
        with contextlib.suppress(OSError):
            while piece := here.recv(65536):
                there.sendall(piece)
        for each in (here, there):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def cut(self):
        """All connections end at once, and no new one comes to be until mend()."""
        with self.guard:
            self.whole = False
            for each in self.ends:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def mend(self):
        with self.guard:
            self.whole = True

    def close(self):
        self.cut()
        self.listener.close()


def read_msgpack(data):
    """Decodes one whole msgpack value."""
    content, end = _msgpack_at(data, 0)
    assert end == len(data), "bytes behind the value"
    return content


_FIXED = {0xca: ">f", 0xcb: ">d", 0xcc: ">B", 0xcd: ">H", 0xce: ">I", 0xcf: ">Q",
          0xd0: ">b", 0xd1: ">h", 0xd2: ">i", 0xd3: ">q"}
_SIZED = {0xd9: ("text", 1), 0xda: ("text", 2), 0xdb: ("text", 4), 0xc4: ("bytes", 1),
          0xc5: ("bytes", 2), 0xc6: ("bytes", 4), 0xdc: ("list", 2), 0xdd: ("list", 4),
          0xde: ("map", 2), 0xdf: ("map", 4)}


def _msgpack_at(data, at):
    tag = data[at]
    at += 1
    if tag < 0x80:
        return tag, at
    if tag >= 0xe0:
        return tag - 256, at
    if tag in (0xc0, 0xc2, 0xc3):
        return {0xc0: None, 0xc2: False, 0xc3: True}[tag], at
    if tag in _FIXED:
        size = struct.calcsize(_FIXED[tag])
        return struct.unpack(_FIXED[tag], data[at:at + size])[0], at + size
    if tag in _SIZED:
        kind, size = _SIZED[tag]
        count = int.from_bytes(data[at:at + size], "big")
        at += size
    elif tag < 0x90:
        kind, count = "map", tag & 0x0f
    elif tag < 0xa0:
        kind, count = "list", tag & 0x0f
    elif tag < 0xc0:
        kind, count = "text", tag & 0x1f
    else:
        raise ValueError(f"msgpack tag {tag:#x}")
    if kind in ("text", "bytes"):
        content = data[at:at + count]
        assert len(content) == count
        return (content.decode() if kind == "text" else content), at + count
    if kind == "list":
        out = []
        for _ in range(count):
            item, at = _msgpack_at(data, at)
            out.append(item)
        return out, at
    out = {}
    for _ in range(count):
        name, at = _msgpack_at(data, at)
        out[name], at = _msgpack_at(data, at)
    return out, at
