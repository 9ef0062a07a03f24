"""The real thing: the service under load, killed again and again, and then everything is reconciled.

    python e2e/killed.py path/to/trailsight path/to/aws [--times 100] [--seed 7]

A made-up account, in whose last night a key is stolen, is put into a trail's bucket file by file while the service is killed
with SIGKILL at drawn moments, and started again with its clock a little further into the night. What was being put when it
died is put again. In the end: the ledger has every file, each record was counted once, every Start and every End lies in the
bucket once and was mailed at least once, no End without its Start, and they are those of a service that nobody killed.
"""

import argparse
import collections
import datetime
import gzip
import json
import pathlib
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

arguments = argparse.ArgumentParser()
arguments.add_argument("binary")
arguments.add_argument("aws")
arguments.add_argument("--times", type=int, default=6)
arguments.add_argument("--seed", type=int, default=7)
arguments = arguments.parse_args()

from mails import MailServer  # noqa: E402: what follows reads its own arguments
from made_up import ACCOUNT, REGION, delivered_at  # noqa: E402
from running import BINARY, Service, until  # noqa: E402

BUCKET, TOPIC = "org-trail", f"arn:aws:sns:{REGION}:{ACCOUNT}:insights"
# The account of `trailsight simulate --tier demo --seed 7`: the last night of ten, and when it is over.
FIRST_DAY, NIGHT, OVER = "20260209T0000Z", "20260211T0200Z", "20260212T0200Z"


def moment(name):
    return datetime.datetime.strptime(name, "%Y%m%dT%H%MZ")


class Life:
    """A data directory, and the service that is started on it again and again."""

    def __init__(self, folder, mail_server):
        self.data, self.mail_server = str(folder / "data"), mail_server

    def start(self, now):
        self.service = Service(self.data, "--now", now.strftime("%Y-%m-%dT%H:%M:%SZ"), *self.mail_server.options)
        self.s3 = self.service.client("s3", s3={"addressing_style": "path"})

    def set_up(self):
        trails, events, sns = (self.service.client(name) for name in ("cloudtrail", "events", "sns"))
        self.s3.create_bucket(Bucket=BUCKET)
        trails.create_trail(Name="org-trail", S3BucketName=BUCKET, IsMultiRegionTrail=True)
        kinds = [{"InsightType": kind} for kind in ("ApiCallRateInsight", "ApiErrorRateInsight")]
        trails.put_insight_selectors(TrailName="org-trail", InsightSelectors=kinds)
        trails.start_logging(Name="org-trail")
        sns.create_topic(Name="insights")
        sns.subscribe(TopicArn=TOPIC, Protocol="email", Endpoint="ops@example.com")
        events.put_rule(Name="insights", EventPattern='{"detail-type": ["AWS Insight via CloudTrail"]}')
        paths = {"id": "$.detail.sharedEventID", "state": "$.detail.insightDetails.state"}
        transformer = {"InputPathsMap": paths, "InputTemplate": '"insight <id> <state>."'}
        events.put_targets(Rule="insights", Targets=[{"Id": "t", "Arn": TOPIC, "InputTransformer": transformer}])
        asked = until("the question", lambda: list(self.mail_server.mails), 90)[0]
        token = re.search(r"Token=([0-9a-f]+)", asked.text).group(1)
        sns.confirm_subscription(TopicArn=TOPIC, Token=token)

    def put(self, files, until=lambda: False):
        """Puts files; gives back those that may not be there."""
        for at, (key, path) in enumerate(files):
            if until():
                return files[at:]
            try:
                self.s3.put_object(Bucket=BUCKET, Key=key, Body=path.read_bytes())
            except Exception:  # noqa: BLE001: it was killed
                return files[at:]
        return []

    def told(self):
        """Every Start and End that was mailed, in the order of their coming."""
        mails = list(self.mail_server.mails)
        return [found.groups() for mail in mails if (found := re.search(r"insight ([0-9a-f-]+) (Start|End)\.", mail.text))]

    def insights(self):
        """Every Start and End of the bucket, with what it is about."""
        found = []
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            for line in page.get("Contents", []):
                if "/CloudTrail-Insight/" in line["Key"]:
                    body = self.s3.get_object(Bucket=BUCKET, Key=line["Key"])["Body"].read()
                    found += json.loads(gzip.decompress(body))["Records"]
        return found

    def is_at_rest(self, files):
        ledger = sqlite3.connect(f"file:{database(self.data)}?mode=ro", uri=True)
        with ledger:
            counted = ledger.execute("SELECT count(*) FROM log_file WHERE state = 1").fetchone()[0]
            waiting = ledger.execute("SELECT count(*) FROM delivery WHERE state = 0").fetchone()[0]
        ledger.close()
        return counted >= files and waiting == 0


def database(data):
    return pathlib.Path(data) / "trailsight.sqlite"


def live(folder, account, times, dice):
    """Puts the account into a bucket of the service, which is killed so often meanwhile. Gives back what it is in the end."""
    mail_server = MailServer()
    life = Life(folder, mail_server)
    files = sorted(
        ((str(path.relative_to(account)), path) for path in account.rglob("*.json.gz")), key=lambda file: (delivered_at(file[0]), file[0])
    )
    before = [file for file in files if FIRST_DAY <= delivered_at(file[0]) < NIGHT]
    night = [file for file in files if NIGHT <= delivered_at(file[0]) < OVER]
    try:
        life.start(moment(NIGHT))
        life.set_up()
        assert life.put(before) == []
        left, length = [], moment(OVER) - moment(NIGHT)
        for time_ in range(max(times, 1)):
            now = moment(NIGHT) + length * (time_ + 1) / max(times, 1)
            until_then = now.strftime("%Y%m%dT%H%MZ")
            due = left + [file for file in night if delivered_at(file[0]) < until_then]
            night = night[len(due) - len(left) :]
            life.service.process.kill()
            life.service.process.wait()
            life.start(now)
            if times == 0:
                left = life.put(due)
                continue
            # Put while it is counted, told and killed.
            is_over = threading.Event()
            rest = []
            putting = threading.Thread(target=lambda: rest.extend(life.put(due, is_over.is_set)))
            putting.start()
            time.sleep(dice.uniform(0.05, 2.0))
            life.service.process.kill()
            life.service.process.wait()
            is_over.set()
            putting.join()
            left = rest
            life.start(now)
        life.service.process.kill()
        life.service.process.wait()
        life.start(moment(OVER) + datetime.timedelta(hours=3))
        assert life.put(left + night) == []
        until("all to be counted and delivered", lambda: life.is_at_rest(len(kept(files))) and life.insights(), 90)
        time.sleep(8)  # what would be told twice, or ends when minutes are settled, has time to come
        until("all to be delivered", lambda: life.is_at_rest(0), 90)
        records = life.insights()
        counted = metric_data(life.service, files)
        code, log = life.service.stop(signal.SIGTERM)
        assert code == 0, log[-4000:]
        reconcile(life, files, records, counted)
        return records
    except BaseException:
        print(life.service.logged()[-6000:], file=sys.stderr)
        raise
    finally:
        life.service.process.kill()
        mail_server.stop()


def in_files(files):
    """How many records lie in the files, and each call once: by Region, service and name."""
    records, calls, seen = 0, collections.Counter(), set()
    for _, path in files:
        for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]:
            records += 1
            if record["eventID"] not in seen:
                seen.add(record["eventID"])
                calls[record["awsRegion"], record["eventSource"], record["eventName"]] += 1
    return records, calls


def metric_data(service, files):
    """What ListInsightsMetricData says of the twenty APIs that are called most, by Region."""
    counted = {}
    for (region, source, name), _ in in_files(kept(files))[1].most_common(20):
        client = service.client("cloudtrail")
        asked = {"EventSource": source, "EventName": name, "InsightType": "ApiCallRateInsight", "Period": 60, "DataType": "NonZeroData"}
        asked |= {"StartTime": moment(FIRST_DAY) - datetime.timedelta(days=1), "EndTime": moment(OVER) + datetime.timedelta(hours=3)}
        if region == REGION:
            counted[region, source, name] = round(sum(client.list_insights_metric_data(**asked)["Values"]))
    return counted


def kept(files):
    return [file for file in files if FIRST_DAY <= delivered_at(file[0]) < OVER]


def reconcile(life, files, records, counted):
    files = kept(files)
    read, calls = in_files(files)
    ledger = sqlite3.connect(f"file:{database(life.data)}?mode=ro", uri=True)
    states = dict(ledger.execute("SELECT state, count(*) FROM log_file GROUP BY state").fetchall())
    in_ledger = ledger.execute("SELECT sum(records) FROM log_file").fetchone()[0]
    dead = ledger.execute("SELECT kind, target, last_error FROM delivery WHERE state = 2").fetchall()
    ledger.close()
    assert states == {1: len(files)}, (states, len(files))
    assert in_ledger == read, (in_ledger, read)
    assert dead == [], dead
    for api, calls_counted in counted.items():
        assert calls_counted == calls[api], (api, calls_counted, calls[api])
    assert counted, "nothing was counted"
    edges = [(record["sharedEventID"], record["insightDetails"]["state"]) for record in records]
    assert len(edges) == len(set(edges)), "told twice in the bucket"
    told = life.told()
    assert set(told) == set(edges), (set(told) ^ set(edges))
    for insight, state in edges:
        if state == "End":
            assert (insight, "Start") in edges, insight
            assert told.index((insight, "Start")) < told.index((insight, "End")), insight
    assert any(state == "End" for _, state in edges), edges


def made_ours(account):
    """The account that was made up becomes the service's own: of another, nobody is told who asks without a role there."""
    (theirs,) = {path.name.split("_")[0] for path in account.rglob("*.json.gz")}
    for path in list(account.rglob("*.json.gz")):
        ours = account / str(path.relative_to(account)).replace(theirs, ACCOUNT)
        ours.parent.mkdir(parents=True, exist_ok=True)
        ours.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(theirs.encode(), ACCOUNT.encode()), 1))
        if ours != path:
            path.unlink()


def about(records):
    """What the insights are about that are told, and whether each has its End."""
    about = collections.defaultdict(set)
    for record in records:
        details = record["insightDetails"]
        about[record["awsRegion"], details["eventName"], details.get("errorCode")].add(details["state"])
    return dict(about)


def main():
    signal.alarm(300 + 30 * arguments.times)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        account = folder / "account"
        subprocess.run([BINARY, "simulate", "--tier", "demo", "--seed", "7", "--out", account], stderr=subprocess.DEVNULL, check=True)
        made_ours(account)
        for name in ("usual", "killed"):
            (folder / name).mkdir()
        dice = random.Random(arguments.seed)
        usual = about(live(folder / "usual", account, 0, dice))
        killed = about(live(folder / "killed", account, arguments.times, dice))
        lost = {api for api, states in usual.items() if not states <= killed.get(api, set())}
        assert not lost, (lost, killed)
    print(f"killed {arguments.times} times: every record counted once, {sum(map(len, killed.values()))} kinds of Starts and Ends told")


main()
