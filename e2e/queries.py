"""The lake, asked by boto3: what the scripts about it have in common."""

import pathlib
import subprocess

from running import BINARY, until

# What is refused most, in words that other engines know, too.
DENIED = "SELECT eventName, count(*) AS n FROM events WHERE errorCode LIKE '%Denied%' GROUP BY 1 ORDER BY n DESC, 1 LIMIT 3"


def log_files(folder):
    """The log files of an account's ten days: keys and bytes."""
    words = [BINARY, "simulate", "--tier", "demo", "--seed", "7", "--out", folder]
    subprocess.run(words, check=True, stderr=subprocess.DEVNULL)
    files = sorted(pathlib.Path(folder).rglob("*.json.gz"))
    return [(str(path.relative_to(folder)), path.read_bytes()) for path in files]


def ask(service, statement, seconds=60):
    """A query by boto3, to its end: its statistics, and all rows."""
    lake = service.client("cloudtrail")
    query = lake.start_query(QueryStatement=statement)["QueryId"]

    def ended():
        told = lake.describe_query(QueryId=query)
        return told if told["QueryStatus"] not in ("QUEUED", "RUNNING") else None

    told = until("the query has ended", ended, seconds)
    assert told["QueryStatus"] == "FINISHED", told
    rows, more = [], {}
    while True:
        page = lake.get_query_results(QueryId=query, MaxQueryResults=100, **more)
        rows += [{name: value for cell in row for name, value in cell.items()} for row in page["QueryResultRows"]]
        if "NextToken" not in page:
            assert page["QueryStatistics"]["TotalResultsCount"] == len(rows), page["QueryStatistics"]
            return told, rows
        more = {"NextToken": page["NextToken"]}


def kept(service, records):
    """Waits until so many events are in the lake; none is there twice."""

    def all_of_them():
        (row,) = ask(service, "SELECT count(*) AS n, count(DISTINCT eventID) AS ids FROM events")[1]
        assert int(row["n"]) == int(row["ids"]), row
        return int(row["n"]) >= records and row

    row = until(f"{records} events are kept", all_of_them, 120)
    assert int(row["n"]) == records, row
