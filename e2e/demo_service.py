"""A service with made-up logs in it, for `make demo` and the browser tests: nothing but Python's own library.

    python3 e2e/demo_service.py path/to/trailsight FOLDER [--listen 127.0.0.1:4580] [--tier demo] [--now TIME] [--still]
    python3 e2e/demo_service.py path/to/trailsight FOLDER --background    goes on until it is told to --stop

Makes the logs, a trail that looks for insights, a topic, a rule and a subscription, lays the log files that had been delivered by then
into the trail's bucket, and serves. Without `--still` the files that are delivered later are laid in when their time has come by the
service's clock, so that what was going on goes on.
"""

import argparse
import datetime
import json
import pathlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from made_up import delivered_at, signed

BUCKET = "demo-trail-logs"
# When it begins, and which moment is the most telling: the middle of the last night.
TIERS = {"demo": ("2026-02-02T00:00:00Z", "2026-02-11T03:20:00Z"), "organization": ("2026-01-12T00:00:00Z", "2026-02-11T03:20:00Z")}


def ask(url, service, headers, body):
    """A request as an SDK sends it."""
    request = urllib.request.Request(url, body, {**signed(service), **headers})
    try:
        return urllib.request.urlopen(request, timeout=60).read()
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{error.code}: {error.read().decode()}") from error


def json_call(url, service, target, given):
    headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}
    return json.loads(ask(url, service, headers, json.dumps(given).encode()) or b"{}")


def form_call(url, **given):
    body = urllib.parse.urlencode({"Version": "2010-03-31", **given}).encode()
    return ask(url, "sns", {"Content-Type": "application/x-www-form-urlencoded"}, body).decode()


class Demo:
    def __init__(self, binary, folder, listen="127.0.0.1:0", tier="demo", now=None, options=()):
        self.binary, self.folder, self.listen, self.options = binary, pathlib.Path(folder), listen, list(options)
        self.begins, usual = TIERS[tier]
        self.tier, self.now = tier, now or usual
        self.data, self.made = self.folder / "data", self.folder / "made"
        self.process = None

    def start(self, now, listen):
        command = [self.binary, "serve", "--data-dir", str(self.data), "--listen", listen, "--now", now, *self.options]
        self.log = open(self.folder / "serve.log", "a")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        said = self.process.stdout.readline()
        if not said:
            raise SystemExit(f"it does not start: {(self.folder / 'serve.log').read_text()}")
        self.url = re.search(r"AWS_ENDPOINT_URL=(\S+)", said).group(1)
        self.started = time.monotonic()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)

    def make(self):
        """The logs, and a service that has its settings and its log files, and serves."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        made = [self.binary, "simulate", "--tier", self.tier, "--seed", "7", "--out", str(self.made)]
        subprocess.run(made, check=True, stderr=subprocess.DEVNULL)
        # As it was when the trail was made: what is found later is live.
        self.start(self.begins, "127.0.0.1:0")
        self.settings()
        self.stop()
        self.waiting = sorted(self.made.glob("AWSLogs/**/*.gz"), key=lambda path: (delivered_at(path), path.name))
        self.put_what_is_due(moment(self.now))
        self.start(self.now, self.listen)
        return self

    def settings(self):
        trail = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"
        ask_put = urllib.request.Request(f"{self.url}/{BUCKET}", method="PUT", headers=S3)
        urllib.request.urlopen(ask_put, timeout=60).read()
        call = lambda operation, given: json_call(self.url, "cloudtrail", f"{trail}.{operation}", given)
        call("CreateTrail", {"Name": "management-events", "S3BucketName": BUCKET, "IsMultiRegionTrail": True})
        kinds = [{"InsightType": kind} for kind in ("ApiCallRateInsight", "ApiErrorRateInsight")]
        call("PutInsightSelectors", {"TrailName": "management-events", "InsightSelectors": kinds})
        call("StartLogging", {"Name": "management-events"})
        told = form_call(self.url, Action="CreateTopic", Name="cloudtrail-insights-alerts")
        topic = re.search(r"<TopicArn>(.*?)</TopicArn>", told).group(1)
        form_call(self.url, Action="Subscribe", TopicArn=topic, Protocol="email", Endpoint="oncall@example.com")
        pattern = {"source": ["aws.cloudtrail"], "detail-type": ["AWS Insight via CloudTrail"]}
        increases = {**pattern, "detail": {"insightDetails": {"insightType": ["ApiErrorRateInsight"]}}}
        for name, matched in (("insights-to-oncall", pattern), ("denied-calls", increases)):
            given = {"Name": name, "EventPattern": json.dumps(matched), "Description": "Made by the demo."}
            json_call(self.url, "events", "AWSEvents.PutRule", given)
            targets = {"Rule": name, "Targets": [{"Id": "topic", "Arn": topic}]}
            json_call(self.url, "events", "AWSEvents.PutTargets", targets)

    def put_what_is_due(self, now):
        """Lays in the files that were delivered by then. Says how many."""
        then = now.strftime("%Y%m%dT%H%MZ")
        due = [path for path in self.waiting if delivered_at(path) <= then]
        self.waiting = self.waiting[len(due) :]
        for path in due:
            key = path.relative_to(self.made)
            if self.process and self.process.poll() is None:
                request = urllib.request.Request(f"{self.url}/{BUCKET}/{key}", path.read_bytes(), S3, method="PUT")
                urllib.request.urlopen(request, timeout=60).read()
            else:
                target = self.data / "buckets" / BUCKET / "objects" / key
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
        return len(due)

    def get(self, path):
        request = urllib.request.Request(f"{self.url}/api/console/v1/{path}", headers={"x-trailsight-request": "1"})
        return json.load(urllib.request.urlopen(request, timeout=60))

    def until_it_has_looked(self, seconds=300):
        """All files are counted, and what is in them was looked at."""
        end = time.monotonic() + seconds
        while True:
            overview = self.get("overview")
            files = overview["logFiles"]
            if overview["recent"] and not files["isReadingHistory"] and files["waiting"] == 0:
                return overview
            if time.monotonic() > end:
                raise SystemExit(f"after {seconds} s it has not looked: {overview}")
            time.sleep(0.5)

    def clock(self):
        return moment(self.now) + datetime.timedelta(seconds=time.monotonic() - self.started)


S3 = {**signed("s3"), "X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def stop_background(folder):
    """Stops what goes on in the background, if anything does."""
    pid = folder / "pid"
    if not pid.exists():
        return
    try:
        process = int(pid.read_text())
        os.kill(process, signal.SIGTERM)
        while pathlib.Path(f"/proc/{process}").exists():
            time.sleep(0.1)
    except (ValueError, ProcessLookupError):
        pass
    pid.unlink(missing_ok=True)


def go_on_in_background(folder, listen):
    """Starts this program once more, for itself; says where the console is once it is filled."""
    stop_background(folder)
    host, port = listen.rsplit(":", 1)
    with socket.socket() as probe:
        # Whatever is there already keeps its port.
        listen = f"{host}:0" if probe.connect_ex((host, int(port))) == 0 else listen
    folder.parent.mkdir(parents=True, exist_ok=True)
    said = folder.parent / f"{folder.name}.log"
    words = [word for word in sys.argv if word != "--background"]
    with open(said, "w") as out:
        process = subprocess.Popen(
            [sys.executable, *words, "--listen", listen], stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
    while not (told := said.read_text()).startswith("http"):
        if process.poll() is not None:
            raise SystemExit(told)
        time.sleep(0.2)
    (folder / "pid").write_text(str(process.pid))
    print(told.splitlines()[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("folder")
    parser.add_argument("--listen", default="127.0.0.1:4580")
    parser.add_argument("--tier", default="demo", choices=TIERS)
    parser.add_argument("--now")
    parser.add_argument("--still", action="store_true", help="lay in no files that are delivered later")
    parser.add_argument("--background", action="store_true", help="print the address once it is filled, and go on")
    parser.add_argument("--stop", action="store_true", help="stop what goes on in the background")
    given, options = parser.parse_known_args()
    if given.stop:
        return stop_background(pathlib.Path(given.folder))
    if given.background:
        return go_on_in_background(pathlib.Path(given.folder), given.listen)
    # Told to stop, it stops the service, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    demo = Demo(given.binary, given.folder, given.listen, given.tier, given.now, options)
    try:
        demo.make()
        demo.until_it_has_looked()
        print(f"{demo.url}/console/", flush=True)
        while demo.process.poll() is None:
            time.sleep(5)
            if not given.still:
                demo.put_what_is_due(demo.clock())
    except KeyboardInterrupt:
        pass
    finally:
        if demo.process:
            demo.stop()


if __name__ == "__main__":
    main()
