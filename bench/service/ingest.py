"""Log files counted by the service, beside `analyze` over the same files."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

from common import fail
from service import Clients, Service, until

# Rules as people have them, few records match: <https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html>
RULES = [
    {"source": ["aws.cloudtrail"], "detail-type": ["AWS Insight via CloudTrail"]},
    {"detail": {"userIdentity": {"type": ["Root"]}, "eventType": [{"anything-but": "AwsServiceEvent"}]}},
    {"detail": {"errorCode": [{"wildcard": "*UnauthorizedOperation"}, {"prefix": "AccessDenied"}], "eventName": [{"prefix": "Delete"}]}},
    {"detail": {"eventName": ["ConsoleLogin"], "additionalEventData": {"MFAUsed": [{"anything-but": "Yes"}]}}},
    {"detail": {"eventName": ["ConsoleLogin"], "errorMessage": ["Failed authentication"]}},
    {"source": ["aws.iam"], "detail": {"eventName": [{"prefix": "DeletePolicy"}, {"prefix": "CreatePolicy"}, {"suffix": "RolePolicy"}]}},
    {"source": ["aws.cloudtrail"], "detail": {"eventName": ["CreateTrail", "UpdateTrail", "DeleteTrail", "StopLogging"]}},
    {"source": ["aws.kms"], "detail": {"eventName": ["DisableKey", "ScheduleKeyDeletion"]}},
    {"source": ["aws.s3"], "detail": {"eventName": ["PutBucketAcl", "PutBucketPolicy", "DeleteBucketPolicy", "DeleteBucket"]}},
    {"source": ["aws.config"], "detail": {"eventName": ["StopConfigurationRecorder", "DeleteDeliveryChannel"]}},
    {"source": ["aws.ec2"], "detail": {"eventName": [{"prefix": "AuthorizeSecurityGroup"}, {"prefix": "RevokeSecurityGroup"}]}},
    {"source": ["aws.ec2"], "detail": {"eventName": [{"wildcard": "*NetworkAcl*"}]}},
    {"source": ["aws.ec2"], "detail": {"eventName": ["CreateCustomerGateway", "AttachInternetGateway", "DeleteInternetGateway"]}},
    {"source": ["aws.ec2"], "detail": {"eventName": ["CreateRoute", "ReplaceRoute", "DeleteRouteTable"]}},
    {"source": ["aws.ec2"], "detail": {"eventName": ["CreateVpc", "DeleteVpc", {"wildcard": "*VpcPeeringConnection"}]}},
    {"source": ["aws.ec2"], "detail": {"eventName": ["GetPasswordData"]}},
    {"source": ["aws.ec2"], "detail": {"eventName": ["RunInstances"], "requestParameters": {"instanceType": [{"prefix": "p5"}, {"prefix": "g6"}]}}},
    {"detail": {"sourceIPAddress": [{"cidr": "198.18.0.0/15"}], "readOnly": [False]}},
    {"detail": {"eventName": ["CreateAccessKey"], "userIdentity": {"type": ["AssumedRole", "IAMUser"]}}},
    {"detail": {"eventName": ["GetSecretValue"], "errorCode": [{"exists": True}]}},
]


def log_files(folder):
    return sorted(path for path in pathlib.Path(folder).rglob("*.json.gz"))


def simulated(binary, work, name, *options):
    """Made-up log files. All of them are one installation's: analyze and the service read the same."""
    folder = work / name
    shutil.rmtree(folder, ignore_errors=True)
    words = [binary, "simulate", "--seed", "7", "--out", folder, *options]
    subprocess.run([str(word) for word in words], check=True, stderr=subprocess.DEVNULL)
    (folder / "truth.json").unlink()
    return folder


def analyzed(binary, folder):
    """How long `analyze` takes, by the wall and on processors, and how many records it reads."""
    before, started = os.times(), time.monotonic()
    words = [binary, "analyze", folder, "--data-events", "--format", "ndjson"]
    done = subprocess.run([str(word) for word in words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wall, after = time.monotonic() - started, os.times()
    if done.returncode not in (0, 10):
        fail(f"analyze ended with {done.returncode}: {done.stderr[-2000:]}")
    records = int(re.search(r"([\d,]+) records", done.stderr).group(1).replace(",", ""))
    return wall, after.children_user + after.children_system - before.children_user - before.children_system, records


def fresh(work, name):
    """A folder for one run. What others left is not removed before the end: for some seconds ext4 looks for room around each file
    that was removed, which whoever makes files then pays for."""
    return pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=work))


def linked(binary, work, folder, files, now):
    """The service reads a folder that is linked as a bucket."""
    data = fresh(work, "data-linked")
    words = [binary, "buckets", "link", "my-trail", "--url", f"file://{folder}", "--read-only", "--data-dir", data]
    subprocess.run([str(word) for word in words], check=True, capture_output=True)
    service = Service(binary, data, "--without-lake", now=now)
    service.with_trail(make=False, rules=RULES)
    cpu = service.cpu()
    service.start_logging()
    # Within a second it looks at what is linked; what is measured is how fast it reads.
    until("the folder is listed", lambda: service.status()["progress"]["listedFiles"], every=0.01)
    started = time.monotonic()
    service.counted(len(files))
    took = time.monotonic() - started, service.cpu() - cpu, service.memory("VmHWM")
    service.stop()
    return took


def put(binary, work, folder, files, now, at_once=4):
    """The files are put through the S3 port, one request a file."""
    data = fresh(work, "data-put")
    service = Service(binary, data, "--without-lake", now=now)
    service.with_trail(rules=RULES)
    service.start_logging()
    read = [(path.relative_to(folder).as_posix(), path.read_bytes()) for path in files]
    cpu, mine, started = service.cpu(), sum(os.times()[:2]), time.monotonic()
    Clients(service.host, at_once).each(read, lambda client, file: client.put("my-trail", *file))
    service.counted(len(files))
    took = time.monotonic() - started, service.cpu() - cpu, service.memory("VmHWM")
    mine = sum(os.times()[:2]) - mine
    service.stop()
    return *took, mine
