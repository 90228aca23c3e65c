"""Requests a second, against nginx on the same machine in the same run."""

import contextlib
import json
import re
import shutil
import statistics
import subprocess
from pathlib import Path

import house

CONNECTIONS = 64
NGINX = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  default_type text/plain;
  server {{
    listen 127.0.0.1:{port};
    location = /hw_proxy/hello {{ return 200 "ping"; }}
  }}
}}
"""
PRINTS = """
local devices = {{{devices}}}
number, taken, refused, other = 0, 0, 0, 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Origin"] = "{origin}"
local body = '{{"action":"print","document":{{"operations":[{{"kind":"text","content":"Coffee 2.20\\\\n"}},{{"kind":"cut"}}]}}}}'
function setup(thread) loader = thread end
function request()
  number = number + 1
  return wrk.format(nil, "/api/v1/devices/" .. devices[number % #devices + 1] .. "/actions", nil, body)
end
function response(status)
  if status == 202 then taken = taken + 1 elseif status == 503 then refused = refused + 1
  else other = other + 1 end
end
function done(summary)
  io.write(string.format("STATUSES %d %d %d\\n", loader:get("taken"), loader:get("refused"), loader:get("other")))
end
"""


def wrk(port, path, seconds, connections=CONNECTIONS, script=None):
    """One run; gives requests a second, latencies, and what the script counted."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    if script:
        command += ["-s", str(script)]
    said = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True,
                          check=True).stdout
    found = {"requests_per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])}
    for share in ("50", "99"):
        amount, unit = re.search(rf"{share}%\s+([\d.]+)(us|ms|s)", said).groups()
        found[f"p{share}_us"] = float(amount) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]
    if bad := re.search(r"Non-2xx or 3xx responses: (\d+)", said):
        found["refused"] = int(bad[1])
    if counted := re.search(r"STATUSES (\d+) (\d+) (\d+)", said):
        found["taken"], found["refused"], found["other"] = map(int, counted.groups())
    return found


@contextlib.contextmanager
def nginx(folder):
    """One worker with what the probe answers."""
    folder.mkdir(parents=True, exist_ok=True)
    port = house.free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder, port=port))
    process = subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-p", str(folder),
                                "-c", str(configuration)], stderr=subprocess.DEVNULL)
    try:
        def answers():
            with contextlib.suppress(OSError):
                return house.request(port, "GET", "/hw_proxy/hello").body == b"ping"
            return False
        house.until(answers, "nginx answers")
        yield port
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def bare_server():
    """The transport alone, when scripts/bench has built it."""
    program = house.BIN / "transport_hello"
    if not program.exists():
        yield None
        return
    port = house.free_port()
    process = subprocess.Popen([str(program), str(port)], stdout=subprocess.PIPE, text=True)
    try:
        process.stdout.readline()
        yield port
    finally:
        process.terminate()
        process.wait(10)


def hello(folder, rounds, seconds):
    """The probe: nginx, the box and the bare transport in turn, so that all meet the same weather."""
    box = house.Box(folder / "hello-state")
    try:
        with nginx(folder / "nginx") as nginx_port, bare_server() as bare_port:
            ports = {"nginx": nginx_port, "box": box.port, "transport": bare_port}
            runs = {name: [] for name, port in ports.items() if port}
            for port in filter(None, ports.values()):
                wrk(port, "/hw_proxy/hello", 1)
            for _ in range(rounds):
                for name in runs:
                    runs[name].append(wrk(ports[name], "/hw_proxy/hello", seconds))
    finally:
        box.stop()
    medians = {name: statistics.median(each["requests_per_second"] for each in found)
               for name, found in runs.items()}
    shares = [box_run["requests_per_second"] / nginx_run["requests_per_second"]
              for box_run, nginx_run in zip(runs["box"], runs["nginx"])]
    return {"connections": CONNECTIONS, "rounds": rounds, "seconds": seconds, "runs": runs,
            "median_requests_per_second": medians, "box_of_nginx": statistics.median(shares)}


def prints(folder, place, rounds, seconds, printers=4, connections=32):
    """Prints accepted and printed, on a box with several quick printers."""
    names = [f"printer-{number}" for number in range(printers)]
    room = house.Room(*names)
    box = house.Box(place, [f"{name}={room.address(name)}" for name in names])
    script = folder / "prints.lua"
    try:
        house.until(lambda: all(each["status"]["state"] == "ready" for each in box.device_list()), "ready")
        script.write_text(PRINTS.format(devices=", ".join(json.dumps(name) for name in names),
                                        origin=house.TILL_ORIGIN))
        found = []
        for _ in range(rounds):
            run = wrk(box.port, "/", seconds, connections, script)
            run["accepted_per_second"] = run["taken"] / seconds
            house.until(lambda: sum(each["status"]["waiting"] for each in box.device_list()) == 0,
                        "all is printed", 120)
            found.append(run)
        papers = sum(room.printer(name)["receipts"] for name in names)
        commits = box.metric("troupe_ledger_commit_seconds_count")
        mean = box.metric("troupe_ledger_commit_seconds_sum") / commits if commits else None
    finally:
        box.stop()
        room.stop()
    return {"printers": printers, "connections": connections, "seconds": seconds, "runs": found,
            "median_accepted_per_second": statistics.median(each["accepted_per_second"] for each in found),
            "accepted": sum(each["taken"] for each in found), "papers": papers,
            "mean_commit_ms": mean * 1e3 if mean else None}


def tools_missing():
    missing = [tool for tool in ("wrk",) if not shutil.which(tool)]
    if not shutil.which("nginx") and not Path("/usr/sbin/nginx").exists():
        missing.append("nginx")
    return missing
