#!/usr/bin/env python3
"""How fast the lake is asked and filled, and how large it is: beside DuckDB and chDB on the same Parquet files.

    python3 bench/lake/run.py                      # 10 million events: RESULTS.md beside this file
    python3 bench/lake/run.py --records 1000000    # printed, not written

It wants DuckDB, chDB and a Delta reader: `pip install -r bench/lake/requirements.txt`, in a virtual environment; peers that are not
there are left out, and said. All are asked on one thread each, and then on all that the machine has.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "service")]

import ingest  # noqa: E402: it lies beside
from common import CACHE, after, built, delivered_at, fail, machine, say  # noqa: E402
from service import Client, Service, until  # noqa: E402

BUCKET = "my-trail"
# What is asked: for us and DuckDB, and for chDB where it writes it otherwise.
QUESTIONS = {
    "calls a minute of every API": (
        "SELECT count(*) AS n, max(calls) AS most FROM (SELECT date_trunc('minute', eventTime) AS minute, eventSource, eventName, count(*) AS calls FROM events GROUP BY 1, 2, 3)",
        "SELECT count(*) AS n, max(calls) AS most FROM (SELECT toStartOfMinute(assumeNotNull(eventTime)) AS minute, eventSource, eventName, count(*) AS calls FROM events GROUP BY 1, 2, 3)",
    ),
    "identities by refused calls": (
        "SELECT userIdentity.arn AS who, count(*) AS n FROM events WHERE errorCode IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10",
        "SELECT tupleElement(userIdentity, 'arn') AS who, count(*) AS n FROM events WHERE errorCode IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10",
    ),
    "a text anywhere in the event": ("SELECT count(*) AS n FROM events WHERE eventJson LIKE '%{needle}%'", None),
    "addresses of each identity": (
        "SELECT userIdentity.arn AS who, count(DISTINCT sourceIPAddress) AS n FROM events GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10",
        "SELECT tupleElement(userIdentity, 'arn') AS who, count(DISTINCT sourceIPAddress) AS n FROM events GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10",
    ),
    "one API in one hour": (
        "SELECT count(*) AS n FROM events WHERE eventSource = '{source}' AND eventName = '{name}' AND eventTime >= TIMESTAMP '{hour}:00:00' AND eventTime < TIMESTAMP '{hour}:59:59'",
        "SELECT count(*) AS n FROM events WHERE eventSource = '{source}' AND eventName = '{name}' AND eventTime >= toDateTime64('{hour}:00:00', 6, 'UTC') AND eventTime < toDateTime64('{hour}:59:59', 6, 'UTC')",
    ),
    "one event by its id": ("SELECT eventName FROM events WHERE eventID = '{id}'", None),
}


class Ours:
    """The service, asked as Lake is."""

    name = "Trailsight"

    def __init__(self, service, every=0.002):
        self.client, self.every = Client(service.host), every

    def ask(self, ours, _):
        call = lambda operation, **given: self.client.json(f"CloudTrail_20131101.{operation}", **given)
        query = call("StartQuery", QueryStatement=ours)["QueryId"]

        def ended():
            told = call("DescribeQuery", QueryId=query)
            return told if told["QueryStatus"] not in ("QUEUED", "RUNNING") else None

        told = until("the query has ended", ended, every=self.every)
        if told["QueryStatus"] != "FINISHED":
            fail(f"{ours}: {told}")
        rows = call("GetQueryResults", QueryId=query)["QueryResultRows"]
        return told["QueryStatistics"]["ExecutionTimeInMillis"] / 1e3, [tuple(next(iter(cell.values())) for cell in row) for row in rows]


class DuckDB:
    def __init__(self, files, threads):
        import duckdb

        self.name = f"DuckDB {duckdb.__version__}"
        self.connection = duckdb.connect()
        self.connection.execute(f"SET threads = {threads}; SET TimeZone = 'UTC'")
        self.connection.execute(f"CREATE VIEW events AS SELECT * FROM read_parquet({files!r})")

    def ask(self, ours, _):
        started = time.monotonic()
        rows = self.connection.sql(ours).fetchall()
        return time.monotonic() - started, [tuple("" if cell is None else str(cell) for cell in row) for row in rows]


class ChDB:
    def __init__(self, files, threads):
        import chdb
        from chdb import session

        self.name = f"chDB {getattr(chdb, '__version__', '')}".strip()
        self.session = session.Session()
        self.session.query(f"SET max_threads = {threads}")
        # One argument for all files, as its file function takes them.
        folder = os.path.commonpath(files)
        rest = ",".join(os.path.relpath(file, folder) for file in files)
        self.session.query(f"CREATE DATABASE IF NOT EXISTS lake ENGINE = Atomic; USE lake; CREATE OR REPLACE VIEW events AS SELECT * FROM file('{folder}/{{{rest}}}', Parquet)")

    def ask(self, ours, theirs):
        started = time.monotonic()
        told = self.session.query((theirs or ours).replace("FROM events", "FROM lake.events"), "TabSeparated")
        return time.monotonic() - started, [tuple(line.replace("\\N", "").split("\t")) for line in str(told).splitlines()]


def settled(log):
    """Waits until small files are no longer put together: for ten seconds no commit is made."""
    seen, since = None, time.monotonic()
    while time.monotonic() - since < 10:
        if (now := max(path.name for path in log.glob("*.json"))) != seen:
            seen, since = now, time.monotonic()
        time.sleep(0.2)


def filled(binary, work, folder, files, now, *options, name="data-lake"):
    """A service that has read a folder: the seconds until all is counted, the processor time until all is kept and put together, and the service."""
    data = work / (name if not options else "data-counts")
    data.mkdir()
    words = [binary, "buckets", "link", BUCKET, "--url", f"file://{folder}", "--read-only", "--data-dir", data]
    subprocess.run([str(word) for word in words], check=True, capture_output=True)
    service = Service(binary, data, *options, now=now)
    service.with_trail(make=False)
    service.start_logging()
    started, cpu = time.monotonic(), service.cpu()
    service.counted(len(files))
    counted = time.monotonic() - started
    if not options:
        # A batch is kept when it is half a minute old.
        until("all is in the lake", lambda: (service.status().get("lake") or {}).get("batchesWaiting") == 0, every=0.2)
        settled(data / "lake" / "events" / "_delta_log")
    return service, counted, service.cpu() - cpu, data


def counted_while_asked(binary, work, folder, files, now, times):
    """Seconds to count a fifth of all files, of which the fifth before is in the lake: with nobody asking, and while one query over everything follows
    the other. Best of some, and how many queries were answered meanwhile."""
    files = sorted(files, key=delivered_at)
    fifth = len(files) // 5
    some = work / "some"

    def come(those):
        for file in those:
            place = some / file.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            os.link(file, place)

    come(files[:fifth])
    service, *_, data = filled(binary, work, some, files[:fifth], now, name="data-fifth")
    service.stop()
    come(files[fifth : 2 * fifth])
    questions = [QUESTIONS["calls a minute of every API"][0], QUESTIONS["a text anywhere in the event"][0].format(needle="nothing of that kind")]

    def once(name, asks):
        copy = work / name
        shutil.copytree(data, copy)
        service = Service(binary, copy, now=now)
        ours, stop, answered = Ours(service, every=0.1), threading.Event(), []

        def ask():
            while not stop.is_set():
                answered.append(ours.ask(questions[len(answered) % len(questions)], None))

        asking = threading.Thread(target=ask)
        if asks:
            asking.start()
        counted = lambda: service.status()["logFiles"]["counted"]
        until("it reads", lambda: counted() > fifth, every=0.01)
        started, had = time.monotonic(), counted()
        until("all is counted", lambda: counted() >= 2 * fifth)
        took, many = (time.monotonic() - started) / (2 * fifth - had), len(answered)
        stop.set()
        if asks:
            asking.join()
        service.stop()
        return took * fifth, many

    alone = min(once(f"alone-{number}", False)[0] for number in range(times))
    asked, many = min(once(f"asked-{number}", True) for number in range(times))
    return alone, asked, many


def needles(ours):
    """Something rare to look for: an API's calls in an hour, and one event."""
    ask = lambda statement: ours.ask(statement, None)[1]
    source, name = ask("SELECT eventSource, eventName, count(*) AS n FROM events GROUP BY 1, 2 HAVING count(*) > 50 ORDER BY n, 1, 2 LIMIT 1")[0][:2]
    of = f"eventSource = '{source}' AND eventName = '{name}'"
    hour, event, key = ask(f"SELECT date_format(eventTime, '%Y-%m-%d %H') AS hour, eventID, userIdentity.arn FROM events WHERE {of} ORDER BY eventTime, eventID LIMIT 1")[0]
    return {"source": source, "name": name, "hour": hour, "id": event, "needle": key.rsplit("/")[-1]}


def asked(engines, times, given):
    lines = ["| question | " + " | ".join(f"{engine.name}, ms" for engine in engines) + " | of the fastest peer's time |", "|---|" + "---:|" * (len(engines) + 1)]
    for question, (ours, theirs) in QUESTIONS.items():
        ours, theirs = ours.format(**given), theirs and theirs.format(**given)
        best, answers = [], []
        for engine in engines:
            told = [engine.ask(ours, theirs) for _ in range(times)]
            best.append(min(took for took, _ in told))
            answers.append(told[0][1])
        for engine, answer in zip(engines[1:], answers[1:]):
            if answer != answers[0]:
                say(f"{question}: {engine.name} answers {answer[:3]}, and not {answers[0][:3]}")
        ratio = f"{best[0] / min(best[1:]):.2f}" if len(best) > 1 else ""
        lines.append(f"| {question} | " + " | ".join(f"{took * 1e3:,.0f}" for took in best) + f" | {ratio} |")
        say(lines[-1])
    return lines


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--binary", type=pathlib.Path, help="one that is built")
    words.add_argument("--work", type=pathlib.Path, default=CACHE / "bench-lake")
    words.add_argument("--records", type=int, default=10_000_000)
    words.add_argument("--days", type=float, default=30)
    words.add_argument("--times", type=int, default=3, help="runs of which the best counts")
    options = words.parse_args()
    binary = options.binary or built()[0]
    options.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.work, ignore_cleanup_errors=True) as made:
        page = measured(binary, pathlib.Path(made), options)
    text = "\n".join(["# The lake: how fast, how large", "", f"Written by `bench/lake/run.py` on {machine()}.", "", *page]) + "\n"
    if options.records < 10_000_000:
        print(text)
    else:
        (HERE / "RESULTS.md").write_text(text)
        say(f"{HERE / 'RESULTS.md'} is written")


def measured(binary, work, options):
    folder = ingest.simulated(binary, work, "input", "--tier", "T3", "--records", options.records, "--days", options.days)
    files = ingest.log_files(folder)
    now = after(files)
    ingest.analyzed(binary, folder)
    _, analyzed, records = ingest.analyzed(binary, folder)
    say(f"{records:,} records in {len(files):,} files")
    service, counted_alone, cpu_alone, _ = filled(binary, work, folder, files, now, "--without-lake")
    service.stop()
    service, counted, cpu, data = filled(binary, work, folder, files, now)
    say(f"counted in {counted_alone:.1f} s without the lake, in {counted:.1f} s with it")
    service.stop()
    # Started again: what was put together stays so, and nothing else goes on, nor does the system write behind whoever is asked first.
    os.sync()
    service = Service(binary, data, "--query-threads", "1", now=now)
    ours = Ours(service)
    table = data / "lake" / "events"
    import deltalake

    held = [f"{table}/{path}" for path in sorted(deltalake.DeltaTable(str(table)).get_add_actions(flatten=True)["path"].to_pylist())]
    size = sum(os.path.getsize(path) for path in held)
    (kept,) = ours.ask("SELECT count(*) AS n FROM events", None)[1][0]
    given = needles(ours)
    lines = []
    for threads in sorted({1, os.cpu_count()}):
        if threads > 1:
            service.stop()
            service = Service(binary, data, "--query-threads", str(threads), now=now)
            ours = Ours(service)
        engines = [ours]
        for peer in (DuckDB, ChDB):
            try:
                engines.append(peer(held, threads))
            except Exception as missing:
                say(f"LEFT OUT: {peer.__name__}: {missing}")
        lines += [f"On {threads} threads each:" if threads > 1 else "On one thread each:", "", *asked(engines, options.times, given), ""]
    service.stop()
    alone, beside, many = counted_while_asked(binary, work, folder, files, now, options.times)
    share = analyzed / (cpu - cpu_alone)
    return [
        f"{records:,} records in {len(files):,} log files of {options.days:g} days, {int(kept):,} events in {len(held)} Parquet files: **{size / int(kept):.0f} bytes an event** on the disk.",
        "",
        "## Filled",
        "",
        f"Writing into the lake and putting its files together takes {cpu - cpu_alone:.1f} s of processor time, beside {analyzed:.1f} s for `analyze` over the same files: **{share:.2f} of its rate** a core. "
        f"All is counted after {counted:.1f} s with the lake, and after {counted_alone:.1f} s without it.",
        "",
        "## Asked",
        "",
        f"Best of {options.times}, the same files; the last column is our time over that of the faster peer (below 1: ours is faster).",
        "",
        *lines[:-1],
        "",
        "## Counted while it is asked",
        "",
        f"A fifth of the files is counted and kept in {alone:.1f} s with nobody asking, and in {beside:.1f} s while one query over everything follows the other: **{alone / beside:.2f} of its rate**, and {many} queries were answered meanwhile (best of {options.times} each).",
    ]


if __name__ == "__main__":
    main()
