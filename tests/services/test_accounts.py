"""Accounts: one-time codes, passwords, signed-in browsers, and how wrong guesses are slowed down."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlmodel import Session, select

from planner.core.errors import NotFound, Refused
from planner.core.staff import COMMAND_LINE, Actor, Role
from planner.services import accounts, passwords
from planner.services.accounts import Limits, SignIn
from planner.store.tables import AuditRow, FailureRow, LoginRow, StaffRow

from .conftest import NURSE

CARL = Actor("carl@example.org", "Carl Smet", Role.NURSE, frozenset({"01"}))
ADMIN = Actor("adam", "Adam Janssens", Role.ADMIN)
PASSWORD = "tulip bridge seven kettles"
LIMITS = Limits()
KNOWN = (
    "The password is made of what everybody knows: your name, your user name, this program. Choose words that have "
    "nothing to do with you."
)
NOT_GOOD = (
    "User name and code do not belong together, or the code was used before. Check both, or ask your administrator "
    "for a new one."
)


def seconds(number):
    return timedelta(seconds=number)


def typed_in(work, login, password):
    """A sign-in as the page does it: the password is looked at first, then its outcome is written."""
    return accounts.sign_in(work, login, right=accounts.known_password(work, login, password))


@pytest.fixture(autouse=True)
def light(monkeypatch):
    """Argon2id that costs little, so that hundreds of guesses take seconds: the same road, other parameters."""
    passwords._nobody.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr(passwords, "_hasher", lambda: PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
        yield patched
    passwords._nobody.cache_clear()


@pytest.fixture
def strong(light):
    """Argon2id as it runs at a site."""
    light.undo()


@pytest.fixture
def do(office):
    """One service in a transaction of its own."""

    def done(verb, *arguments, by=ADMIN):
        with office.begin(by) as work:
            return verb(work, *arguments)

    return done


@pytest.fixture
def created(do):
    """Carl's account, and the one-time code that goes with it."""
    return do(accounts.create, CARL)


@pytest.fixture
def carl(do, created):
    """The public id of Carl, who has chosen his password."""
    do(accounts.choose_password, CARL.login, created[1], PASSWORD)
    return created[0].public_id


@pytest.fixture
def sign_in(do, carl):
    def try_it(login=CARL.login, password=PASSWORD):
        return do(typed_in, login, password)

    return try_it


@pytest.fixture
def who(office):
    """Who is signed in with a token, and whether the browser's last use is due to be written."""

    def ask(token, limits=LIMITS):
        with office.look(COMMAND_LINE) as work:
            return accounts.signed_in(work, token, limits)

    return ask


@pytest.fixture
def told(database):
    """The audit rows about accounts: action, actor, and what of whom."""

    def read():
        with Session(database.engine) as session:
            found = session.exec(select(AuditRow).where(AuditRow.patient_id.is_(None)).order_by(AuditRow.id)).all()
        return [(row.action, row.actor, row.entity, row.new) for row in found if row.entity.startswith("staff:")]

    return read


# ---- making an account


def test_an_account_begins_without_a_password_and_with_a_code_for_a_day(created, clock):
    account, code = created

    assert account.actor == CARL
    assert (account.password_hash, account.disabled) == (None, None)
    assert (account.created, account.code_until) == (clock.now, clock.now + timedelta(hours=24))
    assert len(code) == 16


def test_an_account_is_saved_with_its_sites(office, created):
    with office.look(ADMIN) as work:
        assert accounts.account_of(work, CARL.login) == created[0]
        assert accounts.every(work) == (created[0],)
        assert [site.code for site in accounts.every_site(work)] == ["01", "02"]


def test_an_account_of_an_unknown_site_is_refused(do):
    """Its owner would see nobody, and nobody would know why."""
    with pytest.raises((NotFound, Refused)):
        do(accounts.create, Actor("dora", "Dora", Role.NURSE, frozenset({"99"})))


@pytest.mark.parametrize("login", ["carl@example.org", " Carl@Example.org ", "CARL@EXAMPLE.ORG"])
def test_a_login_is_taken_however_it_is_typed(do, created, refused, login):
    said = refused(do, accounts.create, Actor(login, "Another Carl", Role.NURSE), kind=Refused)

    assert said == "carl@example.org belongs to an account already. Choose another user name."


def test_an_unknown_login_has_no_account(office):
    with office.look(ADMIN) as work, pytest.raises(NotFound, match="no_such_account"):
        accounts.account_of(work, "nobody")


# ---- the one-time code


def test_the_code_sets_the_password_and_signs_in(do, created, who):
    token = do(accounts.choose_password, CARL.login, created[1], PASSWORD)

    assert who(token) == (CARL, False)
    assert do(typed_in, CARL.login, PASSWORD).token is not None


def test_the_code_is_used_once(do, created, refused):
    do(accounts.choose_password, CARL.login, created[1], PASSWORD)

    assert refused(do, accounts.choose_password, CARL.login, created[1], PASSWORD, kind=Refused) == NOT_GOOD


@pytest.mark.parametrize("login", ["nobody", "adam", ""])
def test_a_wrong_login_and_a_wrong_code_are_told_alike(do, created, refused, login):
    wrong_login = refused(do, accounts.choose_password, login, created[1], PASSWORD, kind=Refused)
    wrong_code = refused(do, accounts.choose_password, CARL.login, "A" * 16, PASSWORD, kind=Refused)

    assert wrong_login == wrong_code == NOT_GOOD


def test_an_account_without_a_code_takes_none(do, carl, refused):
    assert refused(do, accounts.choose_password, CARL.login, "", PASSWORD, kind=Refused) == NOT_GOOD


def test_the_code_counts_for_24_hours(do, created, clock, refused):
    clock.now += timedelta(hours=24, seconds=1)
    said = refused(do, accounts.choose_password, CARL.login, created[1], PASSWORD, kind=Refused)
    clock.now -= seconds(1)
    token = do(accounts.choose_password, CARL.login, created[1], PASSWORD)

    assert said == "This code is older than 24 hours. Ask your administrator for a new one."
    assert token


def test_the_code_may_have_white_space_around_it_and_the_login_any_case(do, created):
    assert do(accounts.choose_password, " Carl@EXAMPLE.org", f" {created[1]}\n", PASSWORD)


def test_a_password_that_is_refused_leaves_the_code(do, created):
    with pytest.raises(Refused, match="password_short"):
        do(accounts.choose_password, CARL.login, created[1], "short")

    assert do(accounts.choose_password, CARL.login, created[1], PASSWORD)


def test_a_new_code_ends_the_old_code_the_password_and_every_browser(do, created, sign_in, who, refused):
    tokens = [sign_in().token, sign_in().token]

    code = do(accounts.renew, created[0].public_id)

    assert [who(token) for token in tokens] == [None, None]
    assert sign_in().token is None
    assert refused(do, accounts.choose_password, CARL.login, created[1], PASSWORD, kind=Refused) == NOT_GOOD
    assert do(accounts.choose_password, CARL.login, code, PASSWORD)


def test_a_second_code_takes_the_place_of_the_first(do, created, refused):
    code = do(accounts.renew, created[0].public_id)

    assert refused(do, accounts.choose_password, CARL.login, created[1], PASSWORD, kind=Refused) == NOT_GOOD
    assert do(accounts.choose_password, CARL.login, code, PASSWORD)


# ---- the password


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("tulip seven 12", "The password is too short: 15 characters at least. Four words are easy to remember."),
        ("", "The password is too short: 15 characters at least. Four words are easy to remember."),
        ("abcabcabcabcabcabc", "The password has too few different characters: 6 at least."),
        ("AaAaAaBbBbBbCcCcDdEe", "The password has too few different characters: 6 at least."),
        (
            "carl@example.org!",
            KNOWN,
        ),
        (
            "CarlSmetPlannerPassword",
            KNOWN,
        ),
    ],
)
def test_a_weak_password_is_refused(refused, password, sentence):
    assert refused(passwords.check_password, password, CARL, kind=Refused) == sentence


@pytest.mark.parametrize(
    "password",
    [
        "abcdef abcdef ab",
        PASSWORD,
        "vijftien tekens",
        "Ünïcödé ist erlaubt",
        "paßwörter aus Köln",
        "carl and eleven more",
        " " * 9 + "abcdef",
    ],
)
def test_a_password_of_15_characters_is_taken_whatever_they_are(password):
    assert passwords.check_password(password, CARL) is None


def test_a_password_may_be_typed_on_any_machine(do, created):
    """One machine sends an accent as one character, another one as two."""
    composed, apart = (unicodedata.normalize(form, "crème brûlée très fraîche") for form in ("NFC", "NFD"))
    do(accounts.choose_password, CARL.login, created[1], composed)

    assert do(typed_in, CARL.login, apart).token is not None


# ---- what is kept of it all


def test_the_password_is_kept_as_argon2id_and_every_hash_has_its_own_salt(strong, do, sign_in, database):
    _, code = do(accounts.create, Actor("dora", "Dora Maes", Role.NURSE, frozenset({"01"})))
    do(accounts.choose_password, "dora", code, PASSWORD)

    with Session(database.engine) as session:
        hashes = session.exec(select(StaffRow.password_hash)).all()
    assert [found.startswith("$argon2id$v=19$m=65536,t=3,p=4$") for found in hashes] == [True, True]
    assert len(set(hashes)) == 2
    assert all(PasswordHasher().verify(found, PASSWORD) for found in hashes)


def test_no_table_holds_a_password_a_code_or_a_token(do, created, rows):
    account, code = created
    chosen = do(accounts.choose_password, CARL.login, code, PASSWORD)
    signed = do(typed_in, CARL.login, PASSWORD).token
    do(typed_in, CARL.login, "a wrong password of his")
    renewed = do(accounts.renew, account.public_id)

    kept = str(rows())
    assert [
        secret for secret in (PASSWORD, code, renewed, chosen, signed, "a wrong password of his") if secret in kept
    ] == []
    assert CARL.login in kept


def test_what_is_tried_at_the_door_is_not_kept_in_plain(do, rows):
    """People type their password where the user name belongs."""
    do(typed_in, PASSWORD, "")

    assert PASSWORD not in str(rows())


def test_the_right_password_signs_in(sign_in, who):
    signed = sign_in()

    assert (signed.wait, who(signed.token)) == (timedelta(), (CARL, False))
    assert len(signed.token) == 43


@pytest.mark.parametrize("login", ["carl@example.org", "  CARL@example.ORG", "Carl@Example.Org\n"])
def test_a_login_is_the_same_however_it_is_typed(sign_in, login):
    assert sign_in(login).token is not None


def test_a_login_with_an_accent_is_one_login_however_the_machine_sends_it(do):
    composed, apart = (unicodedata.normalize(form, "andré") for form in ("NFC", "NFD"))
    _, code = do(accounts.create, Actor(apart, "André", Role.NURSE, frozenset({"01"})))

    assert do(accounts.choose_password, composed, code, PASSWORD)


@pytest.mark.parametrize(
    ("login", "password"),
    [
        (CARL.login, "a wrong password"),
        (CARL.login, PASSWORD.upper()),
        (CARL.login, ""),
        ("nobody", PASSWORD),
        ("", ""),
    ],
)
def test_a_wrong_password_and_an_unknown_login_are_answered_alike(sign_in, login, password):
    assert sign_in(login, password) == SignIn()


def test_whoever_has_not_chosen_a_password_cannot_sign_in(do, created):
    assert [do(typed_in, CARL.login, tried) for tried in (PASSWORD, "", created[1])] == [SignIn()] * 3


@pytest.mark.parametrize("login", [CARL.login, "nobody"])
def test_after_five_failures_each_next_one_waits_twice_as_long(sign_in, clock, login):
    waits = []

    for _ in range(14):
        found = sign_in(login, "a wrong password")
        waits.append(found.wait.total_seconds())
        clock.now += found.wait

    assert waits == [0, 0, 0, 0, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]


def test_who_has_to_wait_is_not_let_in_by_the_right_password_and_loses_nothing_by_trying(sign_in, clock):
    for _ in range(5):
        sign_in(password="a wrong password")
    start = clock.now

    clock.now = start + seconds(4)
    early = [sign_in(), sign_in(password="a wrong password")]
    clock.now = start + seconds(10)
    late = sign_in()

    assert early == [SignIn(wait=seconds(6))] * 2
    assert late.token is not None


def test_the_wait_belongs_to_the_login_however_it_is_typed(sign_in):
    for login in ("carl@example.org", "CARL@example.org", " carl@example.org", "Carl@Example.org", "carl@EXAMPLE.org"):
        sign_in(login, "a wrong password")

    assert sign_in() == SignIn(wait=seconds(10))


def test_one_login_does_not_wait_for_another(sign_in):
    for _ in range(9):
        sign_in("nobody", "a wrong password")

    assert sign_in().token is not None


def test_success_forgives_the_failures_before_it(sign_in):
    for _ in range(4):
        sign_in(password="a wrong password")
    sign_in()

    after = [sign_in(password="a wrong password") for _ in range(4)]

    assert after == [SignIn()] * 4


def test_a_new_password_forgives_the_failures_before_it(do, carl, sign_in):
    for _ in range(5):
        sign_in(password="a wrong password")

    do(accounts.choose_password, CARL.login, do(accounts.renew, carl), PASSWORD)

    assert sign_in().token is not None


def test_failures_of_known_and_unknown_logins_are_kept_alike(sign_in, database):
    for login in (CARL.login, "nobody"):
        sign_in(login, "a wrong password")

    with Session(database.engine) as session:
        found = session.exec(select(FailureRow).where(FailureRow.failures > 0)).all()
    assert [(len(row.login_hash), row.failures) for row in found] == [(64, 1), (64, 1)]


# ---- how long it lasts


@pytest.mark.parametrize(
    ("after", "signed"),
    [(timedelta(), True), (timedelta(minutes=15), True), (timedelta(minutes=15, seconds=1), False)],
)
def test_an_unused_browser_is_signed_out_after_15_minutes(sign_in, who, clock, after, signed):
    token = sign_in().token

    clock.now += after

    assert (who(token) is not None) is signed


def test_a_used_browser_is_signed_out_after_12_hours(do, sign_in, who, clock):
    token, start = sign_in().token, clock.now
    while clock.now < start + timedelta(hours=12):
        clock.now += timedelta(minutes=10)
        do(accounts.seen, token)

    at_the_end = who(token)
    clock.now += seconds(1)

    assert (at_the_end, who(token)) == ((CARL, False), None)


def test_other_limits_may_be_set(sign_in, who, clock):
    token = sign_in().token
    clock.now += timedelta(minutes=2)

    assert who(token, Limits(idle=timedelta(minutes=1))) is None
    assert who(token, Limits(absolute=timedelta(minutes=1))) is None
    assert who(token, Limits(idle=timedelta(minutes=2))) == (CARL, True)


def test_the_use_of_a_browser_is_written_once_a_minute_at_most(do, sign_in, who, clock):
    token = sign_in().token
    due = []

    for _ in range(9):
        clock.now += seconds(20)
        due.append(who(token)[1])
        if due[-1]:
            do(accounts.seen, token)

    assert due == [False, False, True] * 3


def test_each_browser_has_its_own_use(do, sign_in, who, clock):
    one, other = sign_in().token, sign_in().token
    clock.now += timedelta(minutes=10)
    do(accounts.seen, one)
    clock.now += timedelta(minutes=10)

    assert (who(one) is not None, who(other)) == (True, None)


# ---- signing out


def test_signing_out_ends_the_token_wherever_it_was_copied_to(do, sign_in, who):
    one, other = sign_in().token, sign_in().token

    do(accounts.sign_out, one)

    assert (who(one), who(other)) == (None, (CARL, False))


def test_signing_out_with_a_token_that_nobody_has_does_nothing(do, sign_in, rows):
    sign_in()
    before = rows()

    do(accounts.sign_out, "A" * 43)

    assert rows() == before


def test_a_hash_of_the_database_opens_nothing(sign_in, who, database):
    sign_in()

    with Session(database.engine) as session:
        hashes = session.exec(select(LoginRow.token_hash)).all()
    assert [who(found) for found in hashes] == [None] * len(hashes)


def test_all_browsers_of_a_person_are_signed_out_at_once(do, carl, sign_in, who):
    """Two, and the one in which the password was chosen."""
    tokens = [sign_in().token, sign_in().token]

    ended = [do(accounts.sign_out_everywhere, carl), do(accounts.sign_out_everywhere, carl)]

    assert ended == [3, 0]
    assert [who(token) for token in tokens] == [None, None]


def test_whoever_is_disabled_is_signed_out_and_stays_out(do, created, carl, sign_in, who, refused):
    token, code = sign_in().token, do(accounts.renew, carl)

    do(accounts.disable, carl)

    assert (who(token), sign_in()) == (None, SignIn())
    assert refused(do, accounts.choose_password, CARL.login, code, PASSWORD, kind=Refused) == NOT_GOOD


def test_whoever_is_enabled_again_signs_in_as_before_but_old_browsers_do_not_come_back(do, carl, sign_in, who):
    token = sign_in().token
    do(accounts.disable, carl)

    do(accounts.enable, carl)

    assert who(token) is None
    assert sign_in().token is not None


def test_a_new_code_does_not_let_in_whoever_is_disabled(do, carl, refused):
    do(accounts.disable, carl)
    code = do(accounts.renew, carl)

    assert refused(do, accounts.choose_password, CARL.login, code, PASSWORD, kind=Refused) == NOT_GOOD


def test_nobody_disables_themselves(do, carl, sign_in, refused):
    said = refused(do, accounts.disable, carl, by=CARL, kind=Refused)

    assert said == "Nobody can disable their own account. Ask another administrator."
    assert sign_in().token is not None


@pytest.mark.parametrize(
    "verb", [accounts.renew, accounts.disable, accounts.enable, accounts.sign_out_everywhere], ids=lambda v: v.__name__
)
def test_an_account_that_there_is_not_is_not_found(do, verb):
    with pytest.raises(NotFound, match="no_such_account"):
        do(verb, "A" * 22)


# ---- the trail


def test_what_is_done_to_an_account_is_told_with_who_did_it(do, carl, told):
    token = do(typed_in, CARL.login, PASSWORD).token
    do(accounts.sign_out, token)
    do(accounts.sign_out_everywhere, carl)
    do(accounts.disable, carl)
    do(accounts.enable, carl)
    do(accounts.renew, carl)

    values = (f"staff:{carl}", '{"login": "carl@example.org", "name": "Carl Smet", "role": "nurse", "sites": "01"}')
    assert told() == [
        ("create_account", "Adam Janssens", *values),
        ("choose_password", "Carl Smet", *values),
        ("sign_in", "Carl Smet", *values),
        ("sign_out", "Carl Smet", *values),
        ("sign_out_everywhere", "Adam Janssens", *values),
        ("disable_account", "Adam Janssens", *values),
        ("enable_account", "Adam Janssens", *values),
        ("new_code", "Adam Janssens", *values),
    ]


def test_the_actor_of_a_browser_has_the_role_and_sites_of_now(do, sign_in, who, database):
    token = sign_in().token
    with Session(database.engine) as session:
        session.exec(select(StaffRow)).one().role = Role.MONITOR
        session.commit()

    assert who(token) == (Actor(CARL.login, CARL.name, Role.MONITOR, NURSE.sites), False)
