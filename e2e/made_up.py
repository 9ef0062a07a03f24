"""What is made up here as AWS has it: records, log files under CloudTrail's keys, signatures that nobody looks at.

Nothing but Python's own library: `make demo` has no other, and the benchmarks take these, too (bench/common.py).
"""

import gzip
import json
import pathlib

REGION, ACCOUNT = "us-east-1", "123456789012"


def signature(service, region=REGION):
    """The header of a signature. Where any key is let in, it may be any."""
    scope = f"AKIAANYKEYWILLDO/20260212/{region}/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}"


def signed(service):
    """The headers of a request that is signed so."""
    return {"Authorization": signature(service), "X-Amz-Date": "20260212T143000Z"}


def record(event_id, at, user="Alice", account=ACCOUNT, **other):
    """A call that changes something, made at a time like 2026-02-12T14:30:00Z; `other` are fields that it has besides, or otherwise."""
    return {
        "eventVersion": "1.11",
        "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::{account}:user/{user}", "accountId": account, "userName": user},
        "eventTime": at,
        "eventSource": "ec2.amazonaws.com",
        "eventName": "RunInstances",
        "awsRegion": REGION,
        "sourceIPAddress": "192.0.2.7",
        "userAgent": "aws-cli",
        "eventID": event_id,
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
        **other,
    }


def log_file(at, name, records, account=ACCOUNT):
    """The key and the bytes of a log file that was delivered at a time; `name` is its last part, which no other file has."""
    day, minute = at[:10].replace("-", "/"), at[:16].replace("-", "").replace(":", "")
    key = f"AWSLogs/{account}/CloudTrail/{REGION}/{day}/{account}_CloudTrail_{REGION}_{minute}Z_{name}.json.gz"
    return key, gzip.compress(json.dumps({"Records": records}).encode())


def delivered_at(path):
    """When a log file was delivered, by its name: `20260211T0225Z`."""
    return pathlib.PurePath(path).name.split("_")[3]
