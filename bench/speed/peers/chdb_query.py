"""ClickHouse within the process (chDB), in the formulation that was fastest of those tried (see README).

Copies are found by their eventID within their cell, which is the same as among all, since copies have the same fields. With
`--plain` calls are counted without looking for copies: not the same work, but what a dashboard would do.
"""

import sys

import chdb

from cells import answer, arguments, dump

EVENT = (
    "eventTime DateTime, eventSource String, eventName String, awsRegion String, errorCode String, eventID UUID, "
    "recipientAccountId String, userIdentity Tuple(accountId String)"
)


def main():
    plain = "--plain" in sys.argv
    if plain:
        sys.argv.remove("--plain")
    folder, threads, dump_to = arguments()
    settings = (
        f"SETTINGS max_threads = {threads}, input_format_parallel_parsing = 0, input_format_skip_unknown_fields = 1, "
        "input_format_null_as_default = 1, date_time_input_format = 'best_effort', session_timezone = 'UTC'"
    )
    cells = f"""
        SELECT intDiv(toUnixTimestamp(r.eventTime), 60) AS minute,
               if(r.recipientAccountId = '', r.userIdentity.accountId, r.recipientAccountId) AS account,
               r.awsRegion AS region, r.eventSource AS source, r.eventName AS name, r.errorCode AS error,
               {"count()" if plain else "uniqExact(r.eventID)"} AS calls, count() AS records
        FROM (SELECT arrayJoin(Records) AS r
              FROM file('{folder}/**/*.json.gz', 'JSONEachRow', 'Records Array(Tuple({EVENT}))'))
        GROUP BY minute, account, region, source, name, error"""
    if dump_to:
        columns = "minute, account, region, source, name, error, calls"
        rows = str(chdb.query(f"SELECT {columns} FROM ({cells}) {settings}", "TSV")).splitlines()
        return dump(dump_to, (row.split("\t") for row in rows))
    totals = f"SELECT sum(records), sum(calls), sumIf(calls, error != ''), count() FROM ({cells}) {settings}"
    answer(*(int(number) for number in str(chdb.query(totals, "TSV")).split("\t")))


if __name__ == "__main__":
    sys.exit(main())
