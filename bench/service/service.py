"""The running service, measured from outside. Only Python's own library: whoever measures should not be measured."""

import base64
import http.client
import io
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time
import urllib.parse
import zipfile

from common import ACCOUNT, REGION, fail, signed

TICKS = os.sysconf("SC_CLK_TCK")


def until(what, ask, seconds=600, every=0.05):
    """Asks again and again, until there is an answer."""
    end = time.monotonic() + seconds
    while not (told := ask()):
        if time.monotonic() > end:
            fail(f"after {seconds} s still not: {what}")
        time.sleep(every)
    return told


# A connection that was left alone for so many seconds may be closed on the other side.
RESTED = 5


class Client:
    """A connection that is kept. On loopback every key is good, and what is signed with it is not looked at."""

    def __init__(self, host):
        self.connection = http.client.HTTPConnection(host, timeout=120)
        self.used = time.monotonic()

    def ask(self, method, path, body=b"", headers=None, service="s3"):
        """A request of AWS's."""
        usual = {**signed(service), "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD"}
        return self.send(method, path, body, {**usual, **(headers or {})})

    def send(self, method, path, body=b"", headers=None):
        if time.monotonic() - self.used > RESTED:
            self.connection.close()  # it is opened again by the request
        self.connection.request(method, path, body, headers or {})
        reply = self.connection.getresponse()
        told = reply.read()
        self.used = time.monotonic()
        if reply.status >= 300:
            fail(f"{method} {path}: {reply.status} {told[:500]}")
        return told

    def json(self, target, **members):
        service = {"CloudTrail_20131101": "cloudtrail", "AWSEvents": "events", "Logs_20140328": "logs"}[target.split(".")[0]]
        headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}
        return json.loads(self.ask("POST", "/", json.dumps(members), headers, service) or "{}")

    def form(self, service, **members):
        return self.ask("POST", "/", urllib.parse.urlencode(members), {"Content-Type": "application/x-www-form-urlencoded"}, service).decode()

    def put(self, bucket, key, body):
        self.ask("PUT", f"/{bucket}/{key}", body)


class Service:
    """The binary, serving."""

    def __init__(self, binary, data, *arguments, now=None):
        self.log = open(f"{data}.log", "a")
        words = [binary, "serve", "--data-dir", data, "--listen", "127.0.0.1:0", *arguments, *(["--now", now] if now else [])]
        self.started = time.monotonic()
        self.process = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, stderr=self.log, text=True)
        said = self.process.stdout.readline()
        if not said:
            fail(f"it does not start: {pathlib.Path(self.log.name).read_text()[-2000:]}")
        self.host = re.search(r"AWS_ENDPOINT_URL=http://(\S+)", said).group(1)
        self.client = Client(self.host)

    def status(self):
        return json.loads(self.client.send("GET", "/trailsight/v1/status", headers={"X-Trailsight-Request": "bench"}))

    def cpu(self):
        """Seconds of processor time so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self, which="VmRSS"):
        """Bytes that are in memory now (VmRSS), or were at most (VmHWM)."""
        told = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(re.search(rf"{which}:\s+(\d+) kB", told).group(1))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)

    def with_trail(self, bucket="my-trail", make=True, rules=()):
        """A trail over the bucket that looks for insights, and rules whose topic nobody has subscribed to."""
        if make:
            self.client.ask("PUT", f"/{bucket}")
        trail = {"S3BucketName": bucket, "IsMultiRegionTrail": True, "IsOrganizationTrail": True}
        self.client.json("CloudTrail_20131101.CreateTrail", Name="my-trail", **trail)
        kinds = [{"InsightType": kind} for kind in ("ApiCallRateInsight", "ApiErrorRateInsight")]
        self.client.json("CloudTrail_20131101.PutInsightSelectors", TrailName="my-trail", InsightSelectors=kinds)
        if rules:
            self.client.form("sns", Action="CreateTopic", Version="2010-03-31", Name="nobody")
        for number, pattern in enumerate(rules):
            self.rule(f"rule-{number}", pattern, f"arn:aws:sns:{REGION}:{ACCOUNT}:nobody")

    def start_logging(self):
        self.client.json("CloudTrail_20131101.StartLogging", Name="my-trail")

    def rule(self, name, pattern, arn, **target):
        self.client.json("AWSEvents.PutRule", Name=name, EventPattern=json.dumps(pattern))
        told = self.client.json("AWSEvents.PutTargets", Rule=name, Targets=[{"Id": "1", "Arn": arn, **target}])
        assert told["FailedEntryCount"] == 0, told

    def counted(self, files, seconds=3600):
        """Waits until so many log files are counted."""

        def all_of_them():
            told = self.status()["logFiles"]
            return told["counted"] + told["refused"] >= files

        until(f"{files} log files are counted", all_of_them, seconds)


def zipped(code):
    """A function's code, as Lambda takes it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("lambda_function.py", code)
    return base64.b64encode(packed.getvalue()).decode()


class Clients:
    """Several connections at work at once."""

    def __init__(self, host, at_once):
        self.host, self.at_once = host, at_once

    def each(self, items, work):
        """Does `work(client, item)` for all of them."""
        items = iter(items)
        lock = threading.Lock()
        faults = []

        def go():
            client = Client(self.host)
            try:
                while not faults:
                    with lock:
                        item = next(items, None)
                    if item is None:
                        return
                    work(client, item)
            except BaseException as fault:  # whoever waits for all of them is told
                faults.append(fault)

        threads = [threading.Thread(target=go) for _ in range(self.at_once)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if faults:
            raise faults[0]
