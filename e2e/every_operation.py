"""Every operation that the binary claims is called rightly, and wrongly in all ways that AWS's model knows.

    python e2e/every_operation.py path/to/trailsight path/to/aws [SERVICE…]

What is claimed is asked of the binary (`trailsight operations --json`). Right inputs are in lives.py; the answers are held
against botocore's model (model.py). Wrong inputs are made from the right ones (wrong.py); each must be refused with status 4xx
and a code that the model documents, or one that is common to the protocol. What is not tried is in not_tried.py, with
the reason.
"""

import http.client
import pathlib
import re
import signal
import sys
import tempfile
import time

import botocore.session
from botocore import parsers, xform_name
from botocore.exceptions import ClientError

import model
from lives import LIVES, MEMBER
from made_up import REGION
from running import Service, claimed
from not_tried import is_as_aws_does, reason_not_to_try
from terraform import PROVIDER_CALLS
from wrong import signed, wrong_inputs, written

# What any operation of a protocol may be told. <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/CommonErrors.html>
ANYWHERE = {
    "json": {"ValidationException", "SerializationException", "InvalidParameterCombinationException", "InvalidParameterValueException"},
    "query": {"ValidationError", "MalformedInput", "MalformedQueryString", "InvalidParameter", "InvalidParameterValue", "MissingParameter"},
    "rest-json": {"ValidationException", "SerializationException", "InvalidParameterValueException", "MissingParameterValueException"},
    # Its model documents hardly any. <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
    "rest-xml": {
        "InvalidArgument", "InvalidRequest", "MalformedXML", "InvalidBucketName", "KeyTooLongError", "InvalidTag", "MethodNotAllowed",
        "NotImplemented", "InvalidStorageClass", "InvalidDigest", "BadDigest", "InvalidPart", "InvalidPartOrder", "InvalidRange", "NoSuchKey",
        "NoSuchUpload", "NoSuchBucket", "InvalidLocationConstraint", "InvalidEncryptionAlgorithmError", "PreconditionFailed", "AccessDenied", "MissingRequestBodyError", "MalformedPolicy",
        "304", "400", "404", "412", "416",
    },
}


class Findings:
    """What is not as it should be. All of it is told at once."""

    def __init__(self):
        self.lines = []
        self.sent = {"right": 0, "wrong": 0, "not tried": 0}

    def add(self, line):
        self.lines.append(line)


class Ask:
    """Asks one service."""

    def __init__(self, running, name, findings, claimed):
        self.running, self.name, self.findings, self.claimed = running, name, findings, claimed
        style = {"s3": {"addressing_style": "path"}} if name == "s3" else {}
        self.client = running.client(name, **style)
        self.model = self.client.meta.service_model
        self.parser = parsers.create_parser(self.model.metadata["protocol"])
        self.connection = http.client.HTTPConnection(running.host, timeout=20)
        self.called, self.raw = set(), None
        self.client.meta.events.register("response-received", self._received)

    def of(self, name):
        return Ask(self.running, name, self.findings, self.claimed)

    def claims(self, operation):
        return operation in self.claimed

    def if_claimed(self, operation, **parameters):
        return self(operation, **parameters) if self.claims(operation) else None

    def _received(self, response_dict, **_):
        self.raw = response_dict

    def __call__(self, operation, **parameters):
        """Asks wrongly, then rightly."""
        model_of = self.model.operation_model(operation)
        if operation in self.claimed:
            for wrong in wrong_inputs(model_of, parameters):
                self._wrong(model_of, wrong)
        return self.again(operation, **parameters)

    def again(self, operation, **parameters):
        """Asks rightly."""
        model_of = self.model.operation_model(operation)
        place = f"{self.name} {operation}"
        self.called.add(operation)
        self.findings.sent["right"] += 1
        method = getattr(self.client, xform_name(operation))
        try:
            answer = method(**parameters)
        except ClientError as error:
            self.findings.add(f"{place}: {parameters} is refused: {error}")
            raise Interrupted(place) from error
        raw = self.raw
        body = raw["body"] if isinstance(raw["body"], bytes) else None
        headers = {name.lower(): value for name, value in raw["headers"].items()}
        lower = _lower_headers(model_of)
        for fault in model.faults(lower, raw["status_code"], headers, body):
            if not is_as_aws_does(self.name, operation, fault):
                self.findings.add(f"{place}: the answer to {parameters}: {fault}; {body and body[:300]!r}")
        if not any(name in headers for name in ("x-amzn-requestid", "x-amz-request-id")):
            self.findings.add(f"{place}: no request id in {sorted(headers)}")
        return answer

    def not_set(self, code, operation, **parameters):
        """Asks rightly for what was never set: the answer is an error that says so."""
        place = f"{self.name} {operation}"
        self.called.add(operation)
        self.findings.sent["right"] += 1
        try:
            answer = getattr(self.client, xform_name(operation))(**parameters)
            self.findings.add(f"{place}: {code} was expected, told was {answer}")
        except ClientError as error:
            if error.response["Error"]["Code"] != code:
                self.findings.add(f"{place}: {code} was expected, told was {error}")

    def _wrong(self, operation, wrong):
        request = written(operation, wrong.input)
        if request is None:
            return
        method, path, headers, body = request
        place = f"{self.name} {operation.name}{wrong.where} ({wrong.what})"
        protocol = operation.service_model.metadata["protocol"]
        if reason_not_to_try(self.name, operation.name, wrong.where, wrong.what):
            self.findings.sent["not tried"] += 1
            return
        headers["Authorization"] = signed(operation.service_model, REGION)
        headers["Host"], headers["X-Amz-Date"] = self.running.host, "20260212T143000Z"
        status, told, reply_headers = self._send(method, path, headers, body, place)
        if status is None:
            return
        self.findings.sent["wrong"] += 1
        if status < 400:
            self.findings.add(f"{place}: taken ({status}): {told[:200]!r} ← {_short(wrong.input)}")
            return
        response = {"headers": reply_headers, "status_code": status, "body": told}
        code = self.parser.parse(response, operation.output_shape).get("Error", {}).get("Code")
        documented = {shape.metadata.get("error", {}).get("code", shape.name) for shape in operation.error_shapes}
        documented |= {shape.name for shape in operation.error_shapes} | ANYWHERE[protocol]
        if status >= 500 and code != "NotImplemented" or code not in documented:
            self.findings.add(f"{place}: {status} {code}: {told[:300]!r} ← {_short(wrong.input)}")

    def _send(self, method, path, headers, body, place):
        for attempt in (1, 2):
            try:
                self.connection.request(method, path, body, headers)
                reply = self.connection.getresponse()
                return reply.status, reply.read(), dict(reply.headers)
            except (http.client.HTTPException, OSError, ValueError) as error:
                self.connection.close()
                if isinstance(error, (ValueError, http.client.InvalidURL)):
                    return None, None, None  # no client could send it
                if attempt == 2:
                    self.findings.add(f"{place}: no answer: {error!r}")
        return None, None, None

    def mailed(self, after):
        """What follows these words in the newest mail of the outbox."""
        outbox, deadline = pathlib.Path(self.running.data) / "outbox", time.monotonic() + 10
        while time.monotonic() < deadline:
            for mail in sorted(outbox.glob("*.eml"), key=lambda mail: mail.stat().st_mtime, reverse=True):
                if found := re.search(rf"{re.escape(after)}([^&\s]+)", mail.read_text()):
                    return found.group(1)
            time.sleep(0.05)
        raise Interrupted(f"no mail has {after}")


class Interrupted(Exception):
    """A life cannot go on."""


def _lower_headers(operation):
    """Header names are told in small letters."""
    if operation.output_shape:
        for member in operation.output_shape.members.values():
            if member.serialization.get("location") == "header":
                member.serialization["name"] = member.serialization["name"].lower()
    return operation


def _short(value):
    text = repr(value)
    return text if len(text) < 300 else f"{text[:300]}…"


def main():
    signal.alarm(280)
    only = sys.argv[3:]
    of_services = {}
    for known in claimed():
        of_services.setdefault(known["service"], set()).add(known["operation"])
    session = botocore.session.get_session()
    model.sees_what_is_wrong(session.get_service_model)
    findings = Findings()
    for service, operations in PROVIDER_CALLS.items():
        for operation in operations if service in of_services else []:
            if operation not in of_services[service]:
                findings.add(f"{service} {operation}: Terraform's provider asks it, and it is not claimed")
    with tempfile.TemporaryDirectory() as folder:
        running = Service(f"{folder}/data", "--member-account", f"{MEMBER}=shop")
        try:
            for name, operations in of_services.items():
                if only and name not in only:
                    continue
                if name not in LIVES:
                    findings.add(f"{name}: has no life in lives.py, and claims {sorted(operations)}")
                    continue
                ask = Ask(running, name, findings, operations)
                try:
                    LIVES[name](ask)
                except Interrupted as why:
                    findings.add(f"{name}: the rest is not tried, because of {why}")
                else:
                    for operation in sorted(operations - ask.called):
                        findings.add(f"{name} {operation}: is claimed, and lives.py never calls it")
                    for operation in sorted(ask.called - operations):
                        findings.add(f"{name} {operation}: is answered, and not claimed")
        finally:
            running.process.kill()
    print(f"{findings.sent['right']} right and {findings.sent['wrong']} wrong calls, {findings.sent['not tried']} more not tried on purpose")
    if findings.lines:
        print("\n".join(findings.lines))
        sys.exit(f"{len(findings.lines)} findings")


if __name__ == "__main__":
    main()
