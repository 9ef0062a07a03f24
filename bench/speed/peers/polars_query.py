"""Polars: every file inflated by gzip, its JSON read with an explicit schema, and one group-by at the end.

Its own reader of lines (`scan_ndjson`) needs one record a line; CloudTrail's files are one object. So each file goes through
`str.json_decode`, which reads only what the schema names, batch by batch so that memory stays small.
"""

import gzip
import os
import pathlib
import sys

from cells import COLUMNS, answer, arguments, dump

BATCH_BYTES = 4 << 20

folder, threads, dump_to = arguments()
os.environ["POLARS_MAX_THREADS"] = str(threads)

import polars as pl  # noqa: E402  after the number of threads is set

EVENT = pl.Struct(
    {
        "eventTime": pl.String,
        "eventSource": pl.String,
        "eventName": pl.String,
        "awsRegion": pl.String,
        "errorCode": pl.String,
        "eventID": pl.String,
        "recipientAccountId": pl.String,
        "userIdentity": pl.Struct({"accountId": pl.String}),
    }
)
FILE = pl.Struct({"Records": pl.List(EVENT)})


def table(texts):
    records = pl.Series(texts, dtype=pl.String).str.json_decode(FILE).struct.field("Records")
    event = records.explode().struct
    return event.unnest().select(
        pl.col("eventTime").str.slice(0, 16).alias("minute"),
        pl.coalesce("recipientAccountId", pl.col("userIdentity").struct.field("accountId")).alias("account"),
        pl.col("awsRegion").alias("region"),
        pl.col("eventSource").alias("source"),
        pl.col("eventName").alias("name"),
        pl.col("errorCode").fill_null("").alias("error"),
        pl.col("eventID").hash().alias("id"),  # 64 bits, as ours
    )


def main():
    tables, texts, size = [], [], 0
    for path in sorted(pathlib.Path(folder).rglob("*.json.gz")):
        with open(path, "rb") as file:
            texts.append(gzip.decompress(file.read()).decode())
        size += len(texts[-1])
        if size > BATCH_BYTES:
            tables.append(table(texts))
            texts, size = [], 0
    if texts:
        tables.append(table(texts))
    cells = pl.concat(tables).group_by(COLUMNS).agg(pl.col("id").n_unique().alias("calls"), pl.len().alias("records"))
    failed = cells.filter(pl.col("error") != "")["calls"].sum()
    answer(cells["records"].sum(), cells["calls"].sum(), failed, cells.height)
    if dump_to:
        minute = pl.col("minute").str.to_datetime("%Y-%m-%dT%H:%M").dt.epoch("s") // 60
        dump(dump_to, cells.select(minute, *COLUMNS[1:], "calls").rows())


if __name__ == "__main__":
    sys.exit(main())
