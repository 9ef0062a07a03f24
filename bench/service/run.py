#!/usr/bin/env python3
"""How fast the service is, and what it takes: counting beside `analyze`, from a file to those who are told, requests, start
and memory of a large installation.

    python3 bench/service/run.py             # everything: RESULTS.md beside this file (about half an hour)
    python3 bench/service/run.py --quick     # small inputs, nothing written (a few minutes)
    python3 bench/service/run.py --only delivery

Everything runs on this machine at once, clients too: the figures are ratios within one run, not promises. Python's own
library is enough; where a runtime for functions is installed (`make tools`), they are measured too.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import delivery  # noqa: E402: they want bench/common.py, too
import ingest  # noqa: E402
import load  # noqa: E402
from common import CACHE, after, built, machine, say  # noqa: E402

# When log files of the night of `simulate --tier demo` were delivered that show what is unusual, and an hour before.
NIGHT = [f"20260211T{time}Z" for time in ("0130", "0225", "0235", "0300", "0315")]
SECTIONS = ["counting", "delivery", "told", "requests", "start"]


def counting(binary, work, options):
    """Records a second: the service, and `analyze` over the same files."""
    inputs = {
        "large files": ("--tier", "T3", "--records", int(1.37 * options.records), "--days", round(5.7e-8 * options.records, 4)),
        "one day, files of some hundred": ("--tier", "T3", "--records", options.records, "--days", 1),
    }
    lines = [
        "| input | way | records/s | of `analyze` | processor s | of `analyze`'s | most memory |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for name, what in inputs.items():
        say(f"counting: {name}")
        folder = ingest.simulated(binary, work, "input", *what)
        files = ingest.log_files(folder)
        now = after(files)
        ingest.analyzed(binary, folder)  # once, so that all is in memory
        runs = {"`analyze`": [], "linked folder": [], "S3 port": []}
        for _ in range(options.times):
            wall, cpu, records = ingest.analyzed(binary, folder)
            runs["`analyze`"].append((wall, cpu, 0))
            runs["linked folder"].append(ingest.linked(binary, work, folder, files, now))
            *took, mine = ingest.put(binary, work, folder, files, now)
            runs["S3 port"].append(tuple(took))
        best = {way: min(taken) for way, taken in runs.items()}
        (wall, cpu, _), packed = best["`analyze`"], sum(path.stat().st_size for path in files)
        for way, (took, used, held) in best.items():
            memory = f"{held / 1e6:,.0f} MB" if held else ""
            lines.append(f"| {name}: {records:,} records in {len(files):,} files, {packed / 1e6:,.0f} MB | {way} | {records / took:,.0f} | {wall / took:.2f} | {used:.1f} | {used / cpu:.2f} | {memory} |")
            say(lines[-1])
    return ["## Counting", "", "Both with both processors; the service with 20 rules. The client's own work in the S3 row runs on the same processors.", "", *lines]


def delivered(binary, work, options):
    """Seconds from a file to each kind of delivery."""
    say("delivery")
    runtimes = pathlib.Path(os.environ.get("TRAILSIGHT_TEST_RUNTIMES") or CACHE / "runtimes")
    took = delivery.kinds_of_delivery(binary, work, runtimes, options.files + 1)
    lines = ["| from a log file's put to | median s | p99 s | files |", "|---|---:|---:|---:|"]
    names = {"/http": "a subscriber by HTTP (signed)", "mail": "a mail at the mail server", "/api-destination": "an API destination", "/function": "a function's own request", "log group": "a log group"}
    for name, seconds in took.items():
        median, most, many = delivery.shown(seconds)
        lines.append(f"| {names[name]} | {median:.2f} | {most:.2f} | {many} |")
    folder = ingest.simulated(binary, work, "night", "--tier", "demo")
    seconds = delivery.starts(binary, work, folder, runtimes, NIGHT)
    if seconds:
        median, most, many = delivery.shown(seconds)
        lines.append(f"| the mail that tells an insight's Start, from the put of the file that shows it | {median:.2f} | {most:.2f} | {many} |")
    for line in lines:
        say(line)
    return ["## From a file to those who are told", "", *lines]


def told(fill, options):
    """When insights are told, by the minutes of the calls, and whether it was right to."""
    say("told")
    words = [str(fill), "told", str(options.accounts)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    say(done.stdout)
    before = "Log files counted in the order and at the minute of their delivery: it comes minutes after the calls, as AWS's does."
    return ["## When insights are told", "", before, "", done.stdout.rstrip()]


def asked(binary, work, options):
    say("requests")
    data = work / "data-requests"
    data.mkdir()
    # These clients are one key, and ask more of it than it would be given.
    service = ingest.Service(binary, data, "--requests-per-second", "1000000")
    service.with_trail(rules=ingest.RULES)
    told = load.requests(service, options.seconds)
    service.stop()
    lines = ["| operation | calls/s | service's processor ms a call |", "|---|---:|---:|"]
    lines += [f"| {name} | {rate:,.0f} | {cost:.2f} |" for name, (rate, cost) in told.items()]
    for line in lines:
        say(line)
    return ["## Requests", "", "Four connections of a client in Python, which is what holds them up.", "", *lines]


def started(binary, fill, work, options):
    say(f"start: {options.series} series × 28 days")
    data, now = load.filled(fill, work, options.series)
    service, answers, learned, held = load.start(binary, data, now)
    load.until("what was learned is kept", lambda: load.kept(data), 600)
    service.stop()
    lines = [
        f"{options.series:,} series × 28 days, of which nothing was learned: answers after {answers:.2f} s, has judged all counts after "
        f"{learned:.1f} s, and then holds {held / 1e6:,.0f} MB."
    ]
    service, answers, learned, held = load.start(binary, data, now)
    lines += [
        f"Started again: answers after {answers:.2f} s, goes on after {learned:.1f} s, and holds {held / 1e6:,.0f} MB.",
        "",
    ]
    say(" ".join(lines))
    folder = ingest.simulated(binary, work, "load", "--tier", "T3", "--records", int(options.pace * options.minutes * 60), "--days", 1)
    service.stop()
    now = after(ingest.log_files(folder))
    service = ingest.Service(binary, data, now=now)
    held, files, most = load.memory(service, folder, options.pace, options.minutes * 60, say)
    service.stop()
    lines += [
        f"Under {options.pace:,} records/s for {options.minutes} minutes ({files:,} files) it holds, every twentieth of the time, in MB: "
        + " ".join(f"{each / 1e6:.0f}" for each in held)
        + f"; {most / 1e6:,.0f} at most.",
    ]
    say(lines[-1])
    return ["## Start and memory of a large installation", "", *lines]


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--quick", action="store_true")
    words.add_argument("--only", choices=SECTIONS, help="one section; nothing is written")
    words.add_argument("--binary", type=pathlib.Path, help="one that is built, with bench-service beside it")
    words.add_argument("--work", type=pathlib.Path, default=CACHE / "bench-service", help="where a folder is made for inputs and data directories, which is gone in the end")
    words.add_argument("--records", type=int, default=2_000_000)
    words.add_argument("--times", type=int, default=3, help="runs of which the best counts")
    words.add_argument("--files", type=int, default=100, help="files that are followed to each delivery")
    words.add_argument("--accounts", type=int, default=30, help="made-up accounts of ten days whose insights are looked at")
    words.add_argument("--seconds", type=int, default=10, help="of each kind of request")
    words.add_argument("--series", type=int, default=20_000)
    words.add_argument("--minutes", type=int, default=10, help="of load; an hour for the figure that is promised")
    words.add_argument("--pace", type=int, default=5_000, help="records a second of the load")
    options = words.parse_args()
    if options.quick:
        options.records, options.times, options.files, options.seconds, options.series, options.minutes = 300_000, 1, 15, 2, 2_000, 1
        options.accounts = 3
    binary, fill = (options.binary, options.binary.parent / "bench-service") if options.binary else built()
    options.work.mkdir(parents=True, exist_ok=True)
    wanted = [options.only] if options.only else SECTIONS
    # What else lies there is somebody else's.
    with tempfile.TemporaryDirectory(dir=options.work, ignore_cleanup_errors=True) as made:
        work = pathlib.Path(made)
        sections = {
            "counting": lambda: counting(binary, work, options),
            "delivery": lambda: delivered(binary, work, options),
            "told": lambda: told(fill, options),
            "requests": lambda: asked(binary, work, options),
            "start": lambda: started(binary, fill, work, options),
        }
        parts = [sections[name]() for name in wanted]
    page = ["# The service: how fast it is", "", f"Written by `bench/service/run.py` on {machine()}.", ""]
    text = "\n".join(page) + "\n" + "\n\n".join("\n".join(part) for part in parts) + "\n"
    if options.quick or options.only:
        print(text)
    else:
        (HERE / "RESULTS.md").write_text(text)
        say(f"{HERE / 'RESULTS.md'} is written")


if __name__ == "__main__":
    main()
