"""Handing over a mail: a real server on the loopback, and each of its answers as a value. Nothing is raised."""

import socket
from contextlib import ExitStack
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from threading import Thread
from time import monotonic

import pytest

from planner.post import Outcome, Result, Server, Tls, by_smtp, cleaned, into_folder, server_of
from tests.mailserver import DROP, STALL, TAKEN, USER, Box, Listening, certificate, signed_in

FAST = 0.3
"""Seconds that a test waits for a server that says nothing."""


def message(to="zoe@home.example", words="See you on Tuesday.\n.\nA line with a dot before it.\n"):
    found = EmailMessage(policy=SMTP)
    found["From"], found["To"], found["Subject"] = "visits@hospital.example", to, "Hospital appointment"
    found["Message-ID"] = "<1@hospital.example>"
    found.set_content(words)
    return found


@pytest.fixture
def listening():
    """Starts a server with that box; it is stopped with the test."""
    started = []

    def start(box, **how):
        server = Listening(box, **how)
        server.start()
        started.append(server)
        return Server("localhost", server.port, Tls.NONE, wait=10)

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="module")
def secrets(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"))


# ---- the server's answers


@pytest.mark.enable_socket
def test_what_the_server_takes_is_sent_as_it_is(listening):
    box = Box()

    assert by_smtp(listening(box))(message()) == Outcome(Result.SENT)
    assert box.taken == [message().as_bytes()]


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ("421 4.3.2 shutting down", Result.LATER),
        ("451 4.7.1 greylisted, come back", Result.LATER),
        ("452 4.2.2 mailbox full", Result.LATER),
        ("530 5.7.0 sign in first", Result.LATER),
        ("550 5.1.1 no such user", Result.REFUSED),
        ("552 5.3.4 too big", Result.REFUSED),
    ],
)
@pytest.mark.parametrize("at", ["recipient", "message"])
def test_4xx_is_tried_later_5xx_never_and_what_is_about_our_own_account_later(listening, answer, result, at):
    box = Box(rcpt=answer) if at == "recipient" else Box(lambda *_: answer)

    assert by_smtp(listening(box))(message()) == Outcome(result, answer)
    assert box.taken == []


@pytest.mark.enable_socket
def test_a_server_that_says_nothing_more_is_tried_later(listening):
    server = replace(listening(Box(lambda *_: STALL)), wait=FAST)

    outcome = by_smtp(server)(message())

    assert (outcome.result, "timed out" in outcome.reason) == (Result.LATER, True)


@pytest.mark.enable_socket
def test_all_answers_together_take_no_longer_than_the_limit(listening):
    server = replace(listening(Box(lambda *_: STALL)), limit=FAST)

    outcome = by_smtp(server)(message())

    assert (outcome.result, outcome.reason) == (
        Result.LATER,
        "the mail server cannot be reached, or the line was lost: Connection unexpectedly closed",
    )


@pytest.fixture
def unreachable():
    """An address of this machine that answers no call: so many wait there already that no more are heard."""
    with socket.socket() as full, ExitStack() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(3):
            caller = waiting.enter_context(socket.socket())
            caller.settimeout(0)
            caller.connect_ex(full.getsockname())
        yield full.getsockname()


@pytest.mark.enable_socket
def test_addresses_that_do_not_answer_and_a_slow_server_take_no_longer_than_the_limit_together(
    listening, unreachable, monkeypatch
):
    slow = replace(listening(Box(lambda *_: STALL)), wait=1, limit=1.5)
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", to) for to in (*[unreachable] * 3, ("127.0.0.1", slow.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    began = monotonic()
    outcome = by_smtp(slow)(message())

    assert outcome.result is Result.LATER
    assert 1.4 < monotonic() - began < 2.9


@pytest.mark.enable_socket
def test_a_server_behind_an_address_that_does_not_answer_is_found(listening, unreachable, monkeypatch):
    server = replace(listening(Box()), wait=FAST)
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", to) for to in (unreachable, ("127.0.0.1", server.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    assert by_smtp(server)(message()) == Outcome(Result.SENT)


@pytest.fixture
def silent():
    """A server that says these lines, each after one of ours (the first unasked), and then nothing more."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ExitStack() as lines:

        def answer(words):
            line, _ = listener.accept()
            lines.enter_context(line)
            for number, word in enumerate(words):
                if number:
                    line.recv(1000)
                line.sendall(word)

        def start(*words):
            Thread(target=answer, args=[words], daemon=True).start()
            return listener.getsockname()[1]

        yield start


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("tls", "words"),
    [
        (Tls.AT_ONCE, ()),
        (Tls.START, (b"220 here\r\n", b"250-here\r\n250 STARTTLS\r\n", b"220 go on\r\n")),
        (Tls.NONE, (b"220 here\r\n", b"250-here\r\n250 AUTH LOGIN\r\n", b"334 VXNlcm5hbWU6\r\n")),
    ],
)
def test_a_server_that_falls_silent_while_the_line_is_made_safe_or_signs_in_is_left_at_the_limit(silent, tls, words):
    port = silent(*words)

    began = monotonic()
    outcome = by_smtp(Server("localhost", port, tls, user="planner", password="secret", wait=10, limit=FAST))(message())

    assert (outcome.result, monotonic() - began < 5) == (Result.LATER, True)


@pytest.mark.enable_socket
def test_a_line_lost_after_the_message_is_tried_later_though_the_server_has_it(listening):
    box = Box(lambda *_: DROP)

    outcome = by_smtp(listening(box))(message())

    assert (outcome.result, len(box.taken)) == (Result.LATER, 1)


@pytest.mark.enable_socket
def test_nobody_listening_and_a_name_that_is_unknown_are_tried_later(free_port):
    nobody = Server("127.0.0.1", free_port, Tls.NONE)
    unknown = Server("mail.invalid", 25, Tls.START, wait=FAST)

    outcomes = [by_smtp(server)(message()) for server in (nobody, unknown)]

    assert [outcome.result for outcome in outcomes] == [Result.LATER, Result.LATER]


@pytest.mark.enable_socket
def test_an_address_that_the_server_cannot_write_is_refused(listening):
    outcome = by_smtp(listening(Box(), enable_SMTPUTF8=False))(
        message(to="zo\N{LATIN SMALL LETTER E WITH DIAERESIS}@home.example")
    )

    assert outcome.result is Result.REFUSED


# ---- TLS and passwords


@pytest.mark.enable_socket
@pytest.mark.parametrize("tls", [Tls.START, Tls.AT_ONCE])
def test_a_server_whose_certificate_is_trusted_is_spoken_to_over_tls_and_with_the_password(listening, secrets, tls):
    served, trusted = secrets
    how = (
        {"tls_context": served, "require_starttls": True, "auth_required": True}
        if tls is Tls.START
        else {"at_once": served, "auth_require_tls": False}
    )
    server = listening(Box(), authenticator=signed_in, **how)

    found = [
        by_smtp(replace(server, tls=tls, trusted=trusted, user=USER.login.decode(), password=password))(message())
        for password in (USER.password.decode(), "wrong")
    ]

    assert found[0] == Outcome(Result.SENT)
    assert (found[1].result, found[1].reason[:3]) == (Result.LATER, "535")


@pytest.mark.enable_socket
@pytest.mark.parametrize("wrong", ["maker", "host"])
def test_a_certificate_of_another_maker_or_for_another_host_ends_it_before_anything_is_said(
    listening, secrets, tmp_path, wrong
):
    other, made_by_other = certificate(tmp_path, "other.example")
    box = Box()
    server = listening(box, tls_context=secrets[0] if wrong == "maker" else other)

    outcome = by_smtp(replace(server, tls=Tls.START, trusted=made_by_other))(message())

    assert (outcome.result, outcome.reason.partition(":")[0], box.tries) == (
        Result.LATER,
        "the mail server's certificate is not trusted",
        [],
    )


@pytest.mark.enable_socket
def test_a_server_without_tls_is_told_nothing_where_tls_is_asked_for(listening):
    box = Box()

    outcome = by_smtp(replace(listening(box), tls=Tls.START))(message())

    assert (outcome.result, box.tries) == (Result.LATER, [])


# ---- reasons, addresses of servers


def test_a_reason_is_one_line_without_addresses_or_what_cannot_be_seen():
    assert cleaned("550 5.1.1 <zoe@home.example>:\r\n no\x00 such \x1b[31m user zoe+x@home.example; " + "x" * 300) == (
        "550 5.1.1 <(address)>: no such [31m user (address); " + "x" * 148
    )


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://127.0.0.1:2525", Server("127.0.0.1", 2525, Tls.NONE)),
        ("smtp://localhost", Server("localhost", 25, Tls.NONE)),
        ("smtp://u%40a:p%2Fq@mail.example", Server("mail.example", 587, Tls.START, "u@a", "p/q")),
        ("smtps://u:p@mail.example", Server("mail.example", 465, Tls.AT_ONCE, "u", "p")),
        ("smtps://localhost:1465", Server("localhost", 1465, Tls.AT_ONCE)),
    ],
)
def test_only_this_machine_is_spoken_to_without_tls(url, server):
    assert server_of(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example",
        "http://mail.example",
        "smtp://",
        "smtp://h:x",
        "smtp://h/path",
        "smtp://h?tls=no",
        "smtp://[::1",
    ],
)
def test_what_is_no_address_of_a_server_is_said(url):
    with pytest.raises(ValueError, match=r"must|cannot be read"):
        server_of(url)


def test_a_password_is_never_shown():
    assert "hush" not in repr(server_of("smtp://u:hush@mail.example"))


# ---- the folder


def test_a_message_in_a_folder_is_one_file_however_often_it_is_written_and_its_name_tells_nothing(tmp_path):
    send = into_folder(tmp_path)

    assert [send(message()), send(message())] == [Outcome(Result.SENT)] * 2
    (found,) = tmp_path.iterdir()
    assert (found.suffix, len(found.stem), found.read_bytes()) == (".eml", 32, message().as_bytes())
    assert TAKEN not in found.name


def test_a_folder_that_is_not_there_is_tried_later(tmp_path):
    outcome = into_folder(tmp_path / "gone")(message())

    assert outcome == Outcome(Result.LATER, "the folder cannot be written: No such file or directory")
