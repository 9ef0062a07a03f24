"""AWS's SDK for JavaScript against the real binary, with nothing but the environment that `trailsight serve` prints.

    python e2e/javascript.py path/to/trailsight path/to/aws path/to/e2e-node

The last one has the node_modules of e2e/javascript/package-lock.json; `make tools` installs them.
"""

import base64
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

from made_up import REGION
from running import Service, claimed


def main():
    script = pathlib.Path(__file__).parent / "javascript" / "walkthrough.mjs"
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("lambda_function.py", "def handler(event, context):\n    return event\n")
    with tempfile.TemporaryDirectory() as folder:
        service = Service(f"{folder}/data")
        try:
            environment = {
                **service.environment,
                "PATH": os.environ["PATH"],
                "AWS_REGION": REGION,  # AWS_DEFAULT_REGION is the CLI's and boto3's
                "TRAILSIGHT_OPERATIONS": json.dumps([f"{known['service']} {known['operation']}" for known in claimed()]),
                "TRAILSIGHT_ZIP": base64.b64encode(zipped.getvalue()).decode(),
            }
            done = subprocess.run(["node", script, sys.argv[3]], env=environment, capture_output=True, text=True, timeout=120)
            if done.returncode != 0:
                sys.exit(f"{done.stdout}\n{done.stderr}\n{service.logged()}")
            print(done.stdout, end="")
        finally:
            service.process.kill()


main()
