"""CloudTrail Lake by the AWS CLI and boto3: the article's step 7, and what is kept is what was counted, whenever it dies.

    python e2e/lake.py path/to/trailsight path/to/aws
"""

import base64
import collections
import csv
import gzip
import hashlib
import io
import json
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

from made_up import ACCOUNT
from queries import DENIED, ask, kept, log_files
from running import BINARY, Service, until

BUCKET = "org-trail"
# The article's, as it stands there: <https://oneuptime.com/blog/post/2026-02-12-monitor-aws-api-call-patterns-with-cloudtrail-insights/view>
STEP_7 = """-- Find all insights in the last 30 days
SELECT
    eventTime,
    eventName,
    insightDetails.eventSource,
    insightDetails.insightContext.statistics.baseline.average AS baseline_rate,
    insightDetails.insightContext.statistics.insight.average AS anomaly_rate
FROM
    abc123_event_data_store
WHERE
    eventCategory = 'Insight'
    AND eventTime > '2026-01-13 00:00:00'
ORDER BY
    eventTime DESC
"""


def looked_up(service, **asked):
    """The ids of all events that are looked up, in the order they are told."""
    pages = service.client("cloudtrail").get_paginator("lookup_events").paginate(**asked)
    return [event["EventId"] for page in pages for event in page["Events"]]


def is_by(record, name):
    who = record["userIdentity"]
    if who.get("type") == "AssumedRole":
        return who["arn"].rsplit("/")[-1] == name
    return who.get("userName") == name


def event_history(service, records):
    """What LookupEvents finds, by each attribute and page by page, is what was put."""
    management = [record for record in records.values() if record.get("eventCategory", "Management") == "Management"]
    newest = sorted(management, key=lambda record: (record["eventTime"], record["eventID"]), reverse=True)
    page = service.aws_json("cloudtrail", "lookup-events", "--max-items", "60")["Events"]
    assert [event["EventId"] for event in page] == [record["eventID"] for record in newest[:60]], page[0]
    told = {record["eventID"]: record for record in newest}
    assert all(json.loads(event["CloudTrailEvent"]) == told[event["EventId"]] for event in page), page[0]

    one, role = newest[len(newest) // 2], next(record for record in newest if record["userIdentity"].get("type") == "AssumedRole")
    rare = [name for name, times in collections.Counter(record["eventName"] for record in newest).items() if 50 < times < 400][0]
    session = role["userIdentity"]["arn"].rsplit("/")[-1]
    key = next(record["userIdentity"]["accessKeyId"] for record in reversed(newest) if record["userIdentity"].get("accessKeyId"))
    since = {"StartTime": newest[2000]["eventTime"]}
    for name, value, is_it, when in [
        ("EventId", one["eventID"], lambda record: record is one, {}),
        ("EventName", rare, lambda record: record["eventName"] == rare, {}),
        ("EventSource", one["eventSource"], lambda record: record["eventSource"] == one["eventSource"], since),
        ("Username", session, lambda record: is_by(record, session), since),
        ("AccessKeyId", key, lambda record: record["userIdentity"].get("accessKeyId") == key, since),
        ("ReadOnly", "false", lambda record: record.get("readOnly") is False, since),
        ("ReadOnly", "true", lambda record: record.get("readOnly") is True, {"StartTime": newest[200]["eventTime"]}),
        ("EventName", "NobodyCallsThis", lambda record: False, {}),
    ]:
        expected = [record["eventID"] for record in newest if is_it(record) and record["eventTime"] >= when.get("StartTime", "")]
        assert expected or name == "EventName", (name, value)
        begun = time.monotonic()
        found = looked_up(service, LookupAttributes=[{"AttributeKey": name, "AttributeValue": value}], **when)
        print(f"looked up by {name} {value}: {len(found)} events in {time.monotonic() - begun:.2f} s")
        if name == "ReadOnly":
            # Old records do not say it; it is said of them all the same.
            found = [event for event in found if "readOnly" in told[event]]
        assert found == expected, (name, value, len(found), len(expected), found[:3], expected[:3])


def history(service, folder, records):
    """What an import brings in is there once: of a bucket that has what was counted, and what was not."""
    made = folder / "history"
    subprocess.run([BINARY, "simulate", "--tier", "demo", "--seed", "8", "--out", str(made)], check=True, stderr=subprocess.DEVNULL)
    new = [(str(path.relative_to(made)), path.read_bytes()) for path in sorted(made.rglob("*.json.gz"))[:60]]
    known = [(f"copies/{key}", body) for key, body in log_files(folder / "logs")[:40]]
    s3, trails = service.client("s3", s3={"addressing_style": "path"}), service.client("cloudtrail")
    s3.create_bucket(Bucket="history")
    for key, body in new + known:
        s3.put_object(Bucket="history", Key=f"years/{key}", Body=body)
    store = trails.create_event_data_store(Name="history", StartIngestion=False, OrganizationEnabled=True)["EventDataStoreArn"]
    source = {"S3LocationUri": "s3://history/years/", "S3BucketRegion": "us-east-1", "S3BucketAccessRoleArn": f"arn:aws:iam::{ACCOUNT}:role/i"}
    started = trails.start_import(Destinations=[store], ImportSource={"S3": source})["ImportId"]
    ended = lambda: (told := trails.get_import(ImportId=started))["ImportStatus"] not in ("INITIALIZING", "IN_PROGRESS") and told
    told = until("the import has ended", ended, 120)
    brought = {record["eventID"] for _, body in new for record in json.loads(gzip.decompress(body))["Records"]}
    print(f"imported: {told['ImportStatistics']}")
    assert told["ImportStatistics"]["FilesCompleted"] == len(new + known), told
    assert told["ImportStatus"] == "COMPLETED", told
    kept(service, len(records) + len(brought - set(records)))
    accounts = ask(service, "SELECT DISTINCT recipientAccountId FROM history")[1]
    assert len(accounts) == 2, accounts
    # The same once more changes nothing.
    started = trails.start_import(Destinations=[store], ImportSource={"S3": source})["ImportId"]
    until("the import has ended", ended, 120)
    kept(service, len(records) + len(brought - set(records)))
    return len(records) + len(brought - set(records))


def audit_data(number):
    """An event of an application's own, as AWS's schema has it."""
    return json.dumps({
        "version": "1.0",
        "userIdentity": {"type": "Employee", "principalId": f"E-{number % 7}", "details": {"displayName": f"Worker {number % 7}"}},
        "eventSource": "payroll.example.com", "eventName": ["PaySalary", "ReadSalary"][number % 2], "eventTime": f"2026-02-12T02:{number % 60:02}:00Z",
        "UID": f"uid-{number}", "requestParameters": {"to": {"iban": f"X{number}"}}, "recipientAccountId": ACCOUNT,
    })


def channels(service, data, now):
    """What came through a channel is in its store once, whenever the service dies and however often it is sent; gives the service."""
    of = '[{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["ActivityAuditLog"]}]}]'
    store = service.aws_json("cloudtrail", "create-event-data-store", "--name", "outside", "--no-multi-region-enabled", "--advanced-event-selectors", of)
    to = json.dumps([{"Type": "EVENT_DATA_STORE", "Location": store["EventDataStoreArn"]}])
    channel = service.aws_json("cloudtrail", "create-channel", "--name", "payroll", "--source", "Custom", "--destinations", to)["ChannelArn"]
    # By the CLI, as the page has it.
    one = json.dumps([{"id": "first", "eventData": audit_data(1000)}])
    told = service.aws_json("cloudtrail-data", "put-audit-events", "--channel-arn", channel, "--audit-events", one)
    ids = {event["eventID"] for event in told["successful"]}
    events = [{"id": f"id-{number}", "eventData": audit_data(number)} for number in range(100)]
    for event in events[::3]:
        event["eventDataChecksum"] = base64.b64encode(hashlib.sha256(event["eventData"].encode()).digest()).decode()
    events[41]["eventData"] = events[41]["eventData"].replace(ACCOUNT, "111122223333")
    first = None
    for deaths in range(3):
        # It dies as soon as it has answered, and is told the same once more.
        told = service.client("cloudtrail-data").put_audit_events(channelArn=channel, auditEvents=events)
        service.process.kill()
        service.process.wait()
        assert [(one["id"], one["errorCode"]) for one in told["failed"]] == [("id-41", "InvalidRecipient")], told["failed"]
        first = first or told["successful"]
        assert told["successful"] == first and len(first) == 99, (deaths, told)
        service = Service(data, "--now", now)
    ids |= {event["eventID"] for event in first}
    counted = lambda: ask(service, "SELECT count(*) AS n, count(DISTINCT eventID) AS ids FROM outside")[1][0]
    until("the events of the channel are kept", lambda: counted()["n"] != "0", 90)
    assert counted() == {"n": "100", "ids": "100"}, counted()
    service.client("cloudtrail-data").put_audit_events(channelArn=channel, auditEvents=events)
    more = service.client("cloudtrail-data").put_audit_events(channelArn=channel, auditEvents=[{"id": "last", "eventData": audit_data(2000)}])
    until("one more is kept", lambda: counted()["n"] == "101", 90)
    ids.add(more["successful"][0]["eventID"])
    assert {row["eventID"] for row in ask(service, "SELECT eventID FROM outside")[1]} == ids
    # As AWS's sample of Okta's events asks, beside AWS's own.
    rows = ask(service, """
        SELECT eventData.eventTime AS eventTime, eventData.eventSource AS eventSource, eventData.eventname AS eventName,
            element_at(eventData.userIdentity.details, 'displayName') AS displayName,
            json_extract_scalar(element_at(eventData.requestParameters, 'to'), '$.iban') AS iban, metadata.channelARN
        FROM outside WHERE eventData.eventSource = 'payroll.example.com' AND eventTime > '2026-02-12 02:00:30' AND eventData.UID = 'uid-9'""")[1]
    assert rows == [{
        "eventTime": "2026-02-12T02:09:00Z", "eventSource": "payroll.example.com", "eventName": "ReadSalary",
        "displayName": "Worker 2", "iban": "X9", "channelARN": channel,
    }], rows
    rows = ask(service, """
        SELECT eventName, count(*) AS n FROM (
            SELECT eventData.eventName AS eventName FROM outside UNION ALL SELECT eventName FROM events WHERE eventName = 'RunInstances'
        ) GROUP BY 1 ORDER BY 1""")[1]
    assert [row["eventName"] for row in rows] == ["PaySalary", "ReadSalary", "RunInstances"] and [row["n"] for row in rows[:2]] == ["52", "49"], rows
    service.aws("cloudtrail", "start-query", "--query-statement", "SELECT userAgent FROM outside", fails="there is no column `userAgent`")
    print(f"{len(ids)} events came through a channel, each is there once after {deaths + 1} deaths")
    return service


def on_the_shell(service, folder):
    """`trailsight query` says the same as AWS's operations, with the types of its columns; what takes too long is cancelled."""

    def query(*words, environment=None, fails=None):
        command = [BINARY, "query", "--endpoint", service.url, *words]
        done = subprocess.run(command, capture_output=True, text=True, env=environment or {"HOME": str(folder)})
        assert (done.returncode, done.stderr) == (0, "") if fails is None else (done.returncode == 1 and fails in done.stderr), (command, done)
        return done.stdout

    statement = (
        "SELECT eventName, count(*) AS n, count(*) AS n, max(eventTime) AS newest, array_agg(DISTINCT errorCode) AS codes, NULL AS nothing "
        "FROM events WHERE errorCode IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 5"
    )
    rows = ask(service, statement)[1]
    names = ["eventName", "n", "n", "newest", "codes", "nothing"]
    told = list(csv.reader(io.StringIO(query(statement))))
    assert told[0] == names and [dict(zip(names, row)) for row in told[1:]] == rows, (told, rows)
    # Signed by whom the environment names, it is the same.
    assert query("--format", "csv", statement, environment=service.environment) == query(statement)
    lines = [json.loads(line) for line in query("--format", "json", statement).splitlines()]
    assert [(line["eventName"], line["n"], line["n_2"], line["nothing"]) for line in lines] == [
        (row["eventName"], int(row["n"]), int(row["n"]), None) for row in rows
    ], (lines, rows)
    assert all(isinstance(line["codes"], list) for line in lines), lines
    table = query("--format", "table", statement).splitlines()
    assert table[0].split() == names and len(table) == 2 + len(rows), table
    out = folder / "shell.parquet"
    query("--format", "parquet", "--out", str(out), statement)
    assert out.read_bytes()[:4] == b"PAR1"
    query("SELECT evntName FROM events", fails="did you mean `eventName`?")
    # It would go on for minutes; nobody waits for it.
    query("--timeout", "1", "SELECT count(*) FROM events a, events b, events c WHERE a.eventID || b.eventID || c.eventID LIKE '%x%y'", fails="was cancelled")
    assert service.client("cloudtrail").list_queries(EventDataStore="events")["Queries"][0]["QueryStatus"] == "CANCELLED"
    print(f"on the shell: {lines[0]}")


def read_elsewhere(data, records):
    """Other engines read the table as it lies, with a Delta reader and without a service of ours."""
    try:
        import deltalake
        import duckdb
    except ImportError as missing:
        print(f"LEFT OUT: {missing.name} is not there (e2e/readers.txt), so no other engine reads the lake", file=sys.stderr)
        return
    table = deltalake.DeltaTable(f"{data}/lake/events")
    events = table.to_pyarrow_dataset()
    duck = duckdb.connect()
    duck.register("events", events)
    rows = duck.sql("SELECT count(*), count(DISTINCT eventID), count(eventTime), count(userIdentity.arn) FROM events").fetchall()[0]
    assert rows[0] == rows[1] == rows[2] == records and rows[3] > 0, (rows, records)
    print(f"deltalake {deltalake.__version__} and DuckDB {duckdb.__version__} read {records} events, version {table.version()} of the table")
    return [(name, int(n)) for name, n in duck.sql(DENIED).fetchall()]


def main(folder):
    files = log_files(folder / "logs")
    now = "2026-02-12T03:00:00Z"
    data = str(folder / "data")
    service = Service(data, "--now", now)
    s3, trails = service.client("s3", s3={"addressing_style": "path"}), service.client("cloudtrail")
    s3.create_bucket(Bucket=BUCKET)
    trails.create_trail(Name="org-trail", S3BucketName=BUCKET, IsMultiRegionTrail=True)
    kinds = [{"InsightType": kind} for kind in ("ApiCallRateInsight", "ApiErrorRateInsight")]
    trails.put_insight_selectors(TrailName="org-trail", InsightSelectors=kinds)
    trails.start_logging(Name="org-trail")
    dice, records = random.Random(7), {}
    for at, (key, body) in enumerate(files):
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        records |= {record["eventID"]: record for record in json.loads(gzip.decompress(body))["Records"]}
        if dice.random() < 4 / len(files):
            # It dies while it counts, keeps, or puts files together.
            service.process.kill()
            service.process.wait()
            service = Service(data, "--now", now)
            s3 = service.client("s3", s3={"addressing_style": "path"})
    kept(service, len(records))
    service.process.kill()
    service.process.wait()
    service = Service(data, "--now", now)
    kept(service, len(records))
    event_history(service, records)
    events = history(service, folder, records)
    service = channels(service, data, now)

    # Who was refused most: by the CLI, as the page of AWS has it.
    statement = (
        "SELECT userIdentity.arn, eventName, count(*) AS times FROM events WHERE errorCode LIKE '%Denied%' "
        "AND eventTime >= '2026-02-02 00:00:00' GROUP BY 1, 2 ORDER BY times DESC, 2 LIMIT 3"
    )
    query = service.aws_json("cloudtrail", "start-query", "--query-statement", statement)["QueryId"]
    until("it has ended", lambda: service.aws_json("cloudtrail", "describe-query", "--query-id", query)["QueryStatus"] == "FINISHED")
    told = service.aws_json("cloudtrail", "get-query-results", "--query-id", query)
    assert told["QueryStatus"] == "FINISHED" and len(told["QueryResultRows"]) == 3, told
    assert [list(cell)[0] for cell in told["QueryResultRows"][0]] == ["arn", "eventName", "times"], told
    assert told["QueryStatistics"]["BytesScanned"] > 0, told

    on_the_shell(service, folder)

    # Another engine finds the same, of the same files.
    elsewhere = read_elsewhere(data, events)
    if elsewhere is not None:
        rows = ask(service, DENIED)[1]
        assert [(row["eventName"], int(row["n"])) for row in rows] == elsewhere, (rows, elsewhere)

    # The article's step 7: a store is made, an insight comes, and the statement is asked as it stands.
    service.aws("cloudtrail", "create-event-data-store", "--name", "abc123_event_data_store")
    subprocess.run([BINARY, "insights", "send-test", "--endpoint", service.url, "--trail", "org-trail"], check=True, capture_output=True)
    rows = until("insights are kept", lambda: ask(service, STEP_7)[1], 90)
    assert list(rows[0]) == ["eventTime", "eventName", "eventSource", "baseline_rate", "anomaly_rate"], rows[0]
    assert all(float(row["anomaly_rate"]) != float(row["baseline_rate"]) for row in rows), rows
    print(f"{len(rows)} rows of step 7, the newest: {rows[0]}")

    # What is wrong is said, by its name.
    for wrong, code in [
        ("SELEC eventName FROM events", "InvalidQueryStatementException"),
        ("DROP TABLE events", "InvalidQueryStatementException"),
        ("SELECT 1 FROM nowhere", "EventDataStoreNotFoundException"),
    ]:
        service.aws("cloudtrail", "start-query", "--query-statement", wrong, fails=code)
    # A column that is not there, at once and with its place.
    sentence = "there is no column `evntName` at Line: 1, Column: 8; did you mean `eventName`?"
    wrong = f"(InvalidQueryStatementException) when calling the StartQuery operation: {sentence}"
    service.aws("cloudtrail", "start-query", "--query-statement", "SELECT evntName FROM events", fails=wrong)
    code, logged = service.stop(signal.SIGTERM)
    assert code == 0, logged
    for level in ("ERROR", "panicked"):
        assert level not in logged, logged[-3000:]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        main(pathlib.Path(folder))
