"""A mail server on the loopback that answers as a test wants, and keeps what it took."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from email import message_from_bytes
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

TAKEN = "250 taken"
STALL, DROP = "stall", "drop"
"""Answers that are none: nothing more is said, or the line is cut once the message is there."""

USER = LoginPassword(b"planner", b"a password of the tests")


class Box:
    """What arrived, in its order. `answers` gives the answer to each message, by its number and its bytes."""

    def __init__(self, answers=lambda *_: TAKEN, rcpt=TAKEN):
        self.answers, self.rcpt = answers, rcpt
        self.tries, self.taken = [], []
        self.over = asyncio.Event()

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802  # aiosmtpd's name
        if self.rcpt == TAKEN:
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802  # aiosmtpd's name
        content = envelope.content
        self.tries.append(content)
        answer = self.answers(len(self.tries), content)
        if answer == STALL:
            await self.over.wait()
        if answer.startswith("250") or answer == DROP:
            self.taken.append(content)  # a line that is lost after the last dot: the server has it, nobody knows
        if answer == DROP:
            server.transport.abort()
            return "451 never said"
        return answer

    def messages(self):
        """What was taken, as a mail program reads it. No property: aiosmtpd reads those for every line that opens."""
        return [message_from_bytes(content, policy=default) for content in self.taken]


class Listening(Controller):
    """The server, in a thread of its own, on a port that the system chooses."""

    def __init__(self, box, at_once=None, **how):
        self.how = how
        super().__init__(box, hostname="127.0.0.1", port=0, ready_timeout=30, ssl_context=at_once)

    def factory(self):
        return SMTP(self.handler, hostname="mail.example", **self.how)

    def _trigger_server(self):
        """The port is known only now; whoever starts the server looks whether it answers."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    def stop(self, no_assert=False):  # noqa: FBT002  # as aiosmtpd has it
        self.loop.call_soon_threadsafe(self.handler.over.set)
        super().stop(no_assert)


def signed_in(_server, _session, _envelope, _mechanism, data):
    return AuthResult(success=data == USER, handled=False)


def certificate(folder, host="localhost"):
    """A key and a certificate for that host, which nobody but its maker trusts."""
    key, found = folder / "key.pem", folder / "cert.pem"
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={host} -addext subjectAltName=DNS:{host}"
    subprocess.run([*command.split(), "-keyout", key, "-out", found], check=True, capture_output=True)
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(found, key)
    return served, ssl.create_default_context(cafile=found)
