"""The walkthrough as it stands, and an insight that goes all the way.

    python e2e/walkthrough.py path/to/trailsight path/to/aws

Steps 1 to 3 are run by bash as they are written, with the AWS CLI; the Python of step 5 is zipped, created, permitted and made a
second target. Then a made-up account, in whose last night a key is stolen, is synced into the trail's bucket, with two restarts
of the service between. Each Start and each End must come once: as a file where AWS puts it, as a mail at a real mail server,
and as a run of the function whose log can be read.

Before that, docs/FIRST-ALARM.md is lived from its step 2 on, as a newcomer does it: without a mail server.

The text is `shared/walkthrough/article.md` beside the clone, or else e2e/walkthrough.md.
"""

import datetime
import gzip
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile

from mails import MailServer, of_outbox
from made_up import ACCOUNT, REGION, delivered_at
from running import BINARY, Service, until

HERE = pathlib.Path(__file__).parent
ARTICLES = [folder / "shared" / "walkthrough" / "article.md" for folder in HERE.parents]
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:cloudtrail-insights-alerts"
RULE, FUNCTION = "cloudtrail-insights-detected", "insight-responder"

# The account of `trailsight simulate --tier demo --seed 7`: what is synced of it, and where the night is cut.
FIRST_DAY = "20260209"
BEFORE, DURING, AFTER = "20260211T0200Z", "20260211T0600Z", "20260212T0200Z"


def blocks(text, step, language):
    """The code blocks of a step."""
    section = re.search(rf"^## Step {step}:.*?(?=^## |\Z)", text, re.M | re.S).group()
    return re.findall(rf"^```{language}\n(.*?)^```", section, re.M | re.S)


def bash(service, script):
    done = subprocess.run(["bash", "-e", "-c", script], env=service.environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, (script, done.stderr)
    return done.stdout


def first_alarm(folder):
    """docs/FIRST-ALARM.md, as it stands."""
    page = (HERE.parent / "docs" / "FIRST-ALARM.md").read_text()
    data = folder / ".local/share/trailsight"
    data.mkdir(parents=True)
    (settings,) = blocks(page, 1, "toml")
    (folder / "smtp-password").write_text("secret")
    (folder / "trailsight.toml").write_text(settings.replace("/etc/trailsight/smtp-password", f"{folder}/smtp-password"))
    subprocess.run([BINARY, "config", "check", "--config", folder / "trailsight.toml"], check=True, capture_output=True)
    service = Service(str(data))
    try:
        service.environment["HOME"] = str(folder)
        service.environment["PATH"] = f"{pathlib.Path(BINARY).parent}:{service.environment['PATH']}"
        exports, *commands = [block for step in (2, 3, 4, 5) for block in blocks(page, step, "sh")]
        assert all(line.startswith("export ") for line in exports.splitlines()), exports
        mails = lambda: of_outbox(data / "outbox")
        for block in commands:
            if "ConfirmSubscription" in block:
                until("a mail that asks for confirmation", mails)
            bash(service, block)
        arns = [each["SubscriptionArn"] for each in service.aws_json("sns", "list-subscriptions")["Subscriptions"]]
        assert len(arns) == 1 and arns[0].startswith("arn:"), arns
        until("two mails of the test insight", lambda: len(mails()) >= 3)
        told = sorted(mail.text.split("\n")[:3] for mail in mails() if "TrailsightTest" in mail.text)
        what = "ApiCallRateInsight of TrailsightTest (cloudtrail.amazonaws.com)"
        assert [lines[0] for lines in told] == [f"End: {what}", f"Start: {what}"], told
        assert all(re.fullmatch(r"[\d.e-]+ a minute, usually [\d.e-]+", lines[2]) for lines in told), told
    except BaseException:
        print(service.logged()[-8000:], file=sys.stderr)
        raise
    finally:
        service.process.kill()


def steps_1_to_3(service, text, server):
    for bucket, trail, more in [("my-trail", "my-trail", ""), ("org-trail", "org-trail", "--is-organization-trail --is-multi-region-trail")]:
        bash(service, f"aws s3 mb s3://{bucket} && aws cloudtrail create-trail --name {trail} --s3-bucket-name {bucket} {more}")
    for block in blocks(text, 1, "bash"):
        bash(service, block)
    (verify,) = blocks(text, 2, "bash")
    selectors = json.loads(bash(service, verify))["InsightSelectors"]
    assert {each["InsightType"] for each in selectors} == {"ApiCallRateInsight", "ApiErrorRateInsight"}, selectors
    for block in blocks(text, 3, "bash"):
        bash(service, block)
    (told,) = until("a mail that asks for confirmation", lambda: server.mails)
    assert told.recipients == ["ops-team@example.com"], told
    with urllib.request.urlopen(re.search(r"http://\S*Action=ConfirmSubscription\S*", told.text).group()) as reply:
        assert reply.status == 200
    server.mails.clear()


def step_5(service, text, folder):
    (code,) = blocks(text, 5, "python")
    with zipfile.ZipFile(folder / "function.zip", "w") as archive:
        archive.writestr("lambda_function.py", code)
    service.aws(
        "lambda", "create-function", "--function-name", FUNCTION, "--runtime", "python3.11", "--handler", "lambda_function.handler",
        "--role", f"arn:aws:iam::{ACCOUNT}:role/responder", "--zip-file", f"fileb://{folder}/function.zip", "--timeout", "30",
    )  # fmt: skip
    rule = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{RULE}"
    service.aws(
        "lambda", "add-permission", "--function-name", FUNCTION, "--statement-id", "events", "--action", "lambda:InvokeFunction",
        "--principal", "events.amazonaws.com", "--source-arn", rule,
    )  # fmt: skip
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{FUNCTION}"
    told = service.aws_json("events", "put-targets", "--rule", RULE, "--targets", f"Id=responder,Arn={arn}")
    assert told["FailedEntryCount"] == 0, told


def with_runtime(data):
    """Puts the runtime that `make tools` installed into the data directory: installing another takes longer than all else here."""
    runtimes = pathlib.Path(os.environ.get("TRAILSIGHT_TEST_RUNTIMES") or pathlib.Path.home() / ".cache/trailsight/runtimes")
    if not (runtimes / "python3.11/runtime.json").exists():
        print("LEFT OUT: there is no Python runtime, so the function is not run; `make tools` installs one", file=sys.stderr)
        return False
    shutil.copytree(runtimes, data / "runtimes", symlinks=True)
    return True


def sync(service, source, staged, since, before):
    """Syncs the files that were delivered then."""
    staged = staged / since
    for path in source.rglob("*.json.gz"):
        if since <= delivered_at(path) < before:
            target = staged / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
    service.aws("configure", "set", "default.s3.max_concurrent_requests", "20")
    service.aws("s3", "sync", "--quiet", str(staged), "s3://org-trail", seconds=200)


def insight_files(service):
    """The Insight files of the bucket, by key."""
    s3 = service.client("s3", s3={"addressing_style": "path"})
    found = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket="org-trail"):
        for line in page.get("Contents", []):
            if "/CloudTrail-Insight/" in line["Key"]:
                found[line["Key"]] = gzip.decompress(s3.get_object(Bucket="org-trail", Key=line["Key"])["Body"].read())
    return found


KEY = re.compile(
    r"AWSLogs/(o-[a-z0-9]+/)?(?P<account>\d{12})/CloudTrail-Insight/(?P<region>[a-z0-9-]+)/(?P<day>\d{4}/\d\d/\d\d)/"
    r"(?P=account)_CloudTrail-Insight_(?P=region)_\d{8}T\d{4}Z_[A-Za-z0-9]{16}\.json\.gz"
)

# <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-insights-fields-trails.html>
RECORD = {"eventVersion", "eventTime", "awsRegion", "eventID", "eventType", "recipientAccountId", "sharedEventID", "insightDetails", "eventCategory"}
DETAILS = {"state", "eventSource", "eventName", "insightType", "sourceEventCategory", "insightContext"}
STATISTICS = {"baseline", "insight", "insightDuration", "baselineDuration"}


def as_aws_writes_it(key, text):
    """Holds an Insight file against AWS's form; gives back its records."""
    match = KEY.fullmatch(key)
    assert match, key
    records = json.loads(text)["Records"]
    for record in records:
        assert record.keys() == RECORD, (key, record.keys() ^ RECORD)
        details = record["insightDetails"]
        assert details.keys() - {"errorCode"} == DETAILS, (key, details.keys())
        assert ("errorCode" in details) == (details["insightType"] == "ApiErrorRateInsight"), details
        statistics = details["insightContext"]["statistics"]
        assert statistics.keys() <= STATISTICS and {"baseline", "insight", "baselineDuration"} <= statistics.keys(), statistics
        assert record["eventCategory"] == "Insight" and record["eventType"] == "AwsCloudTrailInsight", record
        assert record["recipientAccountId"] == match["account"] and record["awsRegion"] == match["region"], (key, record)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:00Z", record["eventTime"]), record
    return records


def edges(files):
    """Every Start and End: which insight, and which of the two."""
    return sorted((r["sharedEventID"], r["insightDetails"]["state"]) for key, text in files.items() for r in as_aws_writes_it(key, text))


def moment(name):
    """`20260211T0200Z` as `--now` takes it."""
    return datetime.datetime.strptime(name, "%Y%m%dT%H%MZ").strftime("%Y-%m-%dT%H:%M:00Z")


def main():
    signal.alarm(400)
    article = next((path for path in ARTICLES if path.exists()), HERE / "walkthrough.md")
    text = article.read_text()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        account, staged = folder / "account", folder / "staged"
        simulate = subprocess.Popen([BINARY, "simulate", "--tier", "demo", "--seed", "7", "--out", account], stderr=subprocess.DEVNULL)
        server, service = MailServer(), None
        runs_functions = with_runtime(folder / "data")
        start = lambda now: Service(str(folder / "data"), "--now", moment(now), *server.options)
        try:
            first_alarm(folder / "home")
            service = start(BEFORE)
            steps_1_to_3(service, text, server)
            step_5(service, text, folder)
            service.aws("cloudtrail", "start-logging", "--name", "org-trail")
            assert simulate.wait() == 0
            sync(service, account, staged, FIRST_DAY, BEFORE)
            assert insight_files(service) == {}, "nothing was unusual yet"

            # The night of the stolen key, in two parts, and the day after it.
            for since, to in [(BEFORE, DURING), (DURING, AFTER)]:
                service.stop(signal.SIGKILL if to == DURING else signal.SIGTERM)
                service = start(to)
                sync(service, account, staged, since, to)
                until("a Start", lambda: insight_files(service), 60)
            service.stop(signal.SIGTERM)
            service = start(AFTER)
            found = until("an End", lambda: [edge for edge in edges(insight_files(service)) if edge[1] == "End"], 90)
            routes = 2 if runs_functions else 1  # the rule tells the topic, and the function, which tells it again
            until("all is told", lambda: len(server.mails) >= routes * len(edges(insight_files(service))), 60)
            time.sleep(2)  # what would be told twice has time to come
            found = edges(insight_files(service))
            assert len(found) == len(set(found)), found
            assert {"Start", "End"} == {state for _, state in found}, found
            told = [mail for mail in server.mails if mail.text.startswith("CloudTrail Insight Detected\n\nType: Api")]
            assert len(told) == len(found), (found, server.mails)
            for mail in told:
                assert mail.recipients == ["ops-team@example.com"], mail
                assert re.search(r"^Baseline Rate: [\d.e-]+ calls/min$", mail.text, re.M), mail
            if runs_functions:
                group = f"/aws/lambda/{FUNCTION}"
                read = lambda: service.aws_json("logs", "filter-log-events", "--log-group-name", group, "--filter-pattern", '"START RequestId"')["events"]
                runs = lambda: {re.search(r"RequestId: (\S+)", event["message"]).group(1) for event in read()}
                until("the function has run", lambda: len(runs()) >= len(found), 60)
                # A run that a restart cut short is repeated under its own id.
                assert len(runs()) == len(found), (runs(), found)
                subjects = [mail for mail in server.mails if str(mail.message["Subject"]).startswith("Insight: ")]
                assert len(subjects) >= len(found), server.mails
        except BaseException:
            print(service.logged()[-8000:] if service else "", file=sys.stderr)
            raise
        finally:
            simulate.kill()
            server.stop()
            if service:
                service.process.kill()
    print(f"{article.name}: all as it should be, {len(found)} Starts and Ends told")


main()
