#!/usr/bin/env python3
"""How fast Trailsight gets from gzipped log files to insights, beside the limit and beside other ways to count the same.

    python3 bench/speed/run.py            # everything: RESULTS.md and speed.svg beside this file
    python3 bench/speed/run.py --quick    # small inputs, one repetition, nothing written
    python3 bench/speed/run.py --help

Makes the inputs, lets every tool count them once with all cells written down and compares those, then measures: every run is
a process of its own, all tools take turns, and what is reported is the median. See README.md for what is fair and what not.
"""

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from common import CACHE, ROOT, say  # noqa: E402

NO_INSIGHT, INSIGHTS = 0, 10  # exit codes of `analyze`
FIGURES = {"records", "counted", "failed", "cells"}


# ── What runs ────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Tool:
    """One way to do the work."""

    def __init__(self, name, command, startup=None, is_threaded=True, counts=True, dump=None):
        self.name = name
        self.command = command  # (folder, threads) → words
        self.startup = startup  # words: what it costs to begin at all; taken off
        self.is_threaded = is_threaded
        self.counts = counts  # its totals must be everybody's
        self.dump = dump  # (folder, threads, file) → words


def tools(binary, limit):
    python = sys.executable

    def peer(name, script, startup, **more):
        words = lambda folder, threads, *rest: [python, HERE / "peers" / script, folder, threads, *rest]
        return Tool(name, words, [python, "-c", startup], dump=words, **more)

    plain = [python, HERE / "peers" / "chdb_query.py", "--plain"]
    chdb = "import chdb; chdb.query('SELECT 1')"
    analyze = lambda folder, threads: [binary, "analyze", folder, "--threads", threads, "--data-events", "--format", "ndjson"]
    return [
        Tool("libdeflate alone", lambda folder, _: [limit, folder], is_threaded=False, counts=False),
        Tool("trailsight analyze", analyze),
        peer("chDB", "chdb_query.py", chdb),
        Tool("chDB, copies counted twice", lambda *rest: [*plain, *rest], [python, "-c", chdb], counts=False),
        peer("DuckDB", "duckdb_query.py", "import duckdb; duckdb.connect().execute('SELECT 1')"),
        peer("Polars", "polars_query.py", "import polars"),
        peer("Python loop", "python_loop.py", "import gzip, orjson", is_threaded=False),
    ]


# ── One process, measured ────────────────────────────────────────────────────────────────────────────────────────────────


class Run:
    """What one process took and said."""

    def __init__(self, cpu, wall, peak, out, err):
        self.cpu, self.wall, self.peak, self.out, self.err = cpu, wall, peak, out, err


def run(command, cores):
    words = [str(word) for word in command]
    started = datetime.datetime.now()
    pin = lambda: os.sched_setaffinity(0, cores)
    # Files, not pipes: nobody waits for a reader, and a name for every rejected file fits.
    with tempfile.TemporaryFile("w+") as told, tempfile.TemporaryFile("w+") as complained:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=told, stderr=complained, preexec_fn=pin)
        _, status, used = os.wait4(process.pid, 0)
        wall = (datetime.datetime.now() - started).total_seconds()
        told.seek(0)
        complained.seek(0)
        out, err = told.read(), complained.read()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (NO_INSIGHT, INSIGHTS):
        fail(f"{' '.join(words)} ended with {process.returncode}:\n{err[-2000:]}")
    unit = 1 if platform.system() == "Darwin" else 1024
    return Run(used.ru_utime + used.ru_stime, wall, used.ru_maxrss * unit, out, err)


def fail(why):
    sys.exit(f"bench/speed: {why}")


# ── Inputs ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def simulate(binary, folder, what, *options):
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    words = [str(word) for word in (binary, "simulate", "--seed", 7, "--out", folder, *options)]
    say(f"{what}: {' '.join(words[1:])}")
    subprocess.run(words, check=True, stderr=subprocess.DEVNULL)
    (folder / "truth.json").unlink()  # no log file; only tools that take what ends in .json.gz would not see it
    return folder


def inputs(binary, work, options):
    records = options.records
    made = {
        # T3 is so busy that its files are full. So many of its records are some minutes of it; 1.37 times as many are asked
        # for as its nights are quieter than its days.
        "large": ("large files", "--tier", "T3", "--records", int(1.37 * records), "--days", round(5.7e-8 * records, 4)),
        "medium": ("one day, files of some hundred", "--tier", "T3", "--records", records, "--days", 1),
        "small": ("small files", "--tier", "T1", "--records", options.small_records),
    }
    names = [name for name in options.inputs.split(",") if name]
    for name in names:
        if name not in made:
            fail(f"there is no input `{name}`: {', '.join(made)}")
    return {name: simulate(binary, work / name, *made[name]) for name in names}


class Shape:
    """What an input is."""

    def __init__(self, folder, limit_run, records):
        files, packed, inflated = (int(number) for number in re.findall(r"\d+", limit_run.out))
        self.files, self.packed, self.inflated, self.records = files, packed, inflated, records

    def __str__(self):
        return (
            f"{self.records:,} records of {self.inflated / self.records:,.0f} bytes in {self.files:,} files "
            f"({self.records / self.files:,.0f} a file), {self.inflated / 1e6:,.0f} MB, packed {self.packed / 1e6:,.0f}"
        )


# ── Does everybody count the same? ───────────────────────────────────────────────────────────────────────────────────────


def reconciliation(err):
    """The line that `analyze` ends with."""
    line = next((line for line in err.splitlines() if line.startswith("read ")), "")
    parts = re.match(
        r"read (\d+) records? of \d+ files? = (\d+) counted \+ (\d+) duplicates? \+ (\d+) filtered.* \+ (\d+) rejected", line
    )
    if not parts:
        fail(f"no reconciliation line in:\n{err[-500:]}")
    read, counted, duplicates, filtered, rejected = (int(number) for number in parts.groups())
    return {"read": read, "counted": counted, "duplicates": duplicates, "filtered": filtered, "rejected": rejected}


def check(all_tools, folder, binary, cores, work):
    """Lets every peer write down its cells, holds them together, and asks ours for the sums of some of them."""
    first, lines = None, None
    for tool in all_tools:
        if not tool.dump:
            continue
        path = work / "cells.tsv"
        run(tool.dump(folder, len(cores), path), cores)
        told = path.read_text().splitlines()
        if first is None:
            first, lines = tool.name, told
        elif told != lines:
            others, mine = set(lines), set(told)
            some = [f"  only {first}: {cell}" for cell in sorted(others - mine)[:5]]
            some += [f"  only {tool.name}: {cell}" for cell in sorted(mine - others)[:5]]
            fail(f"{tool.name} and {first} count differently:\n" + "\n".join(some))
    if lines is None:
        say("  nobody to compare with")
        return None
    places, apis, calls = {}, {}, 0
    for line in lines:
        _, account, region, source, name, _, count = line.split("\t")
        for sums, key in ((places, ("--account", account, "--region", region)), (apis, ("--source", source, "--name", name))):
            sums[key] = sums.get(key, 0) + int(count)
        calls += int(count)
    busiest = sorted(apis, key=apis.get, reverse=True)[:4]
    rare = sorted(apis, key=lambda key: (apis[key], key))[:2]
    asked = {(): calls, **places, **{key: apis[key] for key in busiest + rare}}
    for options, expected in asked.items():
        words = [binary, "analyze", folder, "--data-events", "--format", "ndjson", *options]
        told = reconciliation(run(words, cores).err)
        if told["counted"] != expected or told["rejected"]:
            fail(f"analyze {' '.join(options)} counts {told}, the others {expected}")
    say(f"  all count the same: {calls:,} calls in {len(lines):,} cells; analyze agrees in {len(asked)} sums of them")
    return calls


# ── Measuring ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def measure(all_tools, folders, cores, repetitions):
    """Runs of every (input, tool, number of threads), interleaved."""
    one, runs, totals = {min(cores)}, {}, {}
    for repetition in range(repetitions):
        for name, folder in folders.items():
            for tool in all_tools:
                for threads, on in ((1, one), (len(cores), cores)):
                    is_second = on is cores
                    if is_second and (len(cores) == 1 or not tool.is_threaded):
                        continue
                    done = run(tool.command(folder, threads), on)
                    runs.setdefault((name, tool.name, threads), []).append(done)
                    if tool.counts:
                        compare_totals(totals, name, tool, done)
            say(f"  {name}: {repetition + 1} of {repetitions}")
    startups = {}
    for tool in all_tools:
        if tool.startup:
            startups[tool.name] = statistics.median(run(tool.startup, one).cpu for _ in range(3))
    return runs, startups


def compare_totals(totals, name, tool, done):
    if tool.name == "trailsight analyze":
        line = reconciliation(done.err)
        told = {"records": line["read"], "counted": line["counted"]}
    else:
        told = json.loads(done.out)
    expected = totals.setdefault(name, {})
    for figure in FIGURES & told.keys():
        if expected.setdefault(figure, told[figure]) != told[figure]:
            fail(f"{tool.name} tells {told} of {name}, another {expected}")


def detector(cores):
    """The counts of 20,000 series × 28 days through the detector, on one core."""
    words = ["cargo", "run", "--quiet", "--release", "-p", "detect", "--example", "series_speed"]
    subprocess.run([*words[:1], "build", "--quiet", *words[3:]], cwd=ROOT, check=True)
    pin = lambda: os.sched_setaffinity(0, {min(cores)})
    return subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True, preexec_fn=pin).stdout.strip()


def memory(binary, work, cores, options):
    """Peaks of `analyze` where there is much."""
    records = options.memory_records
    told = []
    for what, *made in (
        ("large files", "--tier", "T3", "--records", int(1.37 * records), "--days", round(5.7e-8 * records, 4)),
        ("20 accounts, small files", "--tier", "T2", "--records", records // 2, "--days", 14),
    ):
        folder = simulate(binary, work / "memory", what, *made)
        for threads in sorted({1, len(cores)}):
            words = [binary, "analyze", folder, "--data-events", "--reads", "--threads", threads, "--format", "ndjson"]
            done = run(words, cores)
            read = reconciliation(done.err)["read"]
            files = sum(1 for _ in folder.rglob("*.json.gz"))
            told.append((what, read, files, threads, done.peak, done.cpu, done.wall))
            say(f"  {what}: {read:,} records, {threads} threads: peak {done.peak / 2**20:.0f} MiB, {done.wall:.1f} s")
        shutil.rmtree(folder)
    return told


# ── Telling ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Figures:
    """Medians, and ratios of runs that were neighbours in time."""

    def __init__(self, runs, startups):
        self.runs, self.startups = runs, startups

    def cpus(self, name, tool, threads=1):
        return [done.cpu - self.startups.get(tool, 0) for done in self.runs[name, tool, threads]]

    def rate(self, name, tool, records, threads=1):
        return records / statistics.median(self.cpus(name, tool, threads))

    def faster(self, name, tool, other):
        """How many times less processor time `tool` takes than `other`, one core."""
        pairs = zip(self.cpus(name, tool), self.cpus(name, other), strict=True)
        return statistics.median(theirs / ours for ours, theirs in pairs)

    def scaling(self, name, tool, threads):
        """How many times less time passes on so many cores than on one."""
        pairs = zip(self.runs[name, tool, 1], self.runs[name, tool, threads], strict=True)
        return statistics.median(one.wall / many.wall for one, many in pairs)

    def peak(self, name, tool, threads):
        return max(done.peak for done in self.runs[name, tool, threads])


def results(figures, shapes, all_tools, cores, options, binary, detected, remembered):
    ours, limit = "trailsight analyze", "libdeflate alone"
    names = [tool.name for tool in all_tools]
    many = len(cores)
    lines = ["# Speed", ""]
    lines += [f"{machine()}; {many} cores used; {datetime.date.today()}; {versions()}."]
    lines += [f"Medians of {options.repetitions} interleaved runs; {commit(options)}. Made by `run.py`; README.md says how to read it.", ""]

    lines += ["## Ratios", "", "One core each, processor time.", ""]
    lines += ["| | asked | " + " | ".join(shapes) + " |", "|---|---|" + "---|" * len(shapes)]
    asked = {limit: "0.50 on large files", "chDB": "1.6 on large, 5 on small files"}
    for other in names:
        if other == ours:
            continue
        row = [f"{figures.faster(name, ours, other):.2f}" for name in shapes]
        lines.append(f"| ours beside {other} | {asked.get(other, '')} | " + " | ".join(row) + " |")
    if many > 1:
        row = [f"{figures.scaling(name, ours, many):.2f}" for name in shapes]
        lines.append(f"| ours on {many} cores beside one, time passed | {'1.8' if many == 2 else ''} | " + " | ".join(row) + " |")
    row = [f"{max(figures.peak(name, ours, threads) for threads in {1, many}) / 2**20:.0f} MiB" for name in shapes]
    lines.append("| ours, most memory | 300 MiB | " + " | ".join(row) + " |")

    for name, shape in shapes.items():
        lines += ["", f"## {name.capitalize()}", "", f"{shape}.", ""]
        lines += [f"| | records per CPU-second, one core | MB/s | beside {limit} | seconds passed, one core | on {many} | most memory |"]
        lines += ["|---|---|---|---|---|---|---|"]
        order = sorted(names, key=lambda tool: -figures.rate(name, tool, shape.records))
        for tool in order:
            rate = figures.rate(name, tool, shape.records)
            walls = {
                threads: f"{statistics.median(done.wall for done in figures.runs[name, tool, threads]):.2f}"
                for threads in {1, many}
                if (name, tool, threads) in figures.runs
            }
            share = 1 / figures.faster(name, limit, tool) if tool != limit else 1
            peak = max(figures.peak(name, tool, threads) for threads in walls)
            label = f"**{tool}**" if tool == ours else tool
            megabytes = rate * shape.inflated / shape.records / 1e6
            lines.append(
                f"| {label} | {rate:,.0f} | {megabytes:,.0f} | {share:.3f} | {walls[1]} | "
                f"{walls.get(many, '') if many > 1 else ''} | {peak / 2**20:.0f} MiB |"
            )
    startups = ", ".join(f"{tool} {seconds:.2f} s" for tool, seconds in figures.startups.items())
    if startups:
        lines += ["", f"Start-up is taken off the peers' processor time ({startups}), not off ours, nor off time passed."]
    if detected:
        lines += ["", "## The detector alone", "", "20,000 series over 28 days, three times: told of all at once, day by day, hour by hour. Asked: 5 s. Minute counts in memory to findings, one core.", "", "```text", detected, "```"]
    if remembered:
        lines += ["", "## Memory", "", "`analyze --data-events --reads`: everything is watched and logged. Asked: 300 MiB.", ""]
        lines += ["| | records | files | threads | most memory | CPU-seconds | seconds passed |", "|---|---|---|---|---|---|---|"]
        for what, read, files, threads, peak, cpu, wall in remembered:
            lines.append(f"| {what} | {read:,} | {files:,} | {threads} | {peak / 2**20:.0f} MiB | {cpu:.1f} | {wall:.1f} |")
    return "\n".join(lines) + "\n"


def machine():
    model = platform.processor() or platform.machine()
    try:
        model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text()).group(1)
        memory_kib = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1))
        load = f", load {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
        return f"{model}, {os.cpu_count()} cores, {memory_kib / 2**20:.0f} GiB, {platform.system()} {platform.release()}{load}"
    except (OSError, AttributeError):
        return f"{model}, {os.cpu_count()} cores, {platform.system()}"


def versions():
    pinned = re.findall(r"^(\w+)==(\S+)", (HERE / "requirements.txt").read_text(), re.MULTILINE)
    return ", ".join(f"{name} {version}" for name, version in pinned if name != "matplotlib")


def commit(options):
    if options.binary:
        return f"the binary was given, not built: sha256 {hashlib.sha256(options.binary.read_bytes()).hexdigest()[:12]}"
    git = ["git", "-C", ROOT]
    told = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    changed = subprocess.run([*git, "status", "--porcelain", "crates"], capture_output=True, text=True).stdout.strip()
    return f"commit {told or 'unknown'}{' and changes' if changed else ''}"


def plot(figures, shapes, all_tools, path):
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "trailsight"
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, len(shapes), figsize=(5.4 * len(shapes), 3.2), squeeze=False)
    for axes, (name, shape) in zip(panels[0], shapes.items()):
        rates = sorted((figures.rate(name, tool.name, shape.records), tool.name) for tool in all_tools)
        colors = ["#d9480f" if tool.startswith("trailsight") else "#ced4da" if "alone" in tool else "#868e96" for _, tool in rates]
        bars = axes.barh([tool for _, tool in rates], [rate for rate, _ in rates], color=colors)
        axes.bar_label(bars, [f"{rate / 1e3:,.0f} k" for rate, _ in rates], padding=3, fontsize=8)
        axes.set_xscale("log")
        axes.set_xlim(1e4, 5e6)  # the same for all: where a logarithmic axis begins decides how long its bars look
        axes.set_title(f"{name}: {shape.records / shape.files:,.0f} records a file", fontsize=10)
        axes.set_xlabel("records per CPU-second, one core (log)", fontsize=9)
        axes.tick_params(labelsize=8)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


# ── Beginning ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def enter_venv():
    """Goes on in an environment of our own, which has exactly what requirements.txt says."""
    home = CACHE / "bench-venv"
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    if pathlib.Path(sys.prefix) == home:
        return
    wanted = hashlib.sha256((HERE / "requirements.txt").read_bytes()).hexdigest()
    stamp = home / "requirements.sha256"
    if not stamp.exists() or stamp.read_text() != wanted:
        say(f"installing the peers into {home}")
        if not python.exists():
            venv.create(home, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", HERE / "requirements.txt"], check=True)
        stamp.write_text(wanted)
    os.execv(python, [str(python), str(HERE / "run.py"), *sys.argv[1:]])


def build(options):
    """Our binary and the limit."""
    cargo = ["cargo", "build", "--release", "--quiet"]
    metadata = subprocess.run(
        ["cargo", "metadata", "--no-deps", "--format-version", "1"], cwd=ROOT, check=True, capture_output=True
    )
    release = pathlib.Path(json.loads(metadata.stdout)["target_directory"]) / "release"
    limit = release / "examples" / "inflate_only"
    binary = options.binary and options.binary.resolve()
    if not binary:
        say("building trailsight")
        subprocess.run([*cargo, "-p", "trailsight"], cwd=ROOT, check=True)
        binary = release / "trailsight"
    if not (options.binary and limit.exists()):
        say("building the limit")
        subprocess.run([*cargo, "-p", "record", "--example", "inflate_only"], cwd=ROOT, check=True)
    return binary, limit


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="small inputs, one repetition; prints the table, writes nothing")
    parser.add_argument("--records", type=int, help="about so many records in large files (1000000; quick: 100000)")
    parser.add_argument("--small-records", type=int, help="about so many records in small files (150000; quick: 20000)")
    parser.add_argument("--inputs", default="large,medium,small", help="which of large,medium,small")
    parser.add_argument("--tools", help="only tools whose name has one of these words, and ours and the limit: chdb,duckdb")
    parser.add_argument("--repetitions", type=int, help="runs of each, of which the median is told (3; quick: 1)")
    parser.add_argument("--cores", type=int, help="use so many cores (all)")
    parser.add_argument("--binary", type=pathlib.Path, help="measure this binary, build none")
    parser.add_argument("--memory", action="store_true", help="also: most memory on larger inputs (some minutes, some GB of disk)")
    parser.add_argument("--memory-records", type=int, default=5_000_000, help="how large (5000000)")
    parser.add_argument("--no-detector", action="store_true", help="leave out the detector alone")
    parser.add_argument("--work", type=pathlib.Path, default=CACHE / "bench-speed", help="folder for the inputs")
    parser.add_argument("--out", type=pathlib.Path, default=HERE, help="folder for RESULTS.md and speed.svg")
    options = parser.parse_args()
    options.records = options.records or (100_000 if options.quick else 1_000_000)
    options.small_records = options.small_records or (20_000 if options.quick else 150_000)
    options.repetitions = options.repetitions or (1 if options.quick else 3)
    if not hasattr(os, "sched_setaffinity"):
        fail("processes are pinned to cores, which this does on Linux only")
    enter_venv()

    cores = set(sorted(os.sched_getaffinity(0))[: options.cores])
    binary, limit = build(options)
    all_tools = tools(binary, limit)
    if options.tools:
        words = [word.lower() for word in ("trailsight", "libdeflate", *options.tools.split(","))]
        all_tools = [tool for tool in all_tools if any(word in tool.name.lower() for word in words)]
    folders = inputs(binary, options.work, options)
    shapes = {}
    for name, folder in folders.items():
        say(f"checking {name}")
        check(all_tools, folder, binary, cores, options.work)
        records = reconciliation(run([binary, "analyze", folder, "--data-events"], cores).err)["read"]
        shapes[name] = Shape(folder, run([limit, folder], cores), records)
    say("measuring")
    runs, startups = measure(all_tools, folders, cores, options.repetitions)
    figures = Figures(runs, startups)
    detected = None if options.no_detector or options.quick else detector(cores)
    remembered = memory(binary, options.work, cores, options) if options.memory else None

    text = results(figures, shapes, all_tools, cores, options, binary, detected, remembered)
    print(text)
    if not options.quick:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "RESULTS.md").write_text(text, encoding="utf-8")
        plot(figures, shapes, all_tools, options.out / "speed.svg")


if __name__ == "__main__":
    main()
