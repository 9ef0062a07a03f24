"""Wrong inputs, made from AWS's model of an operation and from one right input.

What is there is taken away, made too short, too long, too small, too large, of another form or type; what is not there is put
there, wrongly. Each wrong input breaks one thing.
"""

import copy
import datetime
import re
import urllib.parse
from typing import NamedTuple

from botocore import serialize

from made_up import signature

LONGEST = 300_000  # what would be longer is not sent

TYPES = {
    "structure": dict,
    "map": dict,
    "list": (list, tuple),
    "string": str,
    "boolean": bool,
    "blob": (bytes, bytearray),
    "timestamp": datetime.datetime,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
}


class Wrong(NamedTuple):
    """A wrong input."""

    where: str
    what: str
    input: dict


def wrong_inputs(operation, right):
    """All that can be wrong about an input."""
    shape = operation.input_shape
    if shape is None:
        return
    protocol = operation.service_model.metadata["protocol"]
    for path, what, value in _of_structure(shape, right, (), is_top=True):
        member = shape.members[path[0]]
        if not _means_nothing(protocol, member, path, what):
            yield Wrong(_place(path), what, _with(right, path, value))


def _means_nothing(protocol, member, path, what):
    """Whether it is not wrong as this protocol writes it, or another operation's right input."""
    location = member.serialization.get("location")
    if protocol == "query":
        return what == "another type"  # a form has texts only
    if location in ("uri", "querystring", "header", "headers") and member.type_name not in ("integer", "long", "boolean"):
        if what == "another type":
            return True
    if location == "uri" and what == "too short":
        return True  # an object without a key is the bucket, and a function without a name all of them
    if protocol != "rest-xml":
        return False
    if location in ("querystring", "header") and what == "missing":
        return True  # `?uploadId` and `x-amz-copy-source` tell operations apart
    return what == "another type" and (len(path) > 1 or member.serialization.get("streaming") or path[0] == "ContentLength")


GONE = object()


def _place(path):
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def _with(right, path, value):
    changed = copy.deepcopy(right) if path else value
    at = changed
    for step in path[:-1]:
        at = at[step]
    if value is GONE:
        del at[path[-1]]
    elif path:
        at[path[-1]] = value
    return changed


def _of_structure(shape, value, path, is_top=False):
    if not is_top:
        yield path, "another type", "text"
    for name, member in shape.members.items():
        below = (*path, name)
        in_path = member.serialization.get("location") == "uri"
        if name in value:
            if name in shape.required_members and not in_path:
                yield below, "missing", GONE
            yield from _of(member, value[name], below)
        elif not in_path:
            yield from _of_absent(member, below)


def _of(shape, value, path):
    kind = shape.type_name
    if kind == "structure":
        yield from _of_structure(shape, value, path)
    elif kind == "list":
        yield path, "another type", {"a": "b"}
        yield from _of_length(shape, value, path, lambda length: (list(value) * length)[:length] if value else None)
        for i, item in enumerate(value[:2]):
            yield from _of(shape.member, item, (*path, i))
    elif kind == "map":
        yield path, "another type", ["text"]
        for name, item in list(value.items())[:1]:
            yield from _of(shape.value, item, (*path, name))
    else:
        yield from _of_simple(shape, value, path)


def _of_absent(shape, path):
    """What is not there cannot be taken apart, but can be there wrongly."""
    kind = shape.type_name
    if kind in ("structure", "map"):
        yield path, "another type", "text"
    elif kind == "list":
        yield path, "another type", "text"
    else:
        yield from _of_simple(shape, None, path)


def _of_simple(shape, value, path):
    kind, metadata = shape.type_name, shape.metadata
    if kind == "string":
        if "location" not in shape.serialization:
            yield path, "another type", {"a": "b"}
        text = value or "a"
        if getattr(shape, "enum", None):
            yield path, "not in the enum", "NO_SUCH_VALUE"
            return
        yield from _of_length(shape, text, path, lambda length: (text * length)[:length])
        if broken := _breaking(metadata.get("pattern"), metadata.get("min", 1)):
            yield path, "another form", broken
    elif kind in ("integer", "long", "float", "double"):
        yield path, "another type", "many"
        if "min" in metadata:
            yield path, "too small", metadata["min"] - 1
        if "max" in metadata:
            yield path, "too large", metadata["max"] + 1
    elif kind == "boolean":
        yield path, "another type", "perhaps"
    elif kind == "timestamp":
        yield path, "another type", "yesterday"
    elif kind == "blob":
        yield path, "another type", {"a": "b"}


def _of_length(shape, value, path, of_length):
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max")
    if least > 0 and (short := of_length(least - 1)) is not None:
        yield path, "too short", short
    if most is not None and most < LONGEST and (long := of_length(most + 1)) is not None:
        yield path, "too long", long


def _breaking(pattern, length):
    """A text in which the pattern is not found, however it is anchored."""
    if not pattern:
        return None
    try:
        read = re.compile(re.sub(r"\\p\{[A-Za-z]+\}", r"\\w", pattern))
    except re.error:
        return None
    for character in ["%", " ", "!", "/", "ü", "a", "\x01"]:
        if not read.search(text := character * max(length, 3)):
            return text
    return None


# How it is written: as botocore does, but what it would refuse or stumble over is written as it is.


def _is_of_type(value, shape):
    return isinstance(value, TYPES[shape.type_name]) and not (shape.type_name != "boolean" and isinstance(value, bool))


class _JsonAsItIs:
    def _serialize(self, serialized, value, shape, key=None):
        if _is_of_type(value, shape):
            super()._serialize(serialized, value, shape, key)
        else:
            serialized[key] = value


class _Json(_JsonAsItIs, serialize.JSONSerializer):
    pass


class _Query(serialize.QuerySerializer):
    def _serialize(self, serialized, value, shape, prefix=""):
        if _is_of_type(value, shape):
            super()._serialize(serialized, value, shape, prefix)
        else:
            serialized[prefix] = str(value)


class _RestJson(_JsonAsItIs, serialize.RestJSONSerializer):
    pass


def written(operation, parameters):
    """The request as method, path with query, headers and body; None if botocore cannot write it at all."""
    protocol = operation.service_model.metadata["protocol"]
    kind = {"json": _Json, "query": _Query, "rest-json": _RestJson, "rest-xml": serialize.RestXMLSerializer}[protocol]
    try:
        request = kind().serialize_to_request(parameters, operation)
    except Exception:  # whatever it stumbles over
        return None
    query = request["query_string"]
    query = urllib.parse.urlencode(query, doseq=True)
    path = request["url_path"]
    if query:
        path += ("&" if "?" in path else "?") + query
    body = request["body"]
    if isinstance(body, dict):
        body = urllib.parse.urlencode(body).encode()
    headers = {name: value if isinstance(value, str) else str(value) for name, value in request["headers"].items()}
    return request["method"], path, headers, body.encode() if isinstance(body, str) else body


def signed(service_model, region):
    """The header of a signature that nobody looks at."""
    return signature(service_model.metadata.get("signingName", service_model.metadata["endpointPrefix"]), region)
