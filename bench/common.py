"""What the benchmarks have in common: where things lie, what is built, how it is said, and what is made up as in e2e/."""

import calendar
import os
import pathlib
import platform
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
# As the Makefile has it.
CACHE = pathlib.Path.home() / ".cache" / "trailsight"

# Behind all others: a benchmark may have a module that is called like a script there.
sys.path.append(str(ROOT / "e2e"))

from made_up import ACCOUNT, REGION, delivered_at, log_file, record, signed  # noqa: E402, F401: whoever wants them has them from here


def say(line):
    print(line, file=sys.stderr, flush=True)


def fail(why):
    """Ends it, and says which benchmark it was."""
    raise SystemExit(f"bench/{pathlib.Path(sys.argv[0]).resolve().parent.name}: {why}")


def built():
    """The binary, and what fills a data directory."""
    target = pathlib.Path(os.environ.setdefault("CARGO_TARGET_DIR", str(CACHE / "target")))
    words = ["cargo", "build", "--release", "--locked", "--quiet", "-p", "trailsight", "-p", "bench-service"]
    subprocess.run(words, cwd=ROOT, check=True)
    return target / "release" / "trailsight", target / "release" / "bench-service"


def after(files):
    """A moment an hour after the last of these files was delivered, which is then the service's present."""
    last = max(map(delivered_at, files))
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(3600 + calendar.timegm(time.strptime(last, "%Y%m%dT%H%MZ"))))


def machine():
    """What it ran on, for the head of a page of results."""
    return f"a shared machine with {os.cpu_count()} processors ({platform.machine()}), {platform.system()} {platform.release()}"
