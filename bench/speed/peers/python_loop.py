"""A plain Python loop: gzip, orjson, Counter. What people write first."""

import gzip
import pathlib
import sys
from collections import Counter

import orjson

from cells import answer, arguments, dump


def count(paths):
    cells, ids, records = Counter(), set(), 0
    for path in paths:
        with open(path, "rb") as file:
            found = orjson.loads(gzip.decompress(file.read()))["Records"]
        records += len(found)
        for record in found:
            event_id = record["eventID"]
            if event_id in ids:
                continue
            ids.add(event_id)
            account = record.get("recipientAccountId") or record["userIdentity"]["accountId"]
            minute = record["eventTime"][:16]
            key = (minute, account, record["awsRegion"], record["eventSource"], record["eventName"], record.get("errorCode", ""))
            cells[key] += 1
    return cells, ids, records


def main():
    folder, _, dump_to = arguments()  # one thread only: copies are sought among all records
    cells, ids, records = count(sorted(pathlib.Path(folder).rglob("*.json.gz")))
    failed = sum(calls for key, calls in cells.items() if key[5])
    answer(records, len(ids), failed, len(cells))
    if dump_to:
        from datetime import datetime, timezone

        minute = lambda text: int(datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()) // 60
        dump(dump_to, ((minute(key[0]), *key[1:], calls) for key, calls in cells.items()))


if __name__ == "__main__":
    sys.exit(main())
