"""Hands a mail to a mail server, or writes it into a folder; what came of it is a value, whatever the server does."""

from __future__ import annotations

import os
import re
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.errors import MessageError
from enum import Enum, StrEnum, auto
from hashlib import sha256
from pathlib import Path
from smtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from tempfile import NamedTemporaryFile
from threading import Timer
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage
    from urllib.parse import SplitResult

    Send = Callable[[EmailMessage], "Outcome"]

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
LONGEST_WAIT, LONGEST = 20.0, 45.0
"""Seconds that one answer may take, and everything from the first call of the server to its last word together.

That is less than the time for which a message is taken.
"""

GOODBYE = 5.0
PERMANENT = 500
OURS = frozenset({530, 534, 535, 538})
"""Refusals that are about how we signed in, not about the message (RFC 4954, 6): somebody mends the settings."""

MOST_WORDS = 200
ADDRESS = re.compile(r"[^\s<>(),:;]+@[^\s<>(),:;]+")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Result(StrEnum):
    """What came of a message: the server has it, it may be tried later, or it will never be taken."""

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of handing over one message, and why not, in words without addresses."""

    result: Result
    reason: str = ""


class Tls(Enum):
    """How the line to the server is made safe: from the first byte, by STARTTLS, or not at all (this machine only)."""

    AT_ONCE = auto()
    START = auto()
    NONE = auto()


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server. `trusted`: whose certificates count, without it those that the system trusts."""

    host: str
    port: int
    tls: Tls
    user: str = ""
    password: str = field(default="", repr=False)
    trusted: ssl.SSLContext | None = None
    wait: float = LONGEST_WAIT
    limit: float = LONGEST


def server_of(url: str) -> Server:
    """The server of `smtp://user:password@host:587` or `smtps://...`; ValueError with a sentence for what is none."""
    parts = _parts(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("must be written as smtp://user:password@host:587 or smtps://user:password@host:465")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must end after the port; write /, ? and # in a password as %2F, %3F and %23")
    host, at_once = parts.hostname, parts.scheme == "smtps"
    plain = not at_once and host in LOOPBACK
    tls = Tls.AT_ONCE if at_once else Tls.NONE if plain else Tls.START
    port = parts.port or {Tls.AT_ONCE: 465, Tls.START: 587, Tls.NONE: 25}[tls]
    return Server(host, port, tls, unquote(parts.username or ""), unquote(parts.password or ""))


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # it is read here so that a wrong one is told here
    except ValueError as error:
        raise ValueError("has a host or a port that cannot be read") from error
    return parts


# ---- by SMTP


def by_smtp(server: Server) -> Send:
    """Sends a message by that server."""
    return lambda message: _sent(server, message)


def _sent(server: Server, message: EmailMessage) -> Outcome:
    """On a line of its own: what goes wrong there is an outcome, nothing is raised."""
    line = _Line(server)
    try:
        refused = _signed_in(line, server)
        return refused or _handed_over(line, message)
    finally:
        line.close()


class _Line(SMTP):
    """A line that is not connected yet, and that ends at the server's limit from now on, whatever it does just then.

    We present ourselves without asking anybody for our own name.
    """

    def __init__(self, server: Server) -> None:
        name = socket.gethostname()
        super().__init__(local_hostname=name if "." in name else "[127.0.0.1]", timeout=server.wait)
        self._host = server.host  # whom the certificate must name
        self._server, self._until = server, monotonic() + server.limit
        self._hold: socket.socket | None = None
        self._cut: Timer | None = None

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # as smtplib calls it
        found = _connected(host, port, timeout, self._until)
        self._hold = found.dup()  # TLS takes the other one away; to shut down either ends the line
        self._cut = Timer(max(self._until - monotonic(), 0), _end, [self._hold])
        self._cut.daemon = True
        self._cut.start()
        at_once = self._server.tls is Tls.AT_ONCE
        return _trusted(self._server).wrap_socket(found, server_hostname=host) if at_once else found

    def close(self) -> None:
        """The line is no more, and nothing waits to end it; smtplib too calls this when a line is lost."""
        if self._cut is not None and self._hold is not None:
            self._cut.cancel()
            self._hold.close()
        super().close()


def _connected(host: str, port: int, wait: float, until: float) -> socket.socket:
    """A line to the first address of the host that answers; all of them together have until that moment.

    How long the name is looked up is the system's; whatever is found after that moment is not called any more.
    """
    lost: OSError = TimeoutError("timed out")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        left = until - monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        found = socket.socket(family, kind, protocol)
        try:
            found.settimeout(min(wait, left))
            found.connect(address)
        except OSError as error:
            found.close()
            lost = error
        else:
            found.settimeout(wait)
            return found
    raise lost


def _end(hold: socket.socket) -> None:
    """Whoever waits on the line is told that it is lost."""
    with suppress(OSError):
        hold.shutdown(socket.SHUT_RDWR)


def _trusted(server: Server) -> ssl.SSLContext:
    return server.trusted or ssl.create_default_context()


def _signed_in(line: SMTP, server: Server) -> Outcome | None:
    """Connect, make the line safe, and sign in. Whatever fails here may be tried later: it is not about the message."""
    try:
        code, words = line.connect(server.host, server.port)
        if code != 220:  # noqa: PLR2004  # RFC 5321, 4.2.3: service ready
            return Outcome(Result.LATER, _answer(code, words))
        if server.tls is Tls.START:
            line.starttls(context=_trusted(server))
        if server.user:
            line.login(server.user, server.password)
        else:
            line.ehlo_or_helo_if_needed()
    except SMTPResponseException as error:
        return Outcome(Result.LATER, _answer(error.smtp_code, error.smtp_error))
    except SMTPNotSupportedError:
        return Outcome(Result.LATER, "the mail server does not offer what the settings ask for (TLS, or a password)")
    except (OSError, SMTPException, UnicodeError, ValueError) as error:
        return Outcome(Result.LATER, _lost(error))
    return None


def _handed_over(line: SMTP, message: EmailMessage) -> Outcome:
    """The server's word on this message."""
    try:
        line.send_message(message)
    except SMTPRecipientsRefused as error:
        return _refusal(*next(iter(error.recipients.values())))
    except (SMTPSenderRefused, SMTPDataError, SMTPResponseException) as error:
        return _refusal(error.smtp_code, error.smtp_error)
    except (SMTPNotSupportedError, UnicodeError, MessageError, ValueError) as error:
        return Outcome(Result.REFUSED, f"the message cannot be sent to this address ({type(error).__name__})")
    except (OSError, SMTPException) as error:
        return Outcome(Result.LATER, _lost(error))
    _goodbye(line)
    return Outcome(Result.SENT)


def _goodbye(line: SMTP) -> None:
    """The message is the server's; how it takes leave changes nothing."""
    with suppress(OSError, SMTPException, ValueError):
        if line.sock is not None:
            line.sock.settimeout(GOODBYE)
        line.quit()


def _refusal(code: int, words: bytes | str) -> Outcome:
    for_good = code >= PERMANENT and code not in OURS
    return Outcome(Result.REFUSED if for_good else Result.LATER, _answer(code, words))


def _answer(code: int, words: bytes | str) -> str:
    return cleaned(f"{code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}")


def _lost(error: Exception) -> str:
    """Why there is no line, in words; what the system says of it may name addresses."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return cleaned(f"the mail server's certificate is not trusted: {error.verify_message}")
    if isinstance(error, ssl.SSLError):
        return "the mail server's TLS failed"
    return cleaned(f"the mail server cannot be reached, or the line was lost: {error}")


def cleaned(words: str) -> str:
    """Words for a list that people read: one line, no control characters, no addresses."""
    found = ADDRESS.sub("(address)", UNPRINTABLE.sub(" ", words))
    return " ".join(found.split())[:MOST_WORDS]


# ---- into a folder


def into_folder(folder: Path) -> Send:
    """Writes a message into that folder as a file that mail programs open."""
    return lambda message: _written(folder, message)


def _written(folder: Path, message: EmailMessage) -> Outcome:
    """Whole or not at all; the name tells nothing, and is the same for the same message."""
    name = f"{sha256(str(message['Message-ID']).encode()).hexdigest()[:32]}.eml"
    try:
        content = message.as_bytes()
        with NamedTemporaryFile(dir=folder, prefix=".", suffix=".part", delete=False) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(folder / name)
    except OSError as error:
        return Outcome(Result.LATER, cleaned(f"the folder cannot be written: {error.strerror}"))
    except (UnicodeError, MessageError, ValueError) as error:
        return Outcome(Result.REFUSED, f"the message cannot be written ({type(error).__name__})")
    return Outcome(Result.SENT)
