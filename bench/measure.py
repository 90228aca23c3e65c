#!/usr/bin/env python3
"""Measures the release programs and writes build/bench/results.json and the table in
docs/performance.md. Started by scripts/bench, which builds first. It measures; it asserts no times."""

import argparse
import datetime
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "end_to_end"), str(ROOT / "bench")]

import connecting  # noqa: E402
import fleet  # noqa: E402
import house  # noqa: E402
import latency  # noqa: E402
import load  # noqa: E402
import scale_latency  # noqa: E402

RESULTS = ROOT / "build" / "bench"
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
MEMORY_DISK = Path("/dev/shm")  # where a commit costs next to nothing


def machine():
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    compiler = subprocess.run(["g++", "-dumpfullversion"], capture_output=True, text=True, check=False)
    system = next((line.split("=")[1].strip('"') for line in Path("/etc/os-release").read_text().splitlines()
                   if line.startswith("PRETTY_NAME")), "Linux")
    return {"processor": model, "cores": len(os.sched_getaffinity(0)), "kernel": platform.release().split("-")[0],
            "system": system, "compiler": "g++ " + compiler.stdout.strip(),
            "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat()}


def google_benchmark(program, pattern, environment=None):
    """Medians in microseconds by name; nothing when the program was not built."""
    path = house.BIN / program
    if not path.exists():
        return {}
    said = subprocess.run([str(path), f"--benchmark_filter={pattern}", "--benchmark_format=json",
                           "--benchmark_repetitions=5", "--benchmark_report_aggregates_only=true"],
                          capture_output=True, text=True, check=True, cwd=RESULTS,
                          env={**os.environ, **(environment or {})}).stdout
    scale = {"ns": 1e-3, "us": 1, "ms": 1e3, "s": 1e6}
    return {each["run_name"]: round(each["real_time"] * scale[each["time_unit"]], 1)
            for each in json.loads(said)["benchmarks"] if each.get("aggregate_name") == "median"}


def pillow():
    """Pillow may belong to Debian's Python and not to this one; nothing when no Python has it."""
    for python in (sys.executable, "/usr/bin/python3"):
        found = subprocess.run([python, str(ROOT / "bench" / "receipt_against_pillow.py")],
                               capture_output=True, text=True, check=False)
        if found.returncode == 0:
            return json.loads(found.stdout)
    return None


def measure(full, folder, memory_folder):
    def step(name):
        print(f"  {name}", flush=True)
    results = {"machine": machine(), "mode": "full" if full else "quick"}
    step("start to first answer")
    results["start"] = latency.start_to_first_answer(folder / "start", 20)
    step("click to first byte, on the disk and in memory")
    count = 3000 if full else 500
    results["click_on_disk"] = latency.click_to_first_byte(folder / "click", count)
    results["click_in_memory"] = latency.click_to_first_byte(memory_folder / "click", count)
    step("event to page")
    results["event_to_page"] = latency.event_to_page(memory_folder / "events", 2000 if full else 400)
    step("memory")
    results["memory"] = latency.memory(folder / "memory", 10000 if full else 1000)
    step("receipt to bytes")
    results["receipt_us"] = google_benchmark("printer_benchmark", "receipt_to_escpos$")
    results["pillow"] = pillow()
    step("ledger")
    results["ledger_us"] = google_benchmark("ledger_benchmark", ".*", {"TROUPE_BENCH_FOLDER": str(folder)})
    step("weight to page")
    results["scale"] = scale_latency.measure_all(folder / "scale", 200 if full else 40)
    step("boxes that come to their server")
    results["connecting"] = connecting.measure_all(folder / "connecting", 10 if full else 3, 100)
    step("a fleet behind one server")
    results["fleet"] = fleet.measure(folder / "fleet", [1000, 10000] if full else [1000], full)
    if missing := load.tools_missing():
        print(f"  not measured: requests a second, for want of {', '.join(missing)} "
              "(scripts/bootstrap --bench)")
        return results
    step("prints a second")
    rounds, seconds = (5, 5) if full else (3, 2)
    results["prints_on_disk"] = load.prints(folder, folder / "prints", rounds, seconds)
    results["prints_in_memory"] = load.prints(folder, memory_folder / "prints", rounds, seconds)
    step("probes a second, against nginx")
    rounds, seconds = (7, 5) if full else (3, 2)
    results["hello"] = load.hello(folder, rounds, seconds)
    return results


def rows(results):
    """What is measured, the figure, and what was aimed at."""
    disk, memory = results["click_on_disk"], results["click_in_memory"]

    def pair(found):
        return f"p50 {found['p50_us'] / 1e3:.2f} ms, p99 {found['p99_us'] / 1e3:.2f} ms"
    if hello := results.get("hello"):
        medians = hello["median_requests_per_second"]
        yield ("`GET /hw_proxy/hello`, one loop", f"{medians['box']:,.0f}/s; nginx with one worker "
               f"{medians['nginx']:,.0f}/s: **{hello['box_of_nginx']:.2f}** of it", ">= 0.7, aim 0.9")
        if "transport" in medians:
            yield ("the same, the transport alone", f"{medians['transport']:,.0f}/s", "")
    for name, place in (("prints_on_disk", "ledger on disk"), ("prints_in_memory", "ledger in memory")):
        if found := results.get(name):
            yield (f"small prints accepted, {place}, {found['printers']} printers",
                   f"{found['median_accepted_per_second']:,.0f}/s "
                   f"(a commit takes {found['mean_commit_ms']:.2f} ms)", "")
    yield ("click to first byte at the printer, ledger on disk",
           pair(disk["first_byte"]) + f"; {disk['commits_per_print']:.1f} commits a print "
           f"of {disk['mean_commit_us'] / 1e3:.2f} ms", "")
    yield ("the same beyond the commits (ledger in memory)", pair(memory["first_byte"]), "p99 < 2 ms")
    yield ("click to answer, ledger on disk", pair(disk["answer"]), "")
    yield ("printer's word to a page (WebSocket)", pair(results["event_to_page"]), "p99 < 1 ms")
    ours = next(iter(results["receipt_us"].values()), None)
    if ours and results["pillow"]:
        theirs = results["pillow"]["median_us"]
        yield ("receipt (512 x 757 JPEG) to ESC/POS", f"{ours / 1e3:.2f} ms; {results['pillow']['library']} "
               f"to dots only {theirs / 1e3:.2f} ms: **{theirs / ours:.1f} times** faster", ">= 2 times")
    start, memory_found = results["start"], results["memory"]
    yield ("start to first answer", f"median {start['median_ms']:.0f} ms, most {start['most_ms']:.0f} ms "
           f"of {start['count']}", "< 50 ms")
    yield ("resident memory, idle", f"{memory_found['idle_mb']:.1f} MB", "< 15 MB")
    yield (f"the same after {memory_found['prints']:,} prints", f"{memory_found['after_mb']:.1f} MB", "")
    yield from scale_latency.rows(results["scale"])
    yield from connecting.rows(results["connecting"])
    yield from fleet.rows(results["fleet"])


def table(results):
    facts = results["machine"]
    lines = [f"Measured on {facts['date']} ({results['mode']} run): {facts['processor']}, {facts['cores']} cores, "
             f"{facts['system']}, Linux {facts['kernel']}, {facts['compiler']}, release build.", "",
             "| what | measured | aim |", "|---|---|---|"]
    lines += [f"| {what} | {figure} | {aim} |" for what, figure, aim in rows(results)]
    return "\n".join(lines)


def write_page(results):
    page = PAGE.read_text()
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    PAGE.write_text(f"{head}{BEGIN}\n{table(results)}\n{END}{tail}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true",
                        help="more rounds, 10,000 prints, 10,000 boxes; about fifteen minutes")
    parser.add_argument("--no-page", action="store_true", help="leave docs/performance.md as it is")
    options = parser.parse_args()
    RESULTS.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=RESULTS))
    in_memory = MEMORY_DISK if os.access(MEMORY_DISK, os.W_OK) else RESULTS
    memory_folder = Path(tempfile.mkdtemp(prefix="troupe-bench-", dir=in_memory))
    try:
        results = measure(options.full, folder, memory_folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(memory_folder, ignore_errors=True)
    (RESULTS / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    if not options.no_page:
        write_page(results)
    print(table(results))


if __name__ == "__main__":
    main()
