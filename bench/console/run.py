#!/usr/bin/env python3
"""How fast the console is in a browser: its first page, the page of an insight with a month of 20,000 series behind it, and a
timeline of ten thousand points that is moved along.

    make console && python3 bench/console/run.py                # RESULTS.md beside this file (some minutes)
    python3 bench/console/run.py --quick                        # 2,000 series, nothing written

Wants Debian's chromium and Node.js; the rest is what `make console` installs. The service, the browser and this run on one machine.
"""

import argparse
import calendar
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "service")]

import load  # noqa: E402: it lies beside
from common import CACHE, built, log_file, machine, record  # noqa: E402
from service import until  # noqa: E402

ACCOUNT = "100000000000"  # one of those that `bench-service` fills in


def burst(now):
    """A log file of the four minutes before midnight in which somebody deletes bucket after bucket."""
    day = calendar.timegm(time.strptime(now, "%Y-%m-%dT%H:%M:%SZ")) - 60
    at = lambda second: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))
    call = {"eventSource": "s3.amazonaws.com", "eventName": "DeleteBucket"}
    records = [
        record(str(uuid.UUID(int=minute << 32 | number)), at(day - 60 * minute - number % 60), "mallory", ACCOUNT, **call)
        for minute in range(4)
        for number in range(400)
    ]
    return log_file(at(day), "abcdefghijklmnop", records, ACCOUNT)


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--quick", action="store_true")
    words.add_argument("--binary", type=pathlib.Path, help="one that is built, with bench-service beside it")
    words.add_argument("--series", type=int, default=20_000)
    options = words.parse_args()
    options.series = 2_000 if options.quick else options.series
    binary, fill = (options.binary, options.binary.parent / "bench-service") if options.binary else built()
    work = CACHE / "bench-console"
    work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work, ignore_cleanup_errors=True) as made:
        data, now = load.filled(fill, pathlib.Path(made), options.series)
        service, *_ = load.start(binary, data, now)
        service.with_trail()
        service.start_logging()
        service.client.put("my-trail", *burst(now))
        base = f"http://{service.host}"

        def told():
            asked = urllib.request.Request(f"{base}/api/console/v1/insights", headers={"x-trailsight-request": "1"})
            all_of_them = json.load(urllib.request.urlopen(asked))["insights"]
            return next((one["id"] for one in all_of_them if one["name"] == "DeleteBucket"), None)

        until("the insight is told", told)
        pages = ["node", str(HERE / "pages.mjs"), base, told()]
        rows = subprocess.run(pages, check=True, text=True, stdout=subprocess.PIPE).stdout
        service.stop()
    text = f"""# The console: how fast it is

Written by `bench/console/run.py` on {machine()}, in Debian's Chromium without a graphics card; {options.series:,} series ×
28 days behind it. The best of five, each in a browser that had seen nothing before.

{rows}"""
    if options.quick:
        print(text)
    else:
        (HERE / "RESULTS.md").write_text(text)


if __name__ == "__main__":
    main()
