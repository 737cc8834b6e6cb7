"""Programs that keep a calendar take our messages as they come: invited, moved and canceled, each visit stands once.

Both also show what is planted.
"""

import pytest

from tests.clients.bookings import later, message, some
from tests.clients.programs import Khal, Radicale
from tests.clients.readers import asked
from tests.conftest import unused_port

pytestmark = [pytest.mark.clients, pytest.mark.enable_socket]

COUNT = 60


@pytest.fixture
def khal(tmp_path):
    asked("khal")
    return Khal(tmp_path / "khal")


@pytest.fixture
def radicale(tmp_path):
    asked("radicale")
    server = Radicale(tmp_path / "radicale", unused_port())
    server.wait()
    yield server
    server.end()


@pytest.fixture(scope="module")
def lives():
    """Bookings of which a third is only made, a third is moved too, and a third is canceled in the end."""
    return [[message(booking, step) for step in range(number % 3 + 1)] for number, booking in enumerate(some(COUNT))]


def in_turn(lives):
    """All messages as they were sent: those of one visit in their order, those of others in between."""
    return [life[step][0] for step in range(3) for life in lives if step < len(life)]


def standing(lives):
    """What stands in the calendar at the end: the newest revision of each visit, and nothing else."""
    return sorted(entry for life in lives for entry in life[-1][1].entries)


def test_khal_moves_and_cancels_and_shows_every_instant_as_zoneinfo_has_it(khal, lives):
    khal.take(in_turn(lives))

    assert khal.shown() == standing(lives)


def test_radicale_moves_and_cancels_and_gives_back_every_instant_as_zoneinfo_has_it(radicale, lives):
    answers = [radicale.put(content) for content in in_turn(lives)]

    assert answers == [201] * COUNT + [204] * COUNT
    assert radicale.shown() == standing(lives)


def planted(lives):
    """Of three visits, one is an hour off, one has an old number, and one stands twice."""
    made, moved, canceled = lives[:3]
    return [
        later(made[0][0]),
        moved[0][0],
        *(content for content, _ in canceled),
        canceled[0][0].replace(b"UID:", b"UID:0"),
    ]


def differences(shown, due):
    return len(set(shown) ^ set(due))


def test_khal_shows_what_is_planted(khal, lives):
    """A time that is off and an old number count twice, as what is there and what is not; what is too much once."""
    khal.take(planted(lives))

    assert differences(khal.shown(), standing(lives[:3])) == 5


def test_radicale_gives_back_what_is_planted(radicale, lives):
    for content in planted(lives):
        radicale.put(content)

    assert differences(radicale.shown(), standing(lives[:3])) == 5


def test_khal_moves_a_visit_back_where_an_old_message_follows_a_newer_one(khal, lives):
    """Which is why the outbox keeps the order (reference: RFC 5546, 2.1.5)."""
    first, second = lives[1]
    khal.take([second[0], first[0]])

    assert khal.shown() == list(first[1].entries)


def test_a_cancelation_that_comes_late_hits_no_visit_that_was_booked_after_it(khal, lives):
    """A new booking has an identifier of its own (reference: invites, C4 and 9.3)."""
    canceled, anew = lives[2], lives[0]
    khal.take([canceled[0][0], canceled[1][0], anew[0][0], canceled[2][0]])

    assert khal.shown() == sorted([*canceled[2][1].entries, *anew[0][1].entries])


def test_radicale_refuses_two_visits_in_one_message(radicale, lives):
    """RFC 4791, 4.1."""
    one, other = lives[0][0][0], lives[3][0][0]
    start, end = (other.index(word) for word in (b"BEGIN:VEVENT", b"END:VCALENDAR"))

    assert radicale.put(one.replace(b"END:VCALENDAR", other[start:end] + b"END:VCALENDAR")) == 400
