"""Real clients against the real binary: the AWS CLI, boto3, and bytes that neither of them sends.

    python e2e/service.py path/to/trailsight path/to/aws

The service is started on a free port with a folder of its own, asked, killed, started again and asked what it still knows.
`cargo test -p trailsight` runs it (crates/trailsight/tests/it/service.rs).
"""

import base64
import hashlib
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import urllib.request
import zlib

from botocore.exceptions import ClientError

from made_up import REGION
from running import BINARY, Service


def refused(call, code, status):
    """The call must be refused so."""
    try:
        told = call()
    except ClientError as error:
        found = (error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"])
        assert found == (code, status), error
    else:
        raise AssertionError(f"{code} was expected, told was {told}")


def identity_and_patterns(service):
    assert service.aws_json("sts", "get-caller-identity")["Account"] == "123456789012"
    event = {"id": "1", "account": "1", "source": "aws.s3", "time": "2026-02-12T14:30:00Z", "region": REGION, "detail-type": "x"}
    test = ["events", "test-event-pattern", "--event", json.dumps(event), "--event-pattern"]
    assert service.aws_json(*test, '{"source": ["aws.s3"]}')["Result"] is True
    assert service.aws_json(*test, '{"source": ["aws.ec2"]}')["Result"] is False
    service.aws(*test, '{"source": "aws.ec2"}', fails="InvalidEventPatternException")


def s3_by_the_cli(service, folder):
    tree = folder / "tree"
    (tree / "AWSLogs" / "1").mkdir(parents=True)
    names = ["AWSLogs/1/a.json.gz", "AWSLogs/1/b.json.gz", "100% é + ö.txt", "z"]
    for name in names:
        (tree / name).write_text(name)
    large = folder / "large"
    large.write_bytes(os.urandom(20_000_000))

    assert service.aws("s3", "mb", "s3://my-trail").strip() == "make_bucket: my-trail"
    service.aws("s3", "mb", "s3://my-trail")  # as AWS has it in us-east-1
    service.aws("s3", "mb", "s3://No_Bucket", fails="InvalidBucketName")
    service.aws("s3", "sync", str(tree), "s3://my-trail")
    assert service.aws("s3", "sync", str(tree), "s3://my-trail") == "", "nothing has changed"
    listed = [line.split(maxsplit=3)[3] for line in service.aws("s3", "ls", "s3://my-trail", "--recursive").splitlines()]
    assert listed == sorted(names), listed
    told = service.aws("s3", "ls", "s3://my-trail").splitlines()
    assert told[1].strip() == "PRE AWSLogs/" or told[0].strip() == "PRE AWSLogs/", told

    service.aws("s3", "cp", str(large), "s3://my-trail/large", "--content-type", "x/y", "--metadata", "by=us", "--no-progress")
    service.aws("s3", "cp", "s3://my-trail/large", "s3://my-trail/copies/large", "--no-progress")
    back = folder / "back"
    for name in ["large", "copies/large"]:
        service.aws("s3", "cp", f"s3://my-trail/{name}", str(back), "--no-progress")
        assert back.read_bytes() == large.read_bytes(), name
    head = service.aws_json("s3api", "head-object", "--bucket", "my-trail", "--key", "large")
    assert head["ContentType"] == "x/y" and head["Metadata"] == {"by": "us"} and head["ETag"].endswith('-3"'), head

    url = service.aws("s3", "presign", "s3://my-trail/100% é + ö.txt").strip()
    with urllib.request.urlopen(url) as reply:
        assert reply.read().decode() == "100% é + ö.txt"
    status, told, _ = service.bytes("GET", re.sub(r"Expires=\d+", "Expires=1", url.removeprefix(service.url)), {"Authorization": None})
    assert (status, "has expired" in told) == (403, True), told

    service.aws("s3", "rb", "s3://my-trail", fails="BucketNotEmpty")
    service.aws("s3", "rm", "s3://my-trail/AWSLogs", "--recursive")
    service.aws("s3", "ls", "s3://my-trail/AWSLogs/", fails="")
    service.aws("s3", "ls", "s3://no-bucket", fails="NoSuchBucket")
    service.aws("s3", "mb", "s3://gone")
    service.aws("s3", "rb", "s3://gone")
    service.aws("s3", "ls", "s3://gone", fails="NoSuchBucket")


def s3_by_boto3(service):
    s3 = service.client("s3", s3={"addressing_style": "path"})
    s3.create_bucket(Bucket="keys", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert s3.get_bucket_location(Bucket="keys")["LocationConstraint"] == "eu-west-1"
    assert s3.head_bucket(Bucket="keys")["BucketRegion"] == "eu-west-1"
    refused(lambda: s3.create_bucket(Bucket="keys", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}), "BucketAlreadyOwnedByYou", 409)

    # Keys that are no file names, and objects with the names of folders.
    keys = ["a", "a-b", "a/b", "a/b/c", "a//d", "a/", "a0", "../../up", "..", "./x", "%41", "%", "é ü+&=?#", "tab\there", "x" * 240]
    for key in keys:
        s3.put_object(Bucket="keys", Key=key, Body=key.encode())
    for key in keys:
        assert s3.get_object(Bucket="keys", Key=key)["Body"].read().decode() == key
    in_order = sorted(keys, key=str.encode)
    for limit in [1, 2, 3, 1000]:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket="keys", PaginationConfig={"PageSize": limit})
        assert [line["Key"] for page in pages for line in page.get("Contents", [])] == in_order, limit
        pages = s3.get_paginator("list_objects").paginate(Bucket="keys", PaginationConfig={"PageSize": limit})
        assert [line["Key"] for page in pages for line in page.get("Contents", [])] == in_order, limit
        for method in ["list_objects_v2", "list_objects"]:
            for prefix, delimiter in [("", "/"), ("a", "/"), ("a/", "/"), ("", "-"), ("a", "b")]:
                expected_keys, expected_prefixes = told_of(in_order, prefix, delimiter)
                pages = list(
                    s3.get_paginator(method).paginate(
                        Bucket="keys", Prefix=prefix, Delimiter=delimiter, PaginationConfig={"PageSize": limit}
                    )
                )
                found = [line["Key"] for page in pages for line in page.get("Contents", [])]
                prefixes = [line["Prefix"] for page in pages for line in page.get("CommonPrefixes", [])]
                assert (found, prefixes) == (expected_keys, expected_prefixes), (method, limit, prefix, delimiter, found, prefixes)
    assert s3.list_objects_v2(Bucket="keys", MaxKeys=0)["KeyCount"] == 0
    refused(lambda: s3.put_object(Bucket="keys", Key="y" * 1025, Body=b""), "KeyTooLongError", 400)

    body = b"0123456789" * 1000
    put = s3.put_object(Bucket="keys", Key="ranges", Body=body, ContentEncoding="gzip", CacheControl="no-store")
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    for text, part in [("bytes=0-0", body[:1]), ("bytes=9995-", body[9995:]), ("bytes=-3", body[-3:]), ("bytes=5-99999", body[5:])]:
        got = s3.get_object(Bucket="keys", Key="ranges", Range=text)
        assert got["Body"].read() == part and got["ResponseMetadata"]["HTTPStatusCode"] == 206, text
    refused(lambda: s3.get_object(Bucket="keys", Key="ranges", Range="bytes=10000-"), "InvalidRange", 416)
    got = s3.get_object(Bucket="keys", Key="ranges", ChecksumMode="ENABLED", ResponseContentType="a/b")
    assert got["ChecksumCRC32"] and got["ContentEncoding"] == "gzip" and got["CacheControl"] == "no-store" and got["ContentType"] == "a/b"
    refused(lambda: s3.get_object(Bucket="keys", Key="ranges", IfNoneMatch=put["ETag"]), "304", 304)
    since = {"IfModifiedSince": s3.head_object(Bucket="keys", Key="ranges")["LastModified"]}
    refused(lambda: s3.get_object(Bucket="keys", Key="ranges", **since), "304", 304)
    refused(lambda: s3.copy_object(Bucket="keys", Key="copy", CopySource="keys/ranges", CopySourceIfNoneMatch=put["ETag"]), "PreconditionFailed", 412)
    expiry = {"Rules": [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 90}}]}
    refused(lambda: s3.put_bucket_lifecycle_configuration(Bucket="keys", LifecycleConfiguration=expiry), "NotImplemented", 501)
    refused(lambda: s3.put_object(Bucket="keys", Key="ranges", Body=b"", IfNoneMatch="*"), "PreconditionFailed", 412)
    refused(lambda: s3.put_object(Bucket="keys", Key="ranges", Body=b"", IfMatch='"0"'), "PreconditionFailed", 412)
    refused(lambda: s3.put_object(Bucket="keys", Key="wrong", Body=b"x", ContentMD5=base64.b64encode(b"0" * 16).decode()), "BadDigest", 400)
    refused(lambda: s3.head_object(Bucket="keys", Key="wrong"), "404", 404)
    refused(lambda: s3.copy_object(Bucket="keys", Key="ranges", CopySource="keys/ranges"), "InvalidRequest", 400)
    s3.copy_object(Bucket="keys", Key="ranges", CopySource="keys/ranges", MetadataDirective="REPLACE", ContentType="c/d")
    assert s3.head_object(Bucket="keys", Key="ranges")["ContentType"] == "c/d"

    # Parts, the odd ways.
    upload = {"Bucket": "keys", "Key": "parts", "UploadId": s3.create_multipart_upload(Bucket="keys", Key="parts")["UploadId"]}
    large = os.urandom(5 << 20)
    first = s3.upload_part(**upload, PartNumber=2, Body=b"replaced")
    first = s3.upload_part(**upload, PartNumber=2, Body=large)
    s3.put_object(Bucket="keys", Key="source", Body=large)
    second = s3.upload_part_copy(**upload, PartNumber=7, CopySource="keys/source", CopySourceRange="bytes=1-4")["CopyPartResult"]
    parts = [{"PartNumber": 2, "ETag": first["ETag"]}, {"PartNumber": 7, "ETag": second["ETag"]}]
    assert [(part["PartNumber"], part["Size"]) for part in s3.list_parts(**upload)["Parts"]] == [(2, 5 << 20), (7, 4)]
    assert s3.list_multipart_uploads(Bucket="keys")["Uploads"][0]["UploadId"] == upload["UploadId"]
    complete = lambda parts: s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    refused(lambda: complete(parts[::-1]), "InvalidPartOrder", 400)
    refused(lambda: complete([{"PartNumber": 3, "ETag": first["ETag"]}]), "InvalidPart", 400)
    complete(parts)
    assert s3.get_object(Bucket="keys", Key="parts")["Body"].read() == large + large[1:5]
    refused(lambda: complete(parts), "NoSuchUpload", 404)
    upload["UploadId"] = s3.create_multipart_upload(Bucket="keys", Key="parts")["UploadId"]
    small = [{"PartNumber": n, "ETag": s3.upload_part(**upload, PartNumber=n, Body=b"s")["ETag"]} for n in (1, 2)]
    refused(lambda: complete(small), "EntityTooSmall", 400)
    s3.abort_multipart_upload(**upload)
    refused(lambda: s3.list_parts(**upload), "NoSuchUpload", 404)

    # The newer signature in a URL; many removed at once; a name that was never there is removed as well.
    v4 = service.client("s3", signature_version="s3v4", s3={"addressing_style": "path"})
    with urllib.request.urlopen(v4.generate_presigned_url("get_object", Params={"Bucket": "keys", "Key": "a//d"})) as reply:
        assert reply.read() == b"a//d"
    url = v4.generate_presigned_url("put_object", Params={"Bucket": "keys", "Key": "by-url"})
    urllib.request.urlopen(urllib.request.Request(url, data=b"by url", method="PUT"))
    assert s3.get_object(Bucket="keys", Key="by-url")["Body"].read() == b"by url"
    removed = s3.delete_objects(Bucket="keys", Delete={"Objects": [{"Key": key} for key in [*keys, "never"]]})
    assert len(removed["Deleted"]) == len(keys) + 1 and not removed.get("Errors"), removed
    assert [line["Key"] for line in s3.list_objects_v2(Bucket="keys")["Contents"]] == ["by-url", "parts", "ranges", "source"]


def told_of(keys, prefix, delimiter):
    """What a list must tell: S3's rule, said in three lines."""
    found, prefixes = [], []
    for key in (key for key in keys if key.startswith(prefix)):
        rest = key[len(prefix):]
        end = rest.find(delimiter)
        if end < 0:
            found.append(key)
        elif (common := prefix + rest[: end + len(delimiter)]) not in prefixes:
            prefixes.append(common)
    return found, prefixes


def chunked(chunks, trailers=(), is_signed=True):
    signature = f";chunk-signature={'0' * 64}" if is_signed else ""
    lines = b"".join(f"{len(chunk):x}{signature}\r\n".encode() + chunk + b"\r\n" for chunk in chunks)
    end = f"0{signature}\r\n" + "".join(f"{name}:{value}\r\n" for name, value in trailers) + "\r\n"
    return lines + end.encode()


def bodies_in_chunks(service):
    body = os.urandom(100_000)
    crc = base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
    chunks = [body[:65_536], body[65_536:]]
    signed, trailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", [("x-amz-checksum-crc32", crc)]
    cases = [
        (signed, chunked(chunks)),
        (f"{signed}-TRAILER", chunked(chunks, [*trailer, ("x-amz-trailer-signature", "0" * 64)])),
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", chunked(chunks, trailer, is_signed=False)),
    ]
    s3 = service.client("s3", s3={"addressing_style": "path"})
    for kind, sent in cases:
        headers = {
            "X-Amz-Content-Sha256": kind,
            "X-Amz-Decoded-Content-Length": str(len(body)),
            "Content-Encoding": "aws-chunked",
            "X-Amz-Trailer": "x-amz-checksum-crc32",
        }
        status, told, _ = service.bytes("PUT", "/keys/chunks", headers, sent)
        assert status == 200, (kind, told)
        got = s3.get_object(Bucket="keys", Key="chunks", ChecksumMode="ENABLED")
        assert got["Body"].read() == body and not got.get("ContentEncoding"), kind
        assert ("ChecksumCRC32" in got) == ("TRAILER" in kind), kind
        s3.delete_object(Bucket="keys", Key="chunks")
        for wrong, code in [(sent[:-20], "IncompleteBody"), (sent.replace(crc.encode(), b"AAAAAA=="), "BadDigest")]:
            if wrong != sent:
                status, told, _ = service.bytes("PUT", "/keys/chunks", headers, wrong)
                assert (status, code in told) == (400, True), (kind, told)
                refused(lambda: s3.head_object(Bucket="keys", Key="chunks"), "404", 404)
    wrong = {"X-Amz-Content-Sha256": hashlib.sha256(b"other").hexdigest()}
    status, told, _ = service.bytes("PUT", "/keys/chunks", wrong, b"this")
    assert (status, "XAmzContentSHA256Mismatch" in told) == (400, True), told


def walkthrough(service):
    """Trails, a rule, a topic and a target; the article's own commands where they are at hand."""
    service.aws("cloudtrail", "create-trail", "--name", "my-trail", "--s3-bucket-name", "nowhere", fails="S3BucketDoesNotExistException")
    service.aws("s3", "mb", "s3://org-trail")
    service.aws_json("cloudtrail", "create-trail", "--name", "my-trail", "--s3-bucket-name", "my-trail")
    service.aws("cloudtrail", "create-trail", "--name", "org-trail", "--s3-bucket-name", "org-trail", "--is-organization-trail")
    commands = pathlib.Path(__file__).parents[2] / "shared" / "walkthrough" / "commands.sh"
    topic = f"arn:aws:sns:{REGION}:123456789012:cloudtrail-insights-alerts"
    if commands.exists():
        done = subprocess.run(["bash", "-e", commands], env=service.environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
    else:
        wanted = '[{"InsightType": "ApiCallRateInsight"}, {"InsightType": "ApiErrorRateInsight"}]'
        service.aws("cloudtrail", "put-insight-selectors", "--trail-name", "my-trail", "--insight-selectors", wanted)
        pattern = '{"source": ["aws.cloudtrail"], "detail-type": ["AWS Insight via CloudTrail"]}'
        service.aws("events", "put-rule", "--name", "cloudtrail-insights-detected", "--event-pattern", pattern)
        service.aws("sns", "create-topic", "--name", "cloudtrail-insights-alerts")
        service.aws("sns", "subscribe", "--topic-arn", topic, "--protocol", "email", "--notification-endpoint", "ops-team@example.com")
        service.aws("events", "put-targets", "--rule", "cloudtrail-insights-detected", "--targets", f"Id=insights-sns,Arn={topic}")
    selectors = service.client("cloudtrail").get_insight_selectors(TrailName="my-trail")["InsightSelectors"]
    assert [each["InsightType"] for each in selectors] == ["ApiCallRateInsight", "ApiErrorRateInsight"], selectors
    targets = service.client("events").list_targets_by_rule(Rule="cloudtrail-insights-detected")["Targets"]
    assert [each["Arn"] for each in targets] == [topic], targets

    # The mail that asks for confirmation lies in the outbox; whoever follows its link is subscribed.
    outbox, deadline = pathlib.Path(service.data) / "outbox", time.monotonic() + 10
    while not list(outbox.glob("*.eml")) and time.monotonic() < deadline:
        time.sleep(0.05)
    (mail,) = outbox.glob("*.eml")
    link = re.search(rf"{service.url}/\S*Action=ConfirmSubscription\S*", mail.read_text()).group()
    with urllib.request.urlopen(link) as reply:
        assert reply.status == 200
    subscriptions = service.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [each["SubscriptionArn"].startswith(topic) for each in subscriptions] == [True], subscriptions


def who_is_not_let_in(service):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    ask = lambda headers: service.bytes("POST", "/", {**form, **headers}, "Action=GetCallerIdentity&Version=2011-06-15", "sts")
    assert ask({})[0] == 200
    for name in [f"localhost:{service.host.split(':')[1]}", f"LOCALHOST:{service.host.split(':')[1]}"]:
        assert ask({"Host": name})[0] == 200, name
    for name in ["evil.example", f"evil.example:{service.host.split(':')[1]}", "127.0.0.1", f"127.0.0.1.evil.example:{service.host.split(':')[1]}", ""]:
        assert ask({"Host": name})[0] in (400, 421), name
    assert ask({"Origin": "https://evil.example"})[0] in (400, 403)
    assert service.bytes("GET", "/", {"Origin": "https://evil.example"})[0] in (400, 403), "S3 too"
    assert ask({"Authorization": None})[0] == 403
    assert service.bytes("GET", "/healthz", {"Authorization": None})[:2] == (200, "ok\n")
    # A bucket as a name below localhost, as some SDKs ask.
    s3 = service.client("s3")
    assert s3.meta.endpoint_url == service.url
    status, told, _ = service.bytes("GET", "/by-url", {"Host": f"keys.localhost:{service.host.split(':')[1]}"})
    assert (status, told) == (200, "by url"), told


def who_cannot_start(service):
    start = lambda *arguments: subprocess.run([BINARY, "serve", *arguments], capture_output=True, text=True, timeout=15)
    told = start("--data-dir", service.data, "--listen", "127.0.0.1:0")
    assert told.returncode == 1 and f"another trailsight (process {service.process.pid})" in told.stderr, told
    with tempfile.TemporaryDirectory() as other:
        told = start("--data-dir", other, "--listen", "0.0.0.0:0")
        assert told.returncode == 2 and "trailsight credentials create" in told.stderr, told
        told = start("--data-dir", other, "--listen", service.host)
        assert told.returncode == 1 and "is something else there?" in told.stderr, told


def state(service):
    """All that can be asked of what is kept."""
    s3 = service.client("s3", s3={"addressing_style": "path"})
    objects = []
    for bucket in s3.list_buckets()["Buckets"]:
        for line in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", []):
            head = s3.head_object(Bucket=bucket["Name"], Key=line["Key"])
            objects.append((bucket, line, head["ContentType"], head["Metadata"], head["LastModified"]))
    return (
        objects,
        service.client("cloudtrail").describe_trails()["trailList"],
        service.client("events").list_rules()["Rules"],
        service.client("sns").list_topics()["Topics"],
    )


def main():
    signal.alarm(300)  # something that never ends would be an error, too
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        service = Service(str(folder / "data"))
        try:
            identity_and_patterns(service)
            s3_by_the_cli(service, folder)
            s3_by_boto3(service)
            bodies_in_chunks(service)
            walkthrough(service)
            who_is_not_let_in(service)
            who_cannot_start(service)
            before = state(service)
            assert all(before), before
            service.stop(signal.SIGKILL)
            service = Service(str(folder / "data"))
            assert state(service) == before, "killed, it has what it had"
            code, log = service.stop(signal.SIGTERM)
            assert code == 0 and "stopping" in log, (code, log)
        finally:
            service.process.kill()
    print("all as it should be")


main()
