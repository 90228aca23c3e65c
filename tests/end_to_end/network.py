"""Networks of our own for tests: hosts are network namespaces, wires are veth pairs, switches are bridges. Nothing
of it touches the machine's own network. Where the machine forbids it, `forbidden()` says why."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET, CLONE_NEWUTS, CLONE_NEWNS = 0x40000000, 0x04000000, 0x00020000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000


def forbidden():
    """Why no networks can be made here; empty: they can."""
    if os.geteuid() != 0:
        return "networks of our own need root"
    if not shutil.which("ip"):
        return "the command ip (iproute2) is missing"
    name = f"troupe-try-{os.getpid()}"
    tried = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
    if tried.returncode == 0:
        wire = subprocess.run(["ip", "-n", name, "link", "add", "wire1", "type", "veth", "peer", "name", "wire2"], capture_output=True, text=True)
        subprocess.run(["ip", "netns", "del", name], capture_output=True)
        return wire.stderr.strip()
    return tried.stderr.strip()


def run(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


class Network:
    """Everything that one test made."""
    count = 0

    def __init__(self):
        self.hosts, self.processes = [], []
        Network.count += 1
        self.mark = f"tr{os.getpid() % 100000}{Network.count}"
        self.switch = Host(self, "switch")

    def segment(self, name):
        """A switch that passes multicast on to everybody."""
        self.switch.ip("link", "add", name, "type", "bridge", "mcast_snooping", "0", "forward_delay", "0")
        self.switch.ip("link", "set", name, "up")
        return name

    def host(self, name):
        return Host(self, name)

    def end(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for host in self.hosts:
            subprocess.run(["ip", "netns", "del", host.namespace], capture_output=True)


class Host:
    """A machine: its own network and host name."""

    def __init__(self, network, name):
        self.network, self.name = network, name
        self.namespace = f"{network.mark}-{name}"
        run("ip", "netns", "add", self.namespace)
        network.hosts.append(self)
        self.wires = 0
        self.name_servers = None  # a file as /etc/resolv.conf, for programs of this host
        self.ip("link", "set", "lo", "up")

    def ip(self, *arguments):
        return run("ip", "-n", self.namespace, *arguments)

    def plug(self, segment, *addresses, interface="eth0"):
        """Connects it to a segment, with addresses like 192.168.7.2/24 or fd07::2/64."""
        self.wires += 1
        far = f"{self.name[:9]}{self.wires}"
        self.ip("link", "add", interface, "type", "veth", "peer", "name", far, "netns", self.network.switch.namespace)
        self.network.switch.ip("link", "set", far, "master", segment, "up")
        self.ip("link", "set", interface, "up")
        for address in addresses:
            self.address("add", address, interface)
        if self.wires == 1:
            self.ip("route", "add", "224.0.0.0/4", "dev", interface)
        return self

    def address(self, what, address, interface="eth0"):
        more = ["nodad"] if ":" in address and what == "add" else []
        self.ip("addr", what, address, "dev", interface, *more)

    def link(self, state, interface="eth0"):
        self.ip("link", "set", interface, state)

    def enter(self):
        """Moves the calling thread (or a child before it becomes another program) into this host."""
        with open(f"/run/netns/{self.namespace}", "rb") as file:
            if LIBC.setns(file.fileno(), CLONE_NEWNET) != 0 or LIBC.unshare(CLONE_NEWUTS) != 0:
                raise OSError(ctypes.get_errno(), "the host cannot be entered")
        socket.sethostname(self.name)
        if self.name_servers:
            LIBC.unshare(CLONE_NEWNS)
            LIBC.mount(None, b"/", None, MS_REC | MS_PRIVATE, None)
            if LIBC.mount(str(self.name_servers).encode(), b"/etc/resolv.conf", None, MS_BIND, None) != 0:
                raise OSError(ctypes.get_errno(), "the name servers cannot be set")

    def do(self, work):
        """Does some work as from this host: what it opens is in its network."""
        outcome = {}

        def body():
            try:
                self.enter()
                outcome["value"] = work()
            except BaseException as problem:  # handed to the caller
                outcome["problem"] = problem
        thread = threading.Thread(target=body)
        thread.start()
        thread.join()
        if "problem" in outcome:
            raise outcome["problem"]
        return outcome["value"]

    def start(self, *command, environment=None):
        """A helper program that ends with the network."""
        process = subprocess.Popen(list(map(str, command)), preexec_fn=self.enter, env={**os.environ, **(environment or {})},
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.network.processes.append(process)
        return process


def avahi(host, folder):
    """The machine's Avahi on a host, with a D-Bus of its own; gives the environment by which programs find it."""
    folder = Path(folder)
    folder.mkdir(parents=True)
    bus = folder / "bus"
    (folder / "bus.conf").write_text(f"""<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={bus}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy>
</busconfig>""")
    (folder / "avahi.conf").write_text("[server]\nallow-interfaces=eth0\nuse-ipv4=yes\nuse-ipv6=yes\n[publish]\npublish-workstation=no\n"
                                       "publish-hinfo=no\n")
    environment = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={bus}"}
    host.start("dbus-daemon", "--nofork", "--nopidfile", "--config-file", folder / "bus.conf")
    deadline = time.monotonic() + 20
    while not bus.exists():
        assert time.monotonic() < deadline, "D-Bus does not start"
        time.sleep(0.02)
    # Its process file has a fixed place: each daemon sees a /run of its own.
    script = ("mount -t tmpfs tmpfs /run && mkdir -p /run/avahi-daemon && chown avahi:avahi /run/avahi-daemon && "
              f"exec avahi-daemon --no-rlimits --no-drop-root --no-chroot --file {folder / 'avahi.conf'}")
    host.start("unshare", "-m", "sh", "-c", script, environment=environment)
    return environment
