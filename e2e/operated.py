"""The service as its operator sees it: metrics read by Prometheus' own parser, readiness, logs, backups under load, kill -9, faults.

    python e2e/operated.py path/to/trailsight path/to/aws
"""

import contextlib
import json
import pathlib
import resource
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from prometheus_client.openmetrics.parser import text_string_to_metric_families as of_openmetrics
from prometheus_client.parser import text_string_to_metric_families as of_prometheus

from made_up import log_file, record
from running import BINARY, Service, until


def get(service, path, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(service.url + path, headers=headers), timeout=10) as reply:
            return reply.status, reply.read().decode(), reply.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers


def metrics(service):
    """What Prometheus reads, by name and labels."""
    status, text, headers = get(service, "/metrics")
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4"), headers
    found = {}
    for family in of_prometheus(text):
        assert family.documentation, family
        for sample in family.samples:
            found[sample.name, *sorted(sample.labels.values())] = sample.value
    return found


def trail(service):
    service.aws("s3", "mb", "s3://my-trail")
    service.aws("cloudtrail", "create-trail", "--name", "my-trail", "--s3-bucket-name", "my-trail", "--is-multi-region-trail")
    service.aws("cloudtrail", "start-logging", "--name", "my-trail")


def put(s3, number, records=20):
    """A log file of calls of this minute."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    calls = [record(f"00000000-0000-4000-8000-{number:06}{call:06}", now) for call in range(records)]
    key, body = log_file(now, f"{number:016}", calls)
    s3.put_object(Bucket="my-trail", Key=key, Body=body)


def counted(service):
    return metrics(service)["trailsight_records_total", "counted"]


def calls_in(data):
    """Calls in the ledger of a database, and files."""
    # Closed again: the last one to close a database puts its log away.
    with contextlib.closing(sqlite3.connect(pathlib.Path(data) / "trailsight.sqlite")) as database:
        return database.execute("SELECT ifnull(sum(records), 0), count(*) FROM log_file WHERE state = 1").fetchone()


def watched(service):
    assert get(service, "/healthz")[:2] == (200, "ok\n")
    until("it is ready", lambda: get(service, "/readyz")[0] == 200)
    assert get(service, "/readyz")[1] == "ready\n"
    trail(service)
    s3 = service.client("s3", s3={"addressing_style": "path"})
    for number in range(5):
        put(s3, number)
    s3.put_object(Bucket="my-trail", Key="AWSLogs/123456789012/CloudTrail/us-east-1/2026/01/01/no-log-file", Body=b"x")
    until("a hundred records are counted", lambda: counted(service) == 100)
    put(s3, 4)  # the same records in another minute, or the same object again
    found = metrics(service)
    assert found["trailsight_ready",] == 1, found
    assert found["trailsight_requests_total", "2xx", "PUT", "s3"] >= 6, found
    assert found["trailsight_requests_total", "2xx", "CreateTrail", "cloudtrail"] == 1, found
    assert found["trailsight_store_bytes", "database"] > 0 and found["trailsight_data_free_bytes",] > 0
    assert 10 < found["process_open_fds",] < found["process_max_fds",] and found["process_resident_memory_bytes",] > 1e6
    assert abs(found["process_start_time_seconds",] - time.time()) < 120, found
    # What a stranger writes is no label.
    for path in ["/secret-path", "/trailsight/v1/secret-path"]:
        service.bytes("GET", path, {"Authorization": None})
    service.bytes("POST", "/", {"X-Amz-Target": "CloudTrail_20131101.SecretOperation", "Content-Type": "application/x-amz-json-1.1"}, "{}", "cloudtrail")
    status, text, headers = get(service, "/metrics", Accept="application/openmetrics-text;version=1.0.0;q=0.9,*/*;q=0.1")
    assert status == 200 and headers["Content-Type"].startswith("application/openmetrics-text"), headers
    assert len(list(of_openmetrics(text))) > 30 and "ecret" not in text, text
    told = subprocess.run([BINARY, "status", "--endpoint", service.url], capture_output=True, text=True, check=True).stdout
    assert "is ready" in told and "my-trail" in told and "Disk" in told, told


def said_on_the_shell(service):
    """What is expected is said, listed and ended on the shell; what is wrong with it is told there."""

    def expected(*words, fails=None):
        done = subprocess.run([BINARY, "expected", *words, "--endpoint", service.url], capture_output=True, text=True)
        if fails is not None:
            assert done.returncode == 1 and fails in done.stderr, done
        else:
            assert done.returncode == 0, done
        return done.stdout

    assert "every insight is told" in expected("list")
    told = expected("mute", "sts", "iam/Get*", "--account", "123456789012", "--by", "*:role/gateway", "--why", "a gateway asks")
    assert told.startswith("in force  muted       sts/* iam/Get*, account 123456789012, by *:role/gateway\n"), told
    told = expected("announce", "ec2/Run*", "--direction", "increase", "--until", "2099-01-01T00:00:00Z", "--why", "x", fails="92 days")
    hour = time.strftime("%FT%TZ", time.gmtime(time.time() + 3600))
    expected("announce", "ec2/Run*", "--direction", "increase", "--until", hour, "--why", "release 4.2")
    expected("call", "no-such-insight", "false-alarm", fails="There is no insight of this id")
    listed = sorted(json.loads(expected("list", "--json"))["said"], key=lambda one: one["kind"])
    assert [(one["kind"], one["why"], one["direction"]) for one in listed] == [("expected", "release 4.2", "increase"), ("muted", "a gateway asks", None)], listed
    told = expected("end", listed[1]["id"])
    assert "ended     muted" in told and "in force  expected" in told, told
    expected("end", "a b&id=c/é", fails="Nothing of this id was said")


def backed_up_under_load(service, folder):
    """A backup while files come, a kill, and a restore: each record is counted once, here and there."""
    s3 = service.client("s3", s3={"addressing_style": "path"})
    for number in range(100, 140):
        put(s3, number)
        if number == 120:
            backup = subprocess.Popen([BINARY, "backup", "--data-dir", service.data, "--with-objects", folder / "backup"], stdout=subprocess.PIPE, text=True)
    assert backup.wait(timeout=60) == 0 and "files" in backup.stdout.read()
    until("all of them are counted", lambda: counted(service) == 100 + 40 * 20)
    service.stop(signal.SIGKILL)
    again = Service(service.data)
    until("it is ready after a kill", lambda: get(again, "/readyz")[0] == 200)
    assert calls_in(service.data)[0] >= 900
    subprocess.run([BINARY, "restore", folder / "backup", "--data-dir", folder / "restored"], check=True, capture_output=True)
    before, _ = calls_in(folder / "restored")
    other = Service(str(folder / "restored"))
    # Objects that were copied after the database are counted now, those in its ledger are not.
    until("what was restored is ready", lambda: get(other, "/readyz")[0] == 200)
    files = len(list((folder / "restored/buckets/my-trail/objects").rglob("*_CloudTrail_*.json.gz")))
    until("what is in the bucket is in the ledger", lambda: calls_in(folder / "restored")[1] >= files)
    assert counted(other) + before <= 900 and calls_in(folder / "restored")[1] == files, (before, counted(other), files)
    refused = subprocess.run([BINARY, "restore", folder / "backup", "--data-dir", folder / "restored"], capture_output=True, text=True)
    assert refused.returncode == 1 and "is not empty" in refused.stderr, refused
    other.stop(signal.SIGTERM)
    return again


def a_second_process_is_refused(service):
    told = subprocess.run([BINARY, "serve", "--data-dir", service.data, "--listen", "127.0.0.1:0"], capture_output=True, text=True)
    assert told.returncode == 1 and f"in use by another trailsight (process {service.process.pid})" in told.stderr, told


def closed_and_damaged(service):
    code, _ = service.stop(signal.SIGTERM)
    assert code == 0
    database = pathlib.Path(service.data) / "trailsight.sqlite"
    assert not database.with_name("trailsight.sqlite-wal").exists(), "it was closed"
    whole = database.read_bytes()
    database.write_bytes(whole[:8192] + b"\x5a" * (len(whole) - 8192))
    database.with_name("trailsight.sqlite-wal").write_bytes(b"x")
    told = subprocess.run([BINARY, "serve", "--data-dir", service.data, "--listen", "127.0.0.1:0"], capture_output=True, text=True, timeout=30)
    assert told.returncode == 1 and "the database is damaged" in told.stderr and "restore the last backup" in told.stderr, told
    database.with_name("trailsight.sqlite-wal").unlink(missing_ok=True)
    database.write_bytes(whole)


def what_cannot_be_read_ends_it(data):
    """A thread that cannot go on ends the service, and a thread that does not end does not keep it."""
    database = sqlite3.connect(pathlib.Path(data) / "trailsight.sqlite", isolation_level=None)
    database.execute(
        "INSERT INTO resource (kind, account, region, parent, name, created_at, changed_at, document)"
        " VALUES ('import', '123456789012', 'us-east-1', '', 'of-a-later-version', 0, 0, '{\"is\":\"unknown\"}')"
    )
    service = Service(data)
    assert service.process.wait(timeout=30) == 1, service.logged()
    assert "events cannot be kept any longer" in service.logged(), service.logged()[-3000:]
    database.execute("DELETE FROM resource WHERE name = 'of-a-later-version'")
    database.close()


def a_file_that_cannot_grow(data):
    """The database may not grow any more, as on a full disk; then it may again."""
    pathlib.Path(f"{data}.log").unlink()  # it is a file that may not grow either
    service = Service(data, "--log-format", "json")
    until("it is ready", lambda: get(service, "/readyz")[0] == 200)
    pid, s3 = service.process.pid, service.client("s3", s3={"addressing_style": "path"})
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (100 << 10, hard))
    before, number = counted(service), 200
    while get(service, "/readyz")[0] == 200:
        put(s3, number, records=10)
        number += 1
        time.sleep(0.3)
        assert number < 300, "it does not heed that it may not write"
    assert "cannot be counted" in get(service, "/readyz")[1], get(service, "/readyz")
    # The numbers are those of a second ago, at most.
    until("it is counted", lambda: metrics(service)["trailsight_faults_total", "pipeline"] > 0)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))
    until("it goes on by itself", lambda: get(service, "/readyz")[0] == 200)
    until("and has counted what it had to leave", lambda: counted(service) == before + 10 * (number - 200))
    _, log = service.stop(signal.SIGTERM)
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert any(line["message"] == "counted log files" and line["counted"] > 0 and line["level"] == "INFO" for line in lines), log[-3000:]
    assert any(line["message"] == "log files cannot be counted" and line["level"] == "ERROR" for line in lines), log[-3000:]


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    first = Service(str(folder / "data"))
    watched(first)
    said_on_the_shell(first)
    second = backed_up_under_load(first, folder)
    a_second_process_is_refused(second)
    closed_and_damaged(second)
    what_cannot_be_read_ends_it(second.data)
    a_file_that_cannot_grow(second.data)
    shutil.rmtree(folder / "data")
print("watched, backed up, killed, damaged and full: as it should be")
