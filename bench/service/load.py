"""Requests a second, the start of a large installation, and its memory under load."""

import gzip
import json
import sqlite3
import subprocess
import time

from common import delivered_at
from ingest import RULES, log_files
from service import Clients, Service, until


def requests(service, seconds, at_once=4):
    """What each operation takes: calls a second as far as these clients come, and the service's processor time a call."""
    entry = {"Source": "app", "DetailType": "probe", "Detail": json.dumps({"user": "ann", "count": 7, "text": "x" * 500})}
    asked = {
        "LookupEvents": ("CloudTrail_20131101.LookupEvents", {"EventCategory": "insight", "MaxResults": 10}),
        "PutEvents, one event": ("AWSEvents.PutEvents", {"Entries": [entry]}),
        "PutEvents, ten events": ("AWSEvents.PutEvents", {"Entries": [entry] * 10}),
        "DescribeTrails": ("CloudTrail_20131101.DescribeTrails", {}),
    }
    told = {}
    for name, (target, members) in asked.items():
        calls, cpu, started = [0], service.cpu(), time.monotonic()

        def numbers():
            while time.monotonic() - started < seconds:
                calls[0] += 1
                yield calls[0]

        Clients(service.host, at_once).each(numbers(), lambda client, _: client.json(target, **members))
        took = time.monotonic() - started
        told[name] = calls[0] / took, 1000 * (service.cpu() - cpu) / calls[0]
    return told


def filled(fill, work, series):
    """A data directory with so many series over 28 days, and the moment at which they end."""
    data = work / "data-filled"
    done = subprocess.run([str(fill), "fill", str(data), str(series)], check=True, capture_output=True, text=True)
    return data, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(60 * int(done.stdout)))


def start(binary, data, now):
    """Starts there; says after how long it answers, after how long it has learned, and what it then holds in memory."""
    service = Service(binary, data, now=now)
    answers = time.monotonic() - service.started
    until("it has learned", lambda: service.status()["progress"]["steppedAt"], 600)
    return service, answers, time.monotonic() - service.started, service.memory()


def kept(data):
    """Whether what was learned of every account is kept."""
    database = sqlite3.connect(f"file:{data / 'trailsight.sqlite'}?mode=ro", uri=True)
    try:
        left = "SELECT count(*) FROM (SELECT account FROM region WHERE watched_to NOT NULL EXCEPT SELECT account FROM learned)"
        return database.execute(left).fetchone()[0] == 0
    finally:
        database.close()


def memory(service, folder, a_second, seconds, say):
    """Log files are put at a steady pace, so many records a second; what is held in memory, every twentieth of the time."""
    service.with_trail(rules=RULES)
    service.start_logging()
    files = sorted(log_files(folder), key=delivered_at)
    held, put, started = [], 0, time.monotonic()
    some = files[:: max(1, len(files) // 40)]
    records_a_file = max(1, sum(gzip.decompress(path.read_bytes()).count(b'"eventID"') for path in some) / len(some))
    while (gone := time.monotonic() - started) < seconds:
        if put < min(len(files), gone * a_second / records_a_file):
            path = files[put]
            service.client.put("my-trail", path.relative_to(folder).as_posix(), path.read_bytes())
            put += 1
        else:
            time.sleep(0.02)
        if gone >= len(held) * seconds / 20:
            held.append(service.memory())
            say(f"  {gone:6.0f} s: {held[-1] / 1e6:.0f} MB, {put} files")
        if put == len(files):
            say("  no more files")
            break
    service.counted(put)
    return held, put, service.memory("VmHWM")
