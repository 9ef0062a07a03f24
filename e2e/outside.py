"""The outside, as real servers: a mail server, queues and buckets that are elsewhere.

    python e2e/outside.py path/to/trailsight path/to/aws

moto is the outside S3, SQS and STS, aiosmtpd the mail server. `cargo test -p trailsight` runs it
(crates/trailsight/tests/it/service.rs).
"""

import datetime
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3
from botocore.exceptions import ClientError

from mails import MailServer
from made_up import ACCOUNT, REGION, log_file, record
from running import BINARY, Service, free_port, until

# Whose buckets and queues they are; and what the environment says of endpoints, which the service must not believe.
OUTSIDE = {"AWS_ACCESS_KEY_ID": "AKIAANYKEYWILLDO", "AWS_SECRET_ACCESS_KEY": "any", "AWS_DEFAULT_REGION": REGION}
DECEIVED = {**os.environ, **OUTSIDE, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}


def trailsight(service, *arguments, fails=None):
    """A command on the service's data directory."""
    command = [BINARY, *arguments, "--data-dir", service.data]
    done = subprocess.run(command, env={**os.environ, **OUTSIDE, "HOME": service.data}, capture_output=True, text=True, timeout=60)
    assert (done.returncode != 0) == (fails is not None) and (fails or "") in done.stderr, (arguments, done)
    return done.stdout


def client(name, url):
    keys = {"aws_access_key_id": OUTSIDE["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": OUTSIDE["AWS_SECRET_ACCESS_KEY"]}
    return boto3.client(name, endpoint_url=url, region_name=REGION, **keys)


def mails(service, mail_server):
    next_mail = lambda: until("a mail", lambda: mail_server.mails and mail_server.mails.pop(0))
    sns = service.client("sns")
    topic = sns.create_topic(Name="alerts", Attributes={"DisplayName": "Insights"})["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.com")
    asked = next_mail()
    assert (asked.sender, asked.recipients) == ("alerts@example.com", ["ops@example.com"]), asked
    link = re.search(r"http\S*Action=ConfirmSubscription\S*", asked.text).group()
    with urllib.request.urlopen(link) as reply:
        assert reply.status == 200
    sns.publish(TopicArn=topic, Subject="Ungewöhnlich", Message="one\n.\ntwo ü")
    _, _, mail, text = next_mail()
    assert mail["Subject"] == "Ungewöhnlich" and text.startswith("one\n.\ntwo ü\n"), (mail["Subject"], text)
    assert str(mail["From"]) == "Insights <alerts@example.com>", mail["From"]
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Message-ID"] and mail["Date"], mail
    # One click, as a mail program makes it.
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click", mail
    url = mail["List-Unsubscribe"].strip("<>")
    with urllib.request.urlopen(url, data=b"List-Unsubscribe=One-Click") as reply:
        assert reply.status == 200
    assert not [each for each in sns.list_subscriptions()["Subscriptions"] if each["SubscriptionArn"].startswith(topic)]


def queues(service, moto):
    sqs, events, sns = client("sqs", moto), service.client("events"), service.client("sns")
    arn = lambda name: f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ["told", "dead"]}

    def received(name):
        asked = {"QueueUrl": urls[name], "MessageAttributeNames": ["All"], "WaitTimeSeconds": 1}
        (message,) = until(f"a message in {name}", lambda: sqs.receive_message(**asked).get("Messages"))
        sqs.delete_message(QueueUrl=urls[name], ReceiptHandle=message["ReceiptHandle"])
        return message

    events.put_rule(Name="orders", EventPattern='{"source": ["shop"]}')
    targets = [
        {"Id": "told", "Arn": arn("told"), "InputPath": "$.detail"},
        {"Id": "lost", "Arn": arn("none"), "DeadLetterConfig": {"Arn": arn("dead")}},
    ]
    events.put_targets(Rule="orders", Targets=targets)
    events.put_events(Entries=[{"Source": "shop", "DetailType": "order", "Detail": '{"n": 1}'}])
    assert json.loads(received("told")["Body"]) == {"n": 1}
    letter = received("dead")
    told = {name: attribute["StringValue"] for name, attribute in letter["MessageAttributes"].items()}
    assert json.loads(letter["Body"])["detail"] == {"n": 1}, letter
    assert told["ERROR_CODE"] == "NO_RESOURCE" and told["TARGET_ARN"] == arn("none") and told["RETRY_ATTEMPTS"] == "0", told

    topic = sns.create_topic(Name="queued")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn("told"), Attributes={"RawMessageDelivery": "true"})
    sns.publish(TopicArn=topic, Message="raw", MessageAttributes={"n": {"DataType": "Number", "StringValue": "7"}})
    message = received("told")
    assert message["Body"] == "raw" and message["MessageAttributes"]["n"]["StringValue"] == "7", message


def one_call(now, name):
    """A log file with one record: its key, and its bytes."""
    at = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return log_file(at, name, [record(f"{name}-0000-4000-8000-000000000001", at)])


def linked_buckets(service, moto):
    s3, sqs = client("s3", moto), client("sqs", moto)
    s3.create_bucket(Bucket="real")
    now = datetime.datetime.now(datetime.timezone.utc)
    before, content = one_call(now - datetime.timedelta(minutes=1), "aaaaaaaa")
    s3.put_object(Bucket="real", Key=f"trails/{before}", Body=content)
    notices = sqs.create_queue(QueueName="notices")["QueueUrl"]

    link = ["buckets", "link", "linked", "--url", "s3://real/trails", "--endpoint", moto, "--region", REGION]
    trailsight(service, *link, "--external-id", "x", fails="--role-arn")
    trailsight(service, "buckets", "link", "linked", "--url", "s3://none", "--endpoint", moto, fails="cannot be read")
    told = trailsight(service, *link, "--sqs-queue-url", notices)
    assert "1 folders" in told and "linked is linked" in told, told
    assert "s3://real/trails" in trailsight(service, "buckets", "list")
    ours = service.client("s3")
    until("the running service to see it", lambda: "linked" in [each["Name"] for each in ours.list_buckets()["Buckets"]])

    # Read through, never written.
    assert service.aws("s3", "ls", "s3://linked").split() == ["PRE", "AWSLogs/"]
    assert before in service.aws("s3", "ls", "s3://linked", "--recursive")
    back = pathlib.Path(service.data) / "back"
    service.aws("s3", "cp", f"s3://linked/{before}", str(back), "--no-progress")
    assert back.read_bytes() == content
    part = ours.get_object(Bucket="linked", Key=before, Range="bytes=2-5")
    since = {"IfModifiedSince": part["LastModified"] + datetime.timedelta(hours=1)}
    for ask in (ours.get_object, ours.head_object):
        try:
            raise AssertionError(f"{ask(Bucket='linked', Key=before, **since)} is no news")
        except ClientError as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 304, error
    assert part["Body"].read() == content[2:6] and part["ContentRange"] == f"bytes 2-5/{len(content)}", part
    service.aws("s3", "cp", str(back), "s3://linked/x", fails="AccessDenied")
    service.aws("s3", "rm", f"s3://linked/{before}", fails="AccessDenied")
    service.aws("s3", "rb", "s3://linked", fails="linked to s3://real/trails")

    # What is there is found by listing, what comes is told by a notice.
    trails = service.client("cloudtrail")
    trails.create_trail(Name="elsewhere", S3BucketName="linked")
    trails.start_logging(Name="elsewhere")
    after, content = one_call(now, "bbbbbbbb")
    s3.put_object(Bucket="real", Key=f"trails/{after}", Body=content)
    notice = {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "real"}, "object": {"key": f"trails/{after}"}}}
    asked_at = time.monotonic()
    sqs.send_message(QueueUrl=notices, MessageBody=json.dumps({"Records": [notice]}))
    until("the log file to be counted", lambda: re.search(r"counted log files.*\bcounted=[1-9]", service.logged()))
    print(f"counted {time.monotonic() - asked_at:.1f} s after its notice")
    left = lambda: sqs.get_queue_attributes(QueueUrl=notices, AttributeNames=["All"])["Attributes"]
    counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    until("the notice to be deleted", lambda: all(left()[name] == "0" for name in counts))

    # As somebody else.
    role = ["--role-arn", f"arn:aws:iam::{ACCOUNT}:role/reader", "--external-id", "6f5c1d2e", "--sts-endpoint", moto]
    told = trailsight(service, "buckets", "link", "by-role", *link[3:], *role, "--read-only")
    assert "can be read" in told, told
    until("the second link", lambda: "by-role" in [each["Name"] for each in ours.list_buckets()["Buckets"]])
    assert ours.list_objects_v2(Bucket="by-role")["KeyCount"] == 2
    trailsight(service, "buckets", "unlink", "by-role")
    trailsight(service, "buckets", "unlink", "by-role", fails="no link")
    until("the link to go", lambda: "by-role" not in [each["Name"] for each in ours.list_buckets()["Buckets"]])
    assert s3.list_objects_v2(Bucket="real")["KeyCount"] == 2, "nothing has changed there"


def main():
    signal.alarm(240)
    mail_server, moto_port = MailServer(), free_port()
    moto = f"http://127.0.0.1:{moto_port}"
    outside = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(moto_port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    service = None
    try:

        def answers():
            try:
                return urllib.request.urlopen(f"{moto}/moto-api/", timeout=5).status == 200
            except OSError:
                return False

        until("moto", answers)
        with tempfile.TemporaryDirectory() as folder:
            service = Service(f"{folder}/data", *mail_server.options, "--sqs-endpoint-url", moto, environment={**DECEIVED, "HOME": folder})
            try:
                mails(service, mail_server)
                queues(service, moto)
                linked_buckets(service, moto)
            except BaseException:
                print(service.logged(), file=sys.stderr)
                raise
            code, log = service.stop(signal.SIGTERM)
            assert code == 0 and "the mail server answers" in log, log
    finally:
        if service:
            service.process.kill()
        outside.kill()
        mail_server.stop()
    print("all as it should be")


main()
