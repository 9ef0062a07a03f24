"""The lake's tables in a bucket: whoever dies or is away meanwhile, each event is there once, for us and for others.

    python e2e/lake_bucket.py path/to/trailsight path/to/aws [executors]

The bucket is one of another service, which speaks S3 as AWS does. `executors`: those of a cluster read it there, too.
"""

import collections
import gzip
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

import botocore.exceptions

from cluster import Role
from queries import DENIED, ask, kept, log_files
from running import BINARY, Service, free_port, until

BUCKET, NOW = "org-trail", "2026-02-12T03:00:00Z"


def link(data, bucket, url, *words):
    subprocess.run([BINARY, "buckets", "link", bucket, "--url", url, *words, "--data-dir", data], check=True, capture_output=True)


def refusal(service):
    """Why a query is not taken; nothing if it is."""
    try:
        ask(service, "SELECT count(*) AS n FROM events")
    except botocore.exceptions.ClientError as refused:
        return str(refused)
    return ""


def read_by_executors(folder, data, serve, environment, expected):
    """Executors read it there, by links and keys of their own."""
    links = folder / "links.toml"
    links.write_text(pathlib.Path(data, "buckets.toml").read_text())
    scheduler = Role("scheduler", "--listen", "127.0.0.1:0")
    address = scheduler.said.split()[-1]
    executor = lambda at, *words: Role(
        "executor", "--scheduler", address, "--listen", f"127.0.0.1:{free_port()}", "--dir", folder / f"made-{at}", *words, environment=environment
    )
    executors = [executor(at, "--links", links) for at in range(2)]
    service = serve("--cluster", address)
    told = ask(service, DENIED)[1]
    assert told == expected, (told, expected)
    for role in executors:
        role.kill()
    blind = executor(2)
    try:
        told = str(ask(service, DENIED, 300))
    except AssertionError as failed:
        told = str(failed)
    assert "this executor knows no links: --links FILE" in told, told
    code, logged = service.stop(signal.SIGTERM)
    for role in [scheduler, blind]:
        role.kill()
    assert code == 0 and "panicked" not in logged, logged[-3000:]
    print("two executors answer from the bucket as the service does")


def main(folder):
    files = log_files(folder / "logs")
    records = {record["eventID"]: record for _, body in files for record in json.loads(gzip.decompress(body))["Records"]}
    where = f"127.0.0.1:{free_port()}"
    store = Service(str(folder / "store"), "--without-lake", listen=where)
    store.client("s3", s3={"addressing_style": "path"}).create_bucket(Bucket="lake")
    data = str(folder / "data")
    link(data, BUCKET, f"file://{folder / 'logs'}", "--read-only")
    link(data, "my-lake", "s3://lake/some/where", "--endpoint", store.url, "--region", "us-east-1", "--no-check")
    keys = {"AWS_ACCESS_KEY_ID": "AKIAANYKEYWILLDO", "AWS_SECRET_ACCESS_KEY": "any"}
    environment = {**os.environ, **keys}
    serve = lambda *words: Service(data, "--now", NOW, "--lake-bucket", "my-lake", *words, environment=environment)
    service = serve()
    trails = service.client("cloudtrail")
    trails.create_trail(Name="org-trail", S3BucketName=BUCKET, IsMultiRegionTrail=True)
    trails.start_logging(Name="org-trail")
    # It dies while it keeps, and so does the store that it keeps in.
    until("some is kept", lambda: int(ask(service, "SELECT count(*) AS n FROM events")[1][0]["n"]) > 0, 180)
    service.stop(signal.SIGKILL)
    store.stop(signal.SIGKILL)
    # It starts while that is away, and says so to whoever asks.
    service = serve()
    not_reached = lambda: "is not reached" in refusal(service)
    assert not_reached()
    store = Service(str(folder / "store"), "--without-lake", listen=where)
    until("the bucket is reached", lambda: not not_reached(), 60)
    kept(service, len(records))
    denied = collections.Counter(record["eventName"] for record in records.values() if "Denied" in record.get("errorCode", ""))
    expected = [{"eventName": name, "n": str(count)} for name, count in sorted(denied.items(), key=lambda pair: (-pair[1], pair[0]))[:3]]
    told = ask(service, DENIED)[1]
    assert told == expected, (told, expected)
    # What is just being put together lies there for a moment.
    until("what was sent does not stay", lambda: not list(pathlib.Path(data, "lake").rglob("events-*.parquet")))
    code, logged = service.stop(signal.SIGTERM)
    assert code == 0 and "panicked" not in logged, logged[-3000:]
    print(f"{len(records)} events are in the bucket, each once")

    # Other engines read it there.
    try:
        import deltalake
    except ImportError:
        print("left out: there is no deltalake")
    else:
        options = {**keys, "AWS_ENDPOINT_URL": store.url, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1"}
        table = deltalake.DeltaTable("s3://lake/some/where/events", storage_options=options)
        ids = table.to_pyarrow_dataset().to_table(columns=["eventID"])["eventID"].to_pylist()
        assert len(ids) == len(set(ids)) == len(records), (len(ids), len(records))
        print(f"deltalake {deltalake.__version__} finds the same {len(ids)} events in the bucket")

    if "executors" in sys.argv:
        read_by_executors(folder, data, serve, environment, expected)

    # What cannot be is said before anything begins.
    def refused(*words):
        done = subprocess.run([BINARY, "serve", "--data-dir", data, "--listen", "127.0.0.1:0", *words], capture_output=True, text=True, timeout=60)
        assert done.returncode != 0, words
        return done.stderr

    assert "no bucket `nowhere` is linked" in refused("--lake-bucket", "nowhere")
    assert "read only" in refused("--lake-bucket", BUCKET)
    store.stop(signal.SIGTERM)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        main(pathlib.Path(folder))
