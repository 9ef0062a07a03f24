"""The running binary, and how it is asked. Every script here is called `python e2e/….py path/to/trailsight path/to/aws`."""

import http.client
import json
import pathlib
import re
import socket
import subprocess
import sys
import time

import boto3
from botocore.config import Config

from made_up import REGION, signed

BINARY, AWS = sys.argv[1], sys.argv[2]


def claimed():
    """The operations that the binary answers: their service and name."""
    told = subprocess.run([BINARY, "operations", "--json"], capture_output=True, text=True, check=True)
    return [known for known in json.loads(told.stdout) if known["refused"] is None]


def until(what, ask, seconds=30):
    """Asks again and again, until there is an answer."""
    end = time.monotonic() + seconds
    while not (told := ask()):
        assert time.monotonic() < end, f"after {seconds} s still not: {what}"
        time.sleep(0.1)
    return told


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


class Service:
    """The running binary. `environment` is its own; else it has that of whoever started the script."""

    def __init__(self, data, *arguments, listen="127.0.0.1:0", environment=None):
        self.data = data
        self.log = open(f"{data}.log", "a+")  # a pipe that nobody reads would fill and hold it up
        command = [BINARY, "serve", "--data-dir", data, "--listen", listen, *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True, env=environment)
        said = self.process.stdout.readline()
        if not said:
            self.process.wait()
            raise AssertionError(f"it does not start: {self.logged()}")
        self.url, region = re.search(r"export AWS_ENDPOINT_URL=(\S+) AWS_DEFAULT_REGION=(\S+)$", said).groups()
        assert region == REGION, said
        self.host = self.url.removeprefix("http://")
        self.environment = {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_DEFAULT_REGION": region,
            "AWS_ACCESS_KEY_ID": "AKIAANYKEYWILLDO",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            "HOME": data,
            "LANG": "C.UTF-8",
            "PATH": f"{pathlib.Path(AWS).parent}:/usr/bin:/bin",
        }

    def stop(self, how):
        """Stops it; gives back its exit code and what it logged."""
        self.process.send_signal(how)
        return self.process.wait(timeout=15), self.logged()

    def logged(self):
        return pathlib.Path(self.log.name).read_text()

    def aws(self, *arguments, fails=None, seconds=60):
        """The AWS CLI. `fails` is the error that must come."""
        done = subprocess.run([AWS, *arguments], env=self.environment, capture_output=True, text=True, timeout=seconds)
        if fails is None:
            assert done.returncode == 0, (arguments, done.stderr)
        else:
            assert done.returncode != 0 and fails in done.stderr, (arguments, done.stdout, done.stderr)
        return done.stdout

    def aws_json(self, *arguments):
        return json.loads(self.aws(*arguments, "--output", "json"))

    def client(self, name, **config):
        return boto3.client(
            name,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="AKIAANYKEYWILLDO",
            aws_secret_access_key="any",
            config=Config(retries={"total_max_attempts": 1}, **config),
        )

    def bytes(self, method, path, headers=None, body=None, service="s3"):
        """A request as no client sends it. Its signature is made up."""
        connection = http.client.HTTPConnection(self.host, timeout=10)
        usual = {"Host": self.host, **signed(service)}
        given = {name: value for name, value in {**usual, **(headers or {})}.items() if value is not None}
        connection.request(method, path, body, given)
        reply = connection.getresponse()
        return reply.status, reply.read().decode(), reply.headers
