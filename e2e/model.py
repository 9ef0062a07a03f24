"""An answer held against AWS's model of it, strictly: what botocore's own parser lets pass is a fault here.

No member that the model does not know, every member of its type, the required ones there, enums within their values, and
moments written as the protocol writes them.
"""

import base64
import binascii
import json
import re
import xml.etree.ElementTree as xml

ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
HTTP_DATE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
NUMBERS = {"integer": int, "long": int, "float": float, "double": float}


def faults(operation, status, headers, body):
    """What of an answer is not as the model of its operation says. `body` is None where it is a stream."""
    found = []
    shape = operation.output_shape
    if status >= 300:
        return [f"status {status}"]
    protocol = operation.service_model.metadata["protocol"]
    if shape is None:
        if protocol == "query":
            _query(operation, body, found)
        elif body and body.strip() not in (b"", b"{}"):
            found.append(f"an answer without anything in it has {body[:200]!r}")
    elif protocol == "json":
        _json(shape, json.loads(body or b"{}"), "", found)
    elif protocol == "query":
        _query(operation, body, found)
    else:
        _rest(operation, protocol, status, headers, body, found)
    return found


def _rest(operation, protocol, status, headers, body, found):
    shape = operation.output_shape
    payload = shape.serialization.get("payload")
    placed = {"header", "headers", "statusCode"}
    for name, member in shape.members.items():
        location, place = member.serialization.get("location"), member.serialization.get("name")
        if location == "header" and place in headers:
            _text(member, headers[place], f".{name}", found, is_header=True)
        if location in ("header", "statusCode") and name in shape.required_members and location == "header" and place not in headers:
            found.append(f".{name}: is missing")
    body_members = {n: m for n, m in shape.members.items() if m.serialization.get("location") not in placed}
    if payload:
        member = shape.members[payload]
        if member.type_name != "structure" or body is None or getattr(member, "is_eventstream", False):
            return
        shape, body_members = member, member.members
    if not body_members:
        if body and body.strip() not in (b"", b"{}"):
            found.append(f"an answer without a body has {body[:200]!r}")
    elif protocol == "rest-json":
        _json(shape, json.loads(body or b"{}"), "", found, body_members)
    elif not body and status != 200:
        pass
    else:
        _xml(shape, xml.fromstring(body), "", found, body_members)


# JSON


def _json(shape, value, place, found, members=None):
    kind = shape.type_name
    told = lambda what: found.append(f"{place or '.'}: {what}")
    if value is None:
        told("null")
    elif kind == "structure":
        if not isinstance(value, dict):
            return told(f"{value!r} is no structure")
        members = {m.serialization.get("name", n): (n, m) for n, m in (members or shape.members).items()}
        for name in value.keys() - members.keys():
            told(f"{name} is unknown")
        for wire, (name, member) in members.items():
            if wire in value:
                _json(member, value[wire], f"{place}.{name}", found)
            elif name in shape.required_members:
                told(f"{name} is missing")
    elif kind == "list":
        if not isinstance(value, list):
            return told(f"{value!r} is no list")
        for i, item in enumerate(value):
            _json(shape.member, item, f"{place}[{i}]", found)
    elif kind == "map":
        if not isinstance(value, dict):
            return told(f"{value!r} is no map")
        for name, item in value.items():
            _text(shape.key, name, f"{place} key", found)
            _json(shape.value, item, f"{place}[{name}]", found)
    elif kind == "boolean":
        if not isinstance(value, bool):
            told(f"{value!r} is no boolean")
    elif kind in NUMBERS:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or (NUMBERS[kind] is int and not isinstance(value, int)):
            told(f"{value!r} is no {kind}")
    elif kind == "timestamp":
        form = shape.serialization.get("timestampFormat", "unixTimestamp")
        is_right = isinstance(value, str) and ISO.fullmatch(value) if form == "iso8601" else isinstance(value, (int, float))
        if isinstance(value, bool) or not is_right:
            told(f"{value!r} is no moment ({form})")
    elif not isinstance(value, str):
        told(f"{value!r} is no text")
    else:
        _text(shape, value, place, found)


# Query, and S3's XML


def _query(operation, body, found):
    namespace = operation.service_model.metadata["xmlNamespace"]
    root = xml.fromstring(body)
    if root.tag != f"{{{namespace}}}{operation.name}Response":
        found.append(f"the root is {root.tag}")
    parts = {_name(part): part for part in root}
    metadata = parts.pop("ResponseMetadata", None)
    if metadata is None or [_name(part) for part in metadata] != ["RequestId"] or not metadata[0].text:
        found.append("no ResponseMetadata with a RequestId")
    shape = operation.output_shape
    wrapper = shape.serialization.get("resultWrapper") if shape else None
    if wrapper:
        result = parts.pop(wrapper, None)
        if result is None:
            found.append(f"no {wrapper}")
        else:
            _xml(shape, result, "", found, shape.members)
    for name in parts:
        # A result without anything in it is told by some services.
        if name != f"{operation.name}Result" or len(parts[name]):
            found.append(f"{name} is unknown")


def _name(element):
    return element.tag.rpartition("}")[2]


def _xml(shape, element, place, found, members=None):
    kind = shape.type_name
    told = lambda what: found.append(f"{place or '.'}: {what}")
    if kind == "structure":
        by_wire = {}
        for name, member in (members if members is not None else shape.members).items():
            if member.serialization.get("xmlAttribute"):
                continue
            flat = member.type_name in ("list", "map") and member.serialization.get("flattened")
            of_item = member.member.serialization.get("name") if flat and member.type_name == "list" else None
            by_wire[member.serialization.get("name", of_item or name)] = (name, member, flat)
        seen = {}
        for child in element:
            seen.setdefault(_name(child), []).append(child)
        for wire, children in seen.items():
            if wire not in by_wire:
                told(f"{wire} is unknown")
                continue
            name, member, flat = by_wire[wire]
            if flat:
                for child in children:
                    _xml(member.member, child, f"{place}.{name}", found)
            elif len(children) > 1:
                told(f"{wire} is there {len(children)} times")
            else:
                _xml(member, children[0], f"{place}.{name}", found)
        for wire, (name, member, flat) in by_wire.items():
            # An empty flat list cannot be seen.
            if name in shape.required_members and wire not in seen and not flat:
                told(f"{name} is missing")
    elif kind == "list":
        item = shape.member.serialization.get("name", "member")
        for child in element:
            if _name(child) != item:
                told(f"{_name(child)} is no {item}")
            else:
                _xml(shape.member, child, f"{place}[]", found)
    elif kind == "map":
        names = [shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")]
        for child in element:
            if _name(child) != "entry" or [_name(part) for part in child] != names:
                told(f"{_name(child)} is no entry of {names}")
            else:
                _text(shape.key, child[0].text or "", f"{place} key", found)
                _xml(shape.value, child[1], f"{place}[{child[0].text}]", found)
    elif len(element):
        told("has parts and should have none")
    else:
        _text(shape, element.text or "", place, found)


def _text(shape, text, place, found, is_header=False):
    """A value without parts, as text."""
    kind = shape.type_name
    told = lambda what: found.append(f"{place}: {text!r} {what}")
    if kind == "boolean":
        if text not in ("true", "false"):
            told("is no boolean")
    elif kind in NUMBERS:
        if not re.fullmatch(r"-?\d+" if NUMBERS[kind] is int else r"-?\d+(\.\d+)?([eE]-?\d+)?", text):
            told(f"is no {kind}")
    elif kind == "timestamp":
        form = shape.serialization.get("timestampFormat", "rfc822" if is_header else "iso8601")
        if not {"rfc822": HTTP_DATE, "iso8601": ISO, "unixTimestamp": re.compile(r"\d+(\.\d+)?")}[form].fullmatch(text):
            told(f"is no moment ({form})")
    elif kind == "blob":
        try:
            base64.b64decode(text, validate=True)
        except binascii.Error:
            told("is not base64")
    elif getattr(shape, "enum", None) and text not in shape.enum:
        told(f"is none of {shape.enum}")


def sees_what_is_wrong(service_model_of):
    """Whether it finds what is wrong about answers that are. A check that cannot fail would prove nothing."""
    trail, topics, buckets = (
        service_model_of(service).operation_model(name)
        for service, name in [("cloudtrail", "GetTrailStatus"), ("sns", "ListTopics"), ("s3", "ListBuckets")]
    )
    namespace = topics.service_model.metadata["xmlNamespace"]
    listed = (
        f'<ListTopicsResponse xmlns="{namespace}"><ListTopicsResult><Topics><member><TopicArn>a</TopicArn>%s</member></Topics>'
        "</ListTopicsResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></ListTopicsResponse>"
    )
    held = "<ListAllMyBucketsResult><Buckets><Bucket><Name>b</Name><CreationDate>%s</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>"
    cases = [
        (trail, '{"IsLogging": true, "StartLoggingTime": 1700000000.5}', 0),
        (trail, '{"IsLogging": "true", "StartLoggingTime": "2026-02-12T00:00:00Z", "Other": 1, "LatestDeliveryError": null}', 4),
        (topics, listed % "", 0),
        (topics, listed % "<Other/>", 1),
        (topics, listed.replace("<ListTopicsResult>", "").replace("</ListTopicsResult>", "") % "", 2),
        (buckets, held % "2026-02-12T00:00:00.000Z", 0),
        (buckets, held % "Thu, 12 Feb 2026 00:00:00 GMT", 1),
    ]
    for operation, body, count in cases:
        found = faults(operation, 200, {}, body.encode())
        assert len(found) == count, (operation.name, body, found)
