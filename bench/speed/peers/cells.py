"""What every peer is asked for, and how it answers.

A cell is (minute, account, region, eventSource, eventName, errorCode) with the number of calls in it; a record that was
delivered twice (the same eventID) counts once. Calls that did not fail have an empty errorCode, so that the cells of an API
sum up to its calls, and those with a code are its failures: the two counts that Trailsight takes.

A peer gets a folder and a number of threads, and prints totals as one line of JSON. With a third argument it also writes all
cells to that file, sorted: this is how the peers are held against each other, outside of the measurement.
"""

import json
import sys

COLUMNS = ("minute", "account", "region", "source", "name", "error")


def arguments():
    folder, threads = sys.argv[1], int(sys.argv[2])
    return folder, threads, sys.argv[3] if len(sys.argv) > 3 else None


def answer(records, counted, failed, cells):
    print(json.dumps({"records": records, "counted": counted, "failed": failed, "cells": cells}))


def dump(path, rows):
    """Rows are (minute since 1970, account, region, source, name, error, calls)."""
    lines = sorted("\t".join(str(value) for value in row) + "\n" for row in rows)
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(lines)
