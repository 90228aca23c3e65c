"""What may stand between a box and its server: a proxy, a log-in page, a server with another clock."""

import base64
import contextlib
import select
import socket
import ssl
import subprocess
import threading
from pathlib import Path


class Listener:
    """Takes connections on loopback, each on a thread of its own, until it is closed."""

    def __init__(self, host="127.0.0.1"):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.create_server((host, 0), family=family)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                taken, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(taken,), daemon=True).start()

    def _serve(self, taken):
        with contextlib.suppress(OSError), taken:
            self.serve(taken)

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def read_head(taken):
    """The head of a request as its first line and its fields."""
    head = b""
    while b"\r\n\r\n" not in head:
        part = taken.recv(65536)
        if not part:
            return "", {}
        head += part
    lines = head.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    return lines[0], {name.lower(): text.strip() for name, _, text in (line.partition(":") for line in lines[1:])}


class Proxy(Listener):
    """Opens ways by CONNECT. It alone knows `names` (name -> port on loopback)."""

    def __init__(self, names, login=None, forbidden=()):
        self.names, self.login, self.forbidden = dict(names), login, set(forbidden)
        self.asked = []  # "CONNECT name:port"
        self.open = set()
        super().__init__()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def refusal(self, name, fields):
        if self.login:
            expected = "Basic " + base64.b64encode(":".join(self.login).encode()).decode()
            if fields.get("proxy-authorization") != expected:
                return "407 Proxy Authentication Required", 'Proxy-Authenticate: Basic realm="shop"\r\n'
        if name in self.forbidden:
            return "403 Forbidden", ""
        if name not in self.names:
            return "503 Service Unavailable", "X-Squid-Error: ERR_DNS_FAIL 0\r\n"
        return None

    def serve(self, taken):
        line, fields = read_head(taken)
        method, _, rest = line.partition(" ")
        target = rest.partition(" ")[0]
        self.asked.append(f"{method} {target}")
        name = target.rpartition(":")[0]
        refused = self.refusal(name, fields) if method == "CONNECT" else ("405 Method Not Allowed", "")
        if refused:
            status, more = refused
            taken.sendall(f"HTTP/1.1 {status}\r\n{more}Content-Length: 0\r\n\r\n".encode())
            return
        with socket.create_connection(("127.0.0.1", self.names[name])) as far:
            taken.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self.open.add(taken)
            self.carry(taken, far)
            self.open.discard(taken)

    @staticmethod
    def carry(one, other):
        while True:
            for ready in select.select([one, other], [], [])[0]:
                part = ready.recv(65536)
                if not part:
                    return
                (other if ready is one else one).sendall(part)

    def close(self):
        super().close()
        for each in list(self.open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


class Answers(Listener):
    """Gives everybody the same answer; by TLS when it has a context."""

    def __init__(self, answer, host="127.0.0.1", context=None):
        self.answer, self.context = answer, context
        super().__init__(host)

    def serve(self, taken):
        if self.context:
            taken = self.context.wrap_socket(taken, server_side=True)
        read_head(taken)
        taken.sendall(self.answer.encode())
        with contextlib.suppress(OSError):
            taken.shutdown(socket.SHUT_WR)
            taken.recv(1)


def portal():
    """The log-in page of a hotel: sends everybody there."""
    return Answers("HTTP/1.1 302 Found\r\nLocation: http://login.hotel.test/hello\r\nContent-Length: 0\r\n"
                   "Connection: close\r\n\r\n")


def certificate(folder, begin, end):
    """A certificate for localhost, valid between two times ("20390101000000Z"); gives its files."""
    folder = Path(folder)
    folder.mkdir()
    (folder / "ca.cnf").write_text(f"""
[ca]
default_ca = own
[own]
database = {folder}/index.txt
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = any
x509_extensions = extensions
[any]
commonName = supplied
[extensions]
basicConstraints = critical, CA:TRUE
subjectAltName = DNS:localhost
""")
    (folder / "index.txt").touch()
    (folder / "serial").write_text("01\n")

    def run(*command):
        subprocess.run(["openssl", *command], check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    run("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem",
        "-subj", "/CN=localhost", "-out", "request.pem")
    run("ca", "-batch", "-selfsign", "-config", "ca.cnf", "-keyfile", "key.pem", "-in", "request.pem",
        "-startdate", begin, "-enddate", end, "-notext", "-out", "certificate.pem")
    return folder / "certificate.pem", folder / "key.pem"


def tls_context(files):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*map(str, files))
    return context
