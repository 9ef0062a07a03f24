"""Reads replies as botocore does. In: written.txt. Out: for each the operation and what botocore makes of it, as JSON."""

import json
import sys

import botocore.awsrequest
import botocore.parsers
import botocore.session

session = botocore.session.get_session()


def plain(value):
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "read"):
        return value.read().decode()
    if isinstance(value, bytes):
        return value.decode()
    raise TypeError(type(value))


class Body:
    """A body that is read like a stream."""

    def __init__(self, data):
        self.data = data

    def read(self):
        return self.data


def blocks(text):
    block = []
    for line in text.split("\n"):
        if line and not line.startswith(" ") and block:
            yield block
            block = []
        block.append(line)
    yield block


for block in blocks(sys.stdin.read()):
    service, operation = block[0].split(" ")
    model = session.get_service_model(service)
    shape = model.operation_model(operation)
    lines = [line[2:] for line in block[1:]]
    blank = lines.index("")
    headers = dict(line.split(": ", 1) for line in lines[1:blank])
    body = lines[blank + 1].replace("\\n", "\n").replace("\\\\", "\\").encode()
    output = shape.output_shape
    is_stream = output is not None and output.serialization.get("payload") in output.members and shape.has_streaming_output
    status = int(lines[0])
    parser = botocore.parsers.create_parser(model.metadata["protocol"])
    response = {
        "status_code": status,
        "headers": botocore.awsrequest.HeadersDict(headers),
        "body": Body(body) if is_stream and status < 300 else body,
    }
    parsed = parser.parse(response, output)
    parsed.get("ResponseMetadata", {}).pop("HTTPHeaders", None)
    print(service, operation)
    print("  " + json.dumps(parsed, default=plain, sort_keys=True, ensure_ascii=False))
