"""`aws cloudtrail validate-logs` of what the service delivered: it passes, hour by hour, and tells what was changed since.

    python e2e/digests.py path/to/trailsight path/to/aws
"""

import gzip
import http.client
import json
import pathlib
import signal
import subprocess
import tempfile
import time

from made_up import ACCOUNT, REGION, record
from running import AWS, BINARY, Service, until

ARN = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/pushed"
START = "2026-02-12T14:30:00Z"


def event(number, at):
    """A call as EventBridge of a real account posts it."""
    detail = record(f"00000000-0000-4000-8000-{number:012}", at)
    return {"version": "0", "id": detail["eventID"], "detail-type": "AWS API Call via CloudTrail", "source": "aws.ec2",
            "account": ACCOUNT, "time": at, "region": REGION, "resources": [], "detail": detail}


def push(running, body, key):
    connection = http.client.HTTPConnection(running.host, timeout=10)
    # By another name than the service's: as a proxy passes it on.
    headers = {"X-Api-Key": key, "Content-Type": "application/json", "Host": "trailsight.example.com"}
    connection.request("POST", "/trailsight/v1/push", json.dumps(body), headers)
    reply = connection.getresponse()
    return reply.status, json.loads(reply.read())


def validate(running, start, end, fails=False):
    """What the AWS CLI says of what was delivered between the two."""
    told = subprocess.run(
        [AWS, "cloudtrail", "validate-logs", "--trail-arn", ARN, "--start-time", start, "--end-time", end, "--verbose"],
        env=running.environment, capture_output=True, text=True, timeout=120,
    )
    assert (told.returncode != 0) == fails, (told.returncode, told.stdout, told.stderr)
    return told.stdout


def main():
    with tempfile.TemporaryDirectory() as folder:
        started = []
        try:
            live(f"{folder}/data", started)
        finally:
            for running in started:
                running.process.kill()
    print("digests: validated by the AWS CLI, hour by hour; what was changed or is gone is told")


def live(data, started):
    def start(now):
        started.append(Service(data, "--now", now))
        return started[-1]

    objects = pathlib.Path(data, "buckets/pushed/objects/AWSLogs", ACCOUNT)
    digests = lambda: sorted((objects / "CloudTrail-Digest").rglob("*.json.gz"))
    logs = lambda: sorted((objects / "CloudTrail").rglob("*.json.gz"))

    key = subprocess.run([BINARY, "push-keys", "create", "e2e", "--data-dir", data], capture_output=True, text=True, check=True)
    key = key.stdout.strip()
    running = start(START)
    running.aws("s3", "mb", "s3://pushed")
    running.aws("cloudtrail", "create-trail", "--name", "pushed", "--s3-bucket-name", "pushed", "--enable-log-file-validation")
    assert push(running, event(1, START), key)[0] == 409, "no trail is logging"
    running.aws("cloudtrail", "start-logging", "--name", "pushed")
    assert push(running, event(1, START), "tspush_0")[0] == 401
    assert push(running, event(1, START), key) == (200, {"accepted": 1})
    status, answer = push(running, [event(2, START), {"id": "bad"}], key)
    assert (status, answer["accepted"], answer["refused"][0]["id"]) == (400, 1, "bad"), answer
    assert len(logs()) == 2, logs()
    time.sleep(12)  # the chain begins when the service looks
    assert not digests(), "the hour is not over"
    running.stop(signal.SIGKILL)

    # An hour with files, and two without.
    running = start("2026-02-12T17:10:00Z")
    until("three digests", lambda: len(digests()) == 3)
    told = validate(running, START, "2026-02-12T17:10:00Z")
    assert "3/3 digest files valid" in told and "2/2 log files valid" in told, told
    told = validate(running, "2026-02-12T16:00:01Z", "2026-02-12T17:10:00Z")
    assert "digest files valid" in told and "INVALID" not in told, told
    status = running.aws_json("cloudtrail", "get-trail-status", "--name", "pushed")
    assert status["LatestDigestDeliveryTime"], status
    keys = running.aws_json("cloudtrail", "list-public-keys")["PublicKeyList"]
    assert len(keys) == 1 and len(keys[0]["Fingerprint"]) == 32, keys

    # Logging stops and goes on: a gap, and nothing that is not valid.
    running.aws("cloudtrail", "stop-logging", "--name", "pushed")
    until("the last digest of the chain", lambda: len(digests()) == 4)
    running.aws("cloudtrail", "start-logging", "--name", "pushed")
    time.sleep(12)
    running.stop(signal.SIGTERM)
    running = start("2026-02-12T18:05:00Z")
    until("the digest of another chain", lambda: len(digests()) == 5)
    told = validate(running, START, "2026-02-12T18:05:00Z")
    assert "5/5 digest files valid" in told and "2/2 log files valid" in told and "INVALID" not in told, told

    # A log file that says something else; and then a digest that is gone.
    kept = logs()[0].read_bytes()
    logs()[0].write_bytes(gzip.compress(gzip.decompress(kept).replace(b"Alice", b"Mallory")))
    told = validate(running, START, "2026-02-12T18:05:00Z", fails=True)
    assert "1/2 log files valid, 1/2 log files INVALID" in told, told
    logs()[0].write_bytes(kept)
    validate(running, START, "2026-02-12T18:05:00Z")
    digests()[1].unlink()
    told = validate(running, START, "2026-02-12T18:05:00Z", fails=True)
    assert "4/5 digest files valid, 1/5 digest files INVALID" in told, told
    running.stop(signal.SIGTERM)


if __name__ == "__main__":
    main()
