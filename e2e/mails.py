"""Mails: a real mail server that keeps what it is sent, and the outbox where there is none."""

import collections
import email
import email.policy

from aiosmtpd.controller import Controller

from running import free_port

# The envelope's sender and recipients, the message, and its text with lines as Python has them.
Mail = collections.namedtuple("Mail", "sender recipients message text")


def read(content, sender=None, recipients=None):
    message = email.message_from_bytes(content, policy=email.policy.default)
    return Mail(sender, recipients or [str(message["To"])], message, message.get_body(("plain",)).get_content().replace("\r\n", "\n"))


class MailServer:
    """Listens until it is stopped."""

    def __init__(self):
        self.mails = []
        port = free_port()
        self.controller = Controller(self, hostname="127.0.0.1", port=port)
        self.controller.start()
        self.url = f"smtp://127.0.0.1:{port}"
        # What the service is told of it.
        self.options = ["--smtp-url", self.url, "--mail-from", "Trailsight <alerts@example.com>"]

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(read(envelope.content, envelope.mail_from, envelope.rcpt_tos))
        return "250 OK"

    def stop(self):
        self.controller.stop()


def of_outbox(folder):
    """The mails that lie in an outbox, in the order of their coming."""
    return [read(file.read_bytes()) for file in sorted(folder.glob("*.eml"))]
