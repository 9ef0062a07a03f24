"""The lake's queries on two executors: what one process answers, they answer, also when one of them dies half-way.

    python e2e/cluster.py path/to/trailsight path/to/aws
"""

import gzip
import json
import pathlib
import signal
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from queries import DENIED, ask, kept, log_files
from running import BINARY, Service, free_port

BUCKET = "org-trail"
NOW = "2026-02-12T03:00:00Z"
STATEMENTS = [
    "SELECT count(*) AS n, count(DISTINCT eventID) AS ids FROM events",
    DENIED,
    "SELECT userIdentity.arn, approx_distinct(sourceIPAddress) AS places, max(eventTime) AS last FROM events GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20",
    "SELECT eventName, element_at(requestParameters, 'bucketName') AS bucket, count(*) AS n FROM events GROUP BY 1, 2 ORDER BY n DESC, 1, 2 LIMIT 20",
    "SELECT eventSource, eventName, insights(date_trunc('minute', eventTime), 1) AS found FROM events GROUP BY 1, 2 ORDER BY 1, 2",
    "SELECT insightEventName, count(*) AS n FROM insights GROUP BY 1 ORDER BY 2 DESC, 1",
]
# Log files as they lie, in the linked bucket: alone, and beside the lake.
OF_LOGS = [
    "SELECT count(*) AS n, count(DISTINCT eventID) AS ids FROM cloudtrail_logs('s3://org-trail/AWSLogs/')",
    "SELECT count(*) AS n FROM cloudtrail_logs('s3://org-trail') l LEFT JOIN events e ON e.eventID = l.eventID WHERE e.eventID IS NULL",
]
# All bytes of all log files.
SCAN = "SELECT eventName, count(*) AS n, max(length(eventJson)) AS most FROM cloudtrail_logs('s3://org-trail') GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10"
# A pair of calls of one identity within a minute: work enough to be broken off.
LONG = """
    SELECT a.eventName AS first, b.eventName AS second, count(*) AS n
    FROM events a JOIN events b ON a.userIdentity.arn = b.userIdentity.arn AND date_trunc('hour', a.eventTime) = date_trunc('hour', b.eventTime)
    GROUP BY 1, 2 ORDER BY n DESC, 1, 2 LIMIT 10"""


class Role:
    """A scheduler or an executor."""

    def __init__(self, *words, environment=None):
        self.process = subprocess.Popen([BINARY, "cluster", *map(str, words)], stderr=subprocess.PIPE, text=True, env=environment)
        self.said = self.process.stderr.readline().strip()
        assert self.process.poll() is None and ":" in self.said, self.said
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def kill(self):
        self.process.kill()
        self.process.wait()


def filled(data, logs):
    """A service that has all events of an account's ten days in its lake."""
    words = [BINARY, "buckets", "link", BUCKET, "--url", f"file://{logs}", "--read-only", "--data-dir", data]
    subprocess.run(words, check=True, capture_output=True)
    service = Service(data, "--now", NOW)
    trails = service.client("cloudtrail")
    trails.create_trail(Name="org-trail", S3BucketName=BUCKET, IsMultiRegionTrail=True)
    trails.put_insight_selectors(TrailName="org-trail", InsightSelectors=[{"InsightType": "ApiCallRateInsight"}])
    trails.start_logging(Name="org-trail")
    return service


def main(folder):
    files = log_files(folder / "logs")
    records = {record["eventID"] for _, body in files for record in json.loads(gzip.decompress(body))["Records"]}
    data = str(folder / "data")
    service = filled(data, folder / "logs")
    kept(service, len(records))
    here = [ask(service, statement)[1] for statement in STATEMENTS + OF_LOGS]
    scanned_here = ask(service, SCAN)[1]
    begun = time.monotonic()
    long_here = ask(service, LONG)[1]
    took = time.monotonic() - begun
    assert here[0] == [{"n": str(len(records)), "ids": str(len(records))}] and long_here, here[0]
    assert here[-1] == [{"n": "0"}] and here[len(STATEMENTS)][0]["ids"] == str(len(records)), here[len(STATEMENTS) :]
    service.stop(signal.SIGTERM)

    scheduler = Role("scheduler", "--listen", "127.0.0.1:0")
    address = scheduler.said.split()[-1]
    words = lambda at: ["executor", "--scheduler", address, "--listen", f"127.0.0.1:{free_port()}", "--dir", folder / f"made-{at}", "--threads", 1, "--links", f"{data}/buckets.toml"]
    executors = [Role(*words(at)) for at in range(2)]
    service = Service(data, "--now", NOW, "--cluster", address)
    for statement, expected in zip(STATEMENTS + OF_LOGS, here):
        told = ask(service, statement)[1]
        assert told == expected, (statement, told[:5], expected[:5])
    print(f"{len(STATEMENTS + OF_LOGS)} statements are answered by two executors as by one process")

    # One dies while it works; another takes its place, and what it had made is made again.
    dies = threading.Timer(took / 2, executors[0].kill)
    dies.start()
    begun = time.monotonic()
    # It is given up after 20 s; then all of it is made again, on a machine that may have other work.
    with ThreadPoolExecutor() as both:
        scanned = both.submit(ask, service, SCAN, 300)
        told = ask(service, LONG, 300)[1]
    dies.join()
    assert scanned.result()[1] == scanned_here, (scanned.result()[1][:3], scanned_here[:3])
    assert told == long_here, (told[:3], long_here[:3])
    print(f"an executor died half-way: the same answer after {time.monotonic() - begun:.1f} s, and in one process after {took:.1f} s")

    # What is wrong is said as ever.
    service.aws("cloudtrail", "start-query", "--query-statement", "SELECT evntName FROM events", fails="did you mean `eventName`?")
    code, logged = service.stop(signal.SIGTERM)
    for role in [scheduler, *executors]:
        role.kill()
    assert code == 0 and "panicked" not in logged, logged[-3000:]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        main(pathlib.Path(folder))
