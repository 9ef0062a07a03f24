"""From a log file that is put to those who are told: each kind of delivery, and an insight's Start."""

import asyncio
import http.server
import json
import random
import re
import shutil
import statistics
import threading
import time
import urllib.request

from common import ACCOUNT, REGION, delivered_at, log_file, record
from ingest import log_files
from service import Service, until, zipped

FUNCTION = """
import json, os, urllib.request
def handler(event, context):
    urllib.request.urlopen(urllib.request.Request(os.environ["TO"], json.dumps(event).encode()))
"""
PROBE = "DeleteTrail"


class Arrivals:
    """What came, and when: the first time that a word was in what was sent to a name."""

    def __init__(self):
        self.texts = []
        self.lock = threading.Lock()

    def note(self, to, text):
        with self.lock:
            self.texts.append((time.monotonic(), to, text))

    def when(self, to, word):
        with self.lock:
            return next((at for at, name, text in self.texts if name == to and word in text), None)

    def all(self, to):
        with self.lock:
            return [(at, text) for at, name, text in self.texts if name == to]


class Web(http.server.BaseHTTPRequestHandler):
    """A server that is told by HTTP; confirms what asks for it."""

    protocol_version = "HTTP/1.1"
    arrivals = None

    def do_POST(self):
        text = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.arrivals.note(self.path, text)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
        if self.headers.get("x-amz-sns-message-type") == "SubscriptionConfirmation":
            urllib.request.urlopen(json.loads(text)["SubscribeURL"]).read()

    def log_message(self, *_):
        pass


class MailServer:
    """As much of SMTP as takes a mail."""

    def __init__(self, arrivals):
        self.arrivals, self.port = arrivals, None
        ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self.serve(ready)), daemon=True).start()
        ready.wait()

    async def serve(self, ready):
        server = await asyncio.start_server(self.talk, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await server.serve_forever()

    async def talk(self, reader, writer):
        say = lambda line: writer.write(line.encode() + b"\r\n")
        say("220 sink")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                say("354 go on")
                mail = await reader.readuntil(b"\r\n.\r\n")
                self.arrivals.note("mail", mail.decode(errors="replace").replace("=\r\n", ""))
            say("250 OK" if verb != b"QUIT" else "221 bye")
            if verb == b"QUIT":
                break
        writer.close()


class Told:
    """A service with every kind of target, all of the same rule's pattern."""

    def __init__(self, binary, work, runtimes, now, name):
        self.arrivals = Arrivals()
        Web.arrivals = self.arrivals
        self.web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Web)
        threading.Thread(target=self.web.serve_forever, daemon=True).start()
        self.to = f"http://127.0.0.1:{self.web.server_port}"
        mail = MailServer(self.arrivals)
        data = work / name
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir()
        self.runs_functions = (runtimes / "python3.11" / "runtime.json").exists()
        if self.runs_functions:
            shutil.copytree(runtimes, data / "runtimes", symlinks=True)
        self.data = data
        self.words = [
            "--allow-delivery-to", "127.0.0.1", "--functions-port", str(self.web.server_port),
            "--smtp-url", f"smtp://127.0.0.1:{mail.port}?tls=none", "--mail-from", "alerts@example.com",
        ]  # fmt: skip
        self.service = Service(binary, data, *self.words, now=now)
        self.service.with_trail()
        self.service.start_logging()

    def restart(self, binary, now):
        self.service.stop()
        self.service = Service(binary, self.data, *self.words, now=now)

    def topic(self, name, protocol, endpoint):
        client = self.service.client
        client.form("sns", Action="CreateTopic", Version="2010-03-31", Name=name)
        arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}"
        client.form("sns", Action="Subscribe", Version="2010-03-31", TopicArn=arn, Protocol=protocol, Endpoint=endpoint)
        if protocol == "email":
            until("a mail that asks", lambda: self.arrivals.all("mail"))
            text = self.arrivals.all("mail")[-1][1]
            urllib.request.urlopen(re.search(r"http://\S*Action=3?D?ConfirmSubscription\S*", text.replace("=3D", "=")).group()).read()
        else:
            until("it is confirmed", lambda: "PendingConfirmation" not in client.form("sns", Action="ListSubscriptionsByTopic", Version="2010-03-31", TopicArn=arn))
        return arn

    def api_destination(self):
        client = self.service.client
        key = {"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "secret"}}
        made = client.json("AWSEvents.CreateConnection", Name="key", AuthorizationType="API_KEY", AuthParameters=key)
        return client.json(
            "AWSEvents.CreateApiDestination", Name="hook", ConnectionArn=made["ConnectionArn"],
            InvocationEndpoint=f"{self.to}/api-destination", HttpMethod="POST", InvocationRateLimitPerSecond=300,
        )["ApiDestinationArn"]  # fmt: skip

    def function(self):
        made = {
            "FunctionName": "tell", "Runtime": "python3.11", "Handler": "lambda_function.handler", "Timeout": 30,
            "Role": f"arn:aws:iam::{ACCOUNT}:role/tell", "Code": {"ZipFile": zipped(FUNCTION)},
            "Environment": {"Variables": {"TO": f"{self.to}/function"}},
        }  # fmt: skip
        self.service.client.ask("POST", "/2015-03-31/functions", json.dumps(made), {"Content-Type": "application/json"}, "lambda")
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:tell"


def kinds_of_delivery(binary, work, runtimes, times):
    """For each kind: seconds from a file's put to its arrival."""
    told = Told(binary, work, runtimes, None, "data-delivery")
    client, arrivals = told.service.client, told.arrivals
    # A pattern each, as rules with one pattern would be told by one transaction anyway; a field that differs keeps them apart.
    pattern = {"detail": {"eventName": [PROBE]}}
    targets = {"/http": told.topic("http", "http", f"{told.to}/http"), "mail": told.topic("mail", "email", "ops@example.com")}
    targets["/api-destination"] = told.api_destination()
    if told.runs_functions:
        targets["/function"] = told.function()
    for name, arn in targets.items():
        told.service.rule(name.strip("/"), pattern, arn)
    client.json("Logs_20140328.CreateLogGroup", logGroupName="/aws/events/probe")
    told.service.rule("log-group", pattern, f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/events/probe")
    took = {name: [] for name in [*targets, "log group"]}
    dice = random.Random(7)
    for number in range(times):
        # Not in step with anything that looks from time to time.
        time.sleep(dice.random())
        event_id = f"00000000-0000-4000-8000-{number:012d}"
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        call = record(event_id, now, eventSource="cloudtrail.amazonaws.com", eventName=PROBE, requestParameters={"name": "my-trail"})
        key, body = log_file(now, f"{number:016d}", [call])
        started = time.monotonic()
        client.put("my-trail", key, body)

        def logged():
            told_there = client.json("Logs_20140328.FilterLogEvents", logGroupName="/aws/events/probe")
            return any(event_id in line["message"] for line in told_there["events"])

        logged_at = until("it is in the log group", lambda: logged() and time.monotonic(), 60, 0.01)
        if number > 0:  # The first one starts a function's environment and connections.
            took["log group"].append(logged_at - started)
        for name in targets:
            arrived = until(f"{name} is told", lambda: arrivals.when(name, event_id), 60, 0.01)
            if number > 0:
                took[name].append(arrived - started)
    told.service.stop()
    told.web.shutdown()
    return took


def starts(binary, work, folder, runtimes, moments):
    """Seconds from the put of the file that shows an increase to the mail that tells of it, for a night of a stolen key.

    The service's clock shows when the files were delivered: it learns up to the first moment, and is started again at each
    of the others, gets what was delivered in between, and then, one after the other, the files of that moment.
    """
    files = sorted(log_files(folder), key=delivered_at)
    told = Told(binary, work, runtimes, clock(moments[0]), "data-starts")
    topic = told.topic("mail", "email", "ops@example.com")
    insights = {"source": ["aws.cloudtrail"], "detail-type": ["AWS Insight via CloudTrail"]}
    told.service.rule("insights", insights, topic)
    took, counted = [], 0

    def put(path):
        started = time.monotonic()
        told.service.client.put("my-trail", path.relative_to(folder).as_posix(), path.read_bytes())
        return started

    for moment in moments:
        if moment != moments[0]:
            told.restart(binary, clock(moment))
        came = [path for path in files[counted:] if delivered_at(path) < moment]
        for path in came:
            put(path)
        counted += len(came)
        told.service.counted(counted)
        time.sleep(3)
        for path in (path for path in files[counted:] if delivered_at(path) == moment):
            known, started = len(told.arrivals.all("mail")), put(path)
            counted += 1
            time.sleep(2)
            took += [at - started for at, text in told.arrivals.all("mail")[known:] if "Start" in text]
    told.service.stop()
    told.web.shutdown()
    return took


def clock(moment):
    return f"{moment[:4]}-{moment[4:6]}-{moment[6:8]}T{moment[9:11]}:{moment[11:13]}:00Z"


def shown(seconds):
    """Median, 99th percentile (or the largest), and how many."""
    ordered = sorted(seconds)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))], len(ordered)
