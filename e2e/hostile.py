"""Strangers at the real binary's sockets: what they send is refused, or costs nothing, and others are answered meanwhile.

    python e2e/hostile.py path/to/trailsight path/to/aws

First on loopback, where any key is good; then where others can ask: by TLS, with credentials that are made, used and deleted
while the service runs. Slow clients begin first and are looked at last, so that nothing else waits for them.
"""

import http.client
import os
import pathlib
import re
import resource
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from made_up import REGION
from running import BINARY, Service

# How long nobody is waited for who is slow, and a little.
SLOW_SECONDS = 30 + 10
HEAD = "Authorization: AWS4-HMAC-SHA256 Credential=AKIA/20260212/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0\r\n" \
       "X-Amz-Date: 20260212T143000Z\r\n"


def connected(service):
    host, port = service.host.rsplit(":", 1)
    stream = socket.create_connection((host, int(port)), timeout=SLOW_SECONDS + 10)
    return stream


def told(stream):
    """All that is answered until the other side closes; resets are closing, too."""
    said = b""
    try:
        while piece := stream.recv(1 << 16):
            said += piece
    except ConnectionError:
        pass
    return said.decode(errors="replace")


def status_of(service, head, body=b""):
    """Sends bytes, and gives the status that is answered; 0 for none."""
    stream = connected(service)
    head = head.replace(" HTTP/1.1\r\n", " HTTP/1.1\r\nConnection: close\r\n", 1)
    try:
        stream.sendall(head.encode("latin-1") + body)
    except ConnectionError:
        pass
    said = told(stream)
    return int(said.split()[1]) if said.startswith("HTTP/1.1 ") else 0


def refused(code, ask):
    try:
        ask()
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, (code, error.response["Error"])
        return error.response["ResponseMetadata"]["HTTPStatusCode"]
    raise AssertionError(f"{code} did not come")


class Slow:
    """Clients that begin something and do not end it."""

    def __init__(self, service):
        host = f"Host: {service.host}\r\n"
        self.begun = time.monotonic()
        self.streams = {}
        for name, text in {
            "nothing at all": "",
            "half a request line": "GET /hea",
            "half a head": f"POST / HTTP/1.1\r\n{host}X-Slow: ",
            "no body": f"POST / HTTP/1.1\r\n{host}Content-Length: 100\r\nX-Amz-Target: AWSEvents.ListRules\r\n{HEAD.format('events')}\r\n",
            "half a form": f"POST / HTTP/1.1\r\n{host}Content-Type: application/x-www-form-urlencoded\r\n"
                           f"Content-Length: 100\r\n{HEAD.format('sns')}\r\nAction=Li",
            "half a chunk": f"POST / HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\nX-Amz-Target: AWSEvents.ListRules\r\n{HEAD.format('events')}\r\n5\r\n{{",
            "half an object": f"PUT /hostile/slow HTTP/1.1\r\n{host}Content-Length: 100\r\n{HEAD.format('s3')}"
                              "X-Amz-Content-Sha256: UNSIGNED-PAYLOAD\r\n\r\nabc",
        }.items():
            stream = connected(service)
            stream.sendall(text.encode())
            self.streams[name] = stream

    def are_cut_off(self):
        for name, stream in self.streams.items():
            stream.settimeout(max(1, SLOW_SECONDS - (time.monotonic() - self.begun)))
            said = told(stream)
            assert not said or re.match(r"HTTP/1.1 (400|408|413) ", said), (name, said)
        print(f"  {len(self.streams)} slow clients were cut off")


def heads_and_targets(service):
    host = f"Host: {service.host}\r\n"
    events = f"X-Amz-Target: AWSEvents.ListRules\r\n{HEAD.format('events')}"
    for name, head, expected in [
        ("it is asked as it should be", f"GET /healthz HTTP/1.1\r\n{host}\r\n", {200}),
        ("no Host", "GET /healthz HTTP/1.1\r\n\r\n", {400, 421}),
        ("a stranger's Host", "GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n", {421}),
        ("a stranger's Host with our port", f"GET /healthz HTTP/1.1\r\nHost: evil.example:{service.host.rsplit(':')[1]}\r\n\r\n", {421}),
        ("two Hosts", f"GET /healthz HTTP/1.1\r\n{host}Host: evil.example\r\n\r\n", {400}),
        ("an absolute target of a stranger", f"GET http://evil.example/healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n", {421}),
        ("a page of another origin", f"POST / HTTP/1.1\r\n{host}Origin: https://evil.example\r\nContent-Length: 2\r\n{events}\r\n{{}}", {400}),
        ("a page that hides its origin", f"POST / HTTP/1.1\r\n{host}Origin: null\r\nContent-Length: 2\r\n{events}\r\n{{}}", {400}),
        ("a preflight", f"OPTIONS / HTTP/1.1\r\n{host}Origin: https://evil.example\r\n"
                        "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization\r\n\r\n", {403, 404, 400}),
        ("unsigned", f"POST / HTTP/1.1\r\n{host}X-Amz-Target: AWSEvents.ListRules\r\nContent-Length: 2\r\n\r\n{{}}", {403}),
        ("too long a head", f"GET / HTTP/1.1\r\n{host}X-Long: {'a' * 40_000}\r\n\r\n", {431}),
        ("too many headers", f"GET / HTTP/1.1\r\n{host}" + "X-A: b\r\n" * 200 + "\r\n", {431}),
        ("too long a target", f"GET /{'a' * 70_000} HTTP/1.1\r\n{host}\r\n", {414, 431}),
        ("two lengths", f"POST / HTTP/1.1\r\n{host}Content-Length: 2\r\nContent-Length: 3\r\n{events}\r\n{{}}", {400}),
        ("a length and chunks", f"POST / HTTP/1.1\r\n{host}Content-Length: 9\r\nTransfer-Encoding: chunked\r\n{events}\r\n2\r\n{{}}\r\n0\r\n\r\n", {200, 400}),
        ("a length that is none", f"POST / HTTP/1.1\r\n{host}Content-Length: -1\r\n{events}\r\n", {400}),
        ("a body that says it is huge", f"POST / HTTP/1.1\r\n{host}Content-Length: 99999999999\r\n{events}\r\n", {413}),
        ("HTTP of another kind", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {0, 400}),
        ("no HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01", {0, 400}),
        ("a NUL in the target", f"GET /a\x00b HTTP/1.1\r\n{host}\r\n", {0, 400}),
        ("a line feed in a header", f"GET /healthz HTTP/1.1\r\n{host}X-A: b\n c\x1b[2J\r\n\r\n", {0, 200, 400}),
    ]:
        got = status_of(service, head)
        assert got in expected, (name, got)
    stream = connected(service)
    stream.sendall(f"OPTIONS / HTTP/1.1\r\n{host}Origin: https://evil.example\r\nConnection: close\r\n\r\n".encode())
    assert "access-control" not in told(stream).lower()
    print("  odd heads and targets are refused")


def paths(service, data):
    """However a key is written, it becomes no path outside its bucket."""
    outside = pathlib.Path(data) / "escaped"
    for path in [
        "/hostile/../../escaped", "/hostile/%2e%2e/%2e%2e/escaped", "/hostile/..%2f..%2fescaped", "/hostile/%2e%2e%2f%2e%2e%2fescaped",
        "/hostile/a/../../../../escaped", "/hostile/%00", "/hostile/a%00b", "/hostile//etc/passwd", "/hostile/%2fetc%2fpasswd",
        "/hostile/..", "/hostile/.", "/..%2fescaped/x", "/%2e%2e/escaped", "/hostile%2f..%2f..%2fescaped/x", "/hostile/" + "a" * 2000,
        "/hostile/" + "%2e%2e/" * 300 + "escaped", "/hostile/\xff\xfe", "/hostile/%ff%fe", "/.minio.sys/x", "/hostile/a\\..\\..\\escaped",
    ]:
        stream = connected(service)
        stream.sendall(f"PUT {path} HTTP/1.1\r\nHost: {service.host}\r\nConnection: close\r\nContent-Length: 3\r\n{HEAD.format('s3')}"
                       "X-Amz-Content-Sha256: UNSIGNED-PAYLOAD\r\n\r\nabc".encode("latin-1"))
        said = told(stream)
        assert re.match(r"HTTP/1.1 (200|400|404|409|501|403) ", said), (path, said[:200])
        stream = connected(service)
        stream.sendall(f"GET {path} HTTP/1.1\r\nHost: {service.host}\r\nConnection: close\r\n{HEAD.format('s3')}\r\n".encode("latin-1"))
        assert "root:x:" not in told(stream), path
    top = {"buckets", "functions", "lake", "outbox", "push-keys", "runtimes", "sealing.key", "signing.pem", "trailsight.sqlite"}
    strange = {found.name for found in pathlib.Path(data).iterdir()} - top
    assert all(re.match(r"trailsight\.sqlite|\.|trailsight\.", name) or name == "lock" for name in strange), strange
    assert not outside.exists() and not (pathlib.Path(data).parent / "escaped").exists()
    buckets = {found.name for found in (pathlib.Path(data) / "buckets").iterdir()}
    assert not any("escaped" in name for name in buckets), buckets
    print("  no path leaves its bucket")


def malformed_bodies(service):
    """On every protocol: an error that its clients read, never a 500."""
    deep = b"[" * 100_000
    kinds = {
        "events": ({"X-Amz-Target": "AWSEvents.PutEvents", "Content-Type": "application/x-amz-json-1.1"},
                   [b"{", b"[]", b"null", b"\xff\xfe", b'{"Entries":' + deep, b'{"Entries":"x"}', b'{"Entries":[' + b"{}," * 50_000 + b"{}]}", b'{"\\ud800":1}']),
        "cloudtrail": ({"X-Amz-Target": "CloudTrail_20131101.CreateTrail", "Content-Type": "application/x-amz-json-1.1"},
                       [b"", b"x", b'{"Name":' + deep, b'{"Name":{"a":1}}', b'{"Name":"' + b"a" * 1_000_000 + b'"}', b'{"Name":"a","Name":"b"}']),
        "sns": ({"Content-Type": "application/x-www-form-urlencoded"},
                [b"Action=CreateTopic", b"Action=%00", b"Action=CreateTopic&Name=%ff", b"Action=CreateTopic&" + b"&".join(b"Tags.member.%d.Key=a" % n for n in range(20_000)),
                 b"Action=CreateTopic&Attributes.entry." + b"1." * 10_000 + b"key=a", b"Action=CreateTopic&Attributes.entry.99999999999999999999.key=a", b"=&=&="]),
        "iam": ({"Content-Type": "application/x-www-form-urlencoded"}, [b"Action=CreateRole&Version=2010-05-08&RoleName=%0a%1b", b"Action=Nothing"]),
        "lambda": ({"Content-Type": "application/json"}, [b"{", deep, b'{"Code":{"ZipFile":"!!!"}}', b"\x00" * 1000]),
        "s3": ({"X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD"}, [b"<", b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>", b"<a>" * 50_000]),
    }
    targets = {"lambda": ["POST /2015-03-31/functions"], "s3": ["PUT /hostile?tagging", "POST /hostile?delete", "PUT /hostile?policy", "PUT /new-one"]}
    count = 0
    for kind, (headers, bodies) in kinds.items():
        for target in targets.get(kind, ["POST /"]):
            method, path = target.split()
            for body in bodies:
                status, said, _ = service.bytes(method, path, headers, body, service=kind)
                assert 200 <= status < 500 or status == 501, (kind, target, body[:80], status, said[:300])
                assert "root:x:" not in said
                count += 1
    print(f"  {count} malformed bodies got the errors of their protocols")


def idle_connections(service, count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = min(count, hard - 200)
    idle = []
    slowest = 0.0
    for number in range(count):
        idle.append(connected(service))
        if number % 1000 == 999:
            begun = time.monotonic()
            assert service.bytes("GET", "/healthz", {"Authorization": None})[0] == 200
            slowest = max(slowest, time.monotonic() - begun)
    files = len(os.listdir(f"/proc/{service.process.pid}/fd"))
    assert slowest < 5 and files < 2500, (slowest, files)
    rules = service.client("events").list_rules()
    assert rules["Rules"] == []
    for stream in idle:
        stream.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    print(f"  {count} idle connections: others were answered within {slowest * 1000:.0f} ms, {files} files were open")


def on_loopback(folder):
    data = f"{folder}/loopback"
    service = Service(data)
    try:
        service.client("s3", s3={"addressing_style": "path"}).create_bucket(Bucket="hostile")
        slow = Slow(service)
        heads_and_targets(service)
        paths(service, data)
        malformed_bodies(service)
        slow.are_cut_off()
        idle_connections(service, 10_000)
        code, log = service.stop(signal.SIGTERM)
        assert code == 0 and "panicked" not in log, log[-2000:]
        assert "\x1b" not in log, "a terminal would obey what strangers wrote"
    finally:
        service.process.kill()


def credentials(data, *arguments):
    done = subprocess.run([BINARY, "credentials", *arguments, "--data-dir", data], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)


def certificate(folder, name, *more):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN={name}", "-addext",
         "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", f"{folder}/key.new", "-out", f"{folder}/cert.new", *more],
        check=True, capture_output=True)
    os.replace(f"{folder}/cert.new", f"{folder}/cert.pem")
    os.replace(f"{folder}/key.new", f"{folder}/key.pem")


def refuses_to_start(data, *arguments):
    done = subprocess.run([BINARY, "serve", "--data-dir", data, *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    return done.stderr


class Client:
    """Asks with credentials, by TLS."""

    def __init__(self, url, cert, made):
        self.url, self.cert, self.made = url, cert, made

    def __call__(self, name, **more):
        keys = {
            "aws_access_key_id": self.made["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": self.made["AWS_SECRET_ACCESS_KEY"],
            "aws_session_token": self.made.get("AWS_SESSION_TOKEN"),
            **more,
        }
        config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, signature_version="s3v4" if name == "s3" else None)
        return boto3.client(name, endpoint_url=self.url, region_name=REGION, verify=self.cert, config=config, **keys)


def where_others_ask(folder):
    data = f"{folder}/elsewhere"
    cert = f"{folder}/cert.pem"
    certificate(folder, "first", "-addext", "basicConstraints=critical,CA:FALSE")
    said = refuses_to_start(data, "--listen", "0.0.0.0:0")
    assert "trailsight credentials create" in said and "--tls-cert-file" in said, said
    said = refuses_to_start(data, "--listen", "127.0.0.1:0", "--require-credentials")
    assert "trailsight credentials create" in said, said
    first = credentials(data, "create", "--name", "first")
    assert "--tls-cert-file" in refuses_to_start(data, "--listen", "0.0.0.0:0")
    assert "--public-url" in refuses_to_start(data, "--listen", "0.0.0.0:0", "--behind-proxy")
    tls = ["--tls-cert-file", cert, "--tls-key-file", f"{folder}/key.pem"]
    assert "--public-url" in refuses_to_start(data, "--listen", "0.0.0.0:0", *tls)
    free = socket.create_server(("0.0.0.0", 0))
    port = free.getsockname()[1]
    free.close()
    url = f"https://localhost:{port}"
    service = Service(data, *tls, "--public-url", url, "--requests-per-second", "200", listen=f"0.0.0.0:{port}")
    try:
        assert service.url == url
        ask = Client(url, cert, first)
        assert ask("sts").get_caller_identity()["Arn"].endswith(":root")
        ask("events").put_rule(Name="mine", EventPattern='{"source":["aws.ec2"]}')
        strangers(ask)
        objects(ask, url, cert)
        sessions(ask, url, cert)
        by_hand(url, cert, first)
        on_the_shell(url, cert, first)
        too_often(ask)
        certificate(folder, "second")
        context = ssl.create_default_context(cafile=cert)
        with socket.create_connection(("localhost", port)) as stream, context.wrap_socket(stream, server_hostname="localhost") as shaken:
            assert ("commonName", "second") in sum(shaken.getpeercert()["subject"], ()), "the certificate is read again"
        said = subprocess.run([BINARY, "status", "--endpoint", url], env={"PATH": "/usr/bin:/bin", "AWS_CA_BUNDLE": cert, **first}, capture_output=True, text=True)
        assert said.returncode == 1 and "CA:FALSE" in said.stderr, said
        second = Client(url, cert, credentials(data, "create"))
        second("events").list_rules()
        credentials(data, "delete", "first")
        refused("UnrecognizedClientException", ask("events").list_rules)
        second("events").list_rules()
        code, log = service.stop(signal.SIGTERM)
        assert code == 0 and "panicked" not in log, log[-2000:]
        for made in (first, second.made):
            assert made["AWS_SECRET_ACCESS_KEY"] not in log
            for file in pathlib.Path(data).rglob("*"):
                assert not file.is_file() or made["AWS_SECRET_ACCESS_KEY"].encode() not in file.read_bytes(), file
        print("  secrets are in no file and in no log")
    finally:
        service.process.kill()


def on_the_shell(url, cert, made):
    """Our own commands sign, and whoever cannot is let in nowhere."""

    def told(*words, **keys):
        environment = {"PATH": "/usr/bin:/bin", "AWS_CA_BUNDLE": cert, "AWS_ENDPOINT_URL": url, **made, **keys}
        return subprocess.run([BINARY, *words], env=environment, capture_output=True, text=True)

    said = told("expected", "mute", "sts", "--why", "signed")
    assert said.returncode == 0 and made["AWS_ACCESS_KEY_ID"] in said.stdout, said
    number = next(line.split()[1] for line in said.stdout.splitlines() if line.startswith("  id "))
    said = told("expected", "end", number)
    assert said.returncode == 0 and "ended     muted" in said.stdout, said
    for words in (["expected", "list"], ["status"]):
        said = told(*words, AWS_SECRET_ACCESS_KEY="wrong")
        assert said.returncode == 1 and not said.stdout, said


def strangers(ask):
    wrong = {"aws_secret_access_key": "wrong"}
    unknown = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE"}
    token = {"aws_session_token": "made-up"}
    for more, json_code, query_code, s3_code in [
        (wrong, "InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatch"),
        (unknown, "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"),
        (token, "UnrecognizedClientException", "InvalidClientTokenId", "InvalidToken"),
    ]:
        refused(json_code, ask("events", **more).list_rules)
        refused(json_code, ask("cloudtrail", **more).describe_trails)
        refused(json_code, ask("lambda", **more).list_functions)
        refused(query_code, ask("sns", **more).list_topics)
        refused(query_code, ask("sts", **more).get_caller_identity)
        refused(s3_code, ask("s3", **more).list_buckets)
    print("  strangers are refused in the words of each protocol")


def objects(ask, url, cert):
    s3 = ask("s3")
    s3.create_bucket(Bucket="signed")
    s3.put_object(Bucket="signed", Key="a b/ü", Body=b"x" * 300_000, ChecksumAlgorithm="SHA256")
    assert s3.get_object(Bucket="signed", Key="a b/ü")["Body"].read() == b"x" * 300_000
    context = ssl.create_default_context(cafile=cert)

    def fetch(link, data=None, method=None):
        asked = urllib.request.Request(link, data=data, method=method)
        try:
            with urllib.request.urlopen(asked, context=context) as reply:
                return reply.status
        except urllib.error.HTTPError as error:
            return error.code

    link = s3.generate_presigned_url("get_object", Params={"Bucket": "signed", "Key": "a b/ü"}, ExpiresIn=60)
    assert fetch(link) == 200
    assert fetch(link.replace("X-Amz-Expires=60", "X-Amz-Expires=61")) == 403
    assert fetch(link.replace("/signed/", "/signed2/")) == 403
    assert fetch(link[:-1] + ("0" if link[-1] != "0" else "1")) == 403
    assert fetch(link, method="DELETE") == 403
    over = s3.generate_presigned_url("get_object", Params={"Bucket": "signed", "Key": "a b/ü"}, ExpiresIn=1)
    put = s3.generate_presigned_url("put_object", Params={"Bucket": "signed", "Key": "put"}, ExpiresIn=60)
    assert fetch(put, b"abc", "PUT") == 200
    time.sleep(2.5)
    assert fetch(over) == 403
    assert fetch(url + "/signed/put") in (403, 404)
    print("  objects and presigned URLs: good ones are, altered and old ones are not")


def sessions(ask, url, cert):
    made = ask("sts").assume_role(RoleArn="arn:aws:iam::123456789012:role/deploy", RoleSessionName="jane")["Credentials"]
    session = Client(url, cert, {
        "AWS_ACCESS_KEY_ID": made["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"],
        "AWS_SESSION_TOKEN": made["SessionToken"],
    })
    assert session("sts").get_caller_identity()["Arn"].endswith(":assumed-role/deploy/jane")
    session("s3").list_buckets()
    refused("InvalidClientTokenId", session("sts", aws_session_token="other").get_caller_identity)
    print("  sessions are who they say they are")


def by_hand(url, cert, made):
    """Requests that are signed and then altered, sent again, or old."""
    context = ssl.create_default_context(cafile=cert)
    keys = Credentials(made["AWS_ACCESS_KEY_ID"], made["AWS_SECRET_ACCESS_KEY"])
    host = url.removeprefix("https://")

    def signed(body, at=None):
        headers = {"Host": host, "X-Amz-Target": "AWSEvents.ListRules", "Content-Type": "application/x-amz-json-1.1"}
        request = AWSRequest("POST", url + "/", data=body, headers=headers)
        SigV4Auth(keys, "events", REGION).add_auth(request)
        return dict(request.headers)

    def send(headers, body, path="/"):
        connection = http.client.HTTPSConnection(host, context=context, timeout=10)
        connection.request("POST", path, body, headers)
        reply = connection.getresponse()
        return reply.status, reply.read().decode()

    good = signed(b"{}")
    assert send(good, b"{}")[0] == 200
    assert send(good, b"{}")[0] == 200, "again within minutes, as AWS allows it"
    for name, headers, body, path in [
        ("another body", good, b'{"Limit":1}', "/"),
        ("another operation", {**good, "X-Amz-Target": "AWSEvents.ListEventBuses"}, b"{}", "/"),
        ("another path", good, b"{}", "/x"),
        ("another query", good, b"{}", "/?x=1"),
        ("another day", {**good, "X-Amz-Date": "20200101T000000Z"}, b"{}", "/"),
        ("a header that is not signed", {**good, "X-Amz-Other": "x"}, b"{}", "/"),
    ]:
        status, said = send(headers, body, path)
        assert status in (400, 403) and "Rules" not in said, (name, status, said)
    status, said = send({"Host": host, "X-Amz-Target": "AWSEvents.ListRules", "X-Trailsight-Request": "1"}, b"{}")
    assert status == 403 and "MissingAuthenticationToken" in said, said
    connection = http.client.HTTPSConnection(host, context=context, timeout=10)
    connection.request("GET", "/trailsight/v1/status", headers={"X-Trailsight-Request": "1"})
    assert connection.getresponse().status == 403, "the header alone is enough on loopback only"
    print("  what was altered after signing is refused")


def too_often(ask):
    """Four hundred at once, then two hundred a second."""
    events = ask("events")
    slowed = 0
    begun = time.monotonic()
    from concurrent.futures import ThreadPoolExecutor

    def once(_):
        try:
            events.list_rules(Limit=1)
            return 0
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ThrottlingException", error
            return 1

    with ThreadPoolExecutor(16) as pool:
        slowed = sum(pool.map(once, range(2000)))
    rate = 2000 / (time.monotonic() - begun)
    assert slowed > 0 or rate < 220, rate
    time.sleep(1)
    print(f"  2000 calls at {rate:.0f} a second: {slowed} were told to slow down")


def main():
    with tempfile.TemporaryDirectory(prefix="trailsight-hostile-") as folder:
        print("on loopback")
        on_loopback(folder)
        print("where others can ask")
        where_others_ask(folder)


main()
