"""Strangers learn from no answer, and from nothing that it takes time to make, whether there is such an account."""

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import get_hasher
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.enums import AuthProvider
from accounts.models import PhoneCode
from lld.core import outbox
from lld.core.models import OutboxMessage
from tests.factories import PASSWORD, CustomerFactory, StaffFactory

pytestmark = pytest.mark.django_db(transaction=True)

PHONES = {
    "verified": "+13125550141",
    "unverified": "+13125550142",
    "by phone": "+13125550143",
    "unfinished": "+13125550144",
    "inactive": "+13125550145",
    "contact": "+13125550146",
    "deleted": "",
}
NOBODYS_PHONE = "+13125550149"


@pytest.fixture(autouse=True)
def announced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was handed to the worker, whose part is no part of the request."""
    keys: list[str] = []
    monkeypatch.setattr(outbox, "announce", lambda task, key, queue: keys.append(key))
    return keys


@pytest.fixture(autouse=True)
def _people() -> None:
    """One of every kind; `username` and `kind@cafe.test` name them."""
    kinds: dict[str, dict[str, Any]] = {
        "verified": {},
        "unverified": {"email_verified": False},
        "by phone": {"email": "", "email_verified": False, "phone_verified": True},
        "unfinished": {"email": "", "email_verified": False},
        "inactive": {"is_active": False},
        "contact": {"auth_provider": AuthProvider.IMPORTED, "username": None, "email_verified": False},
        "deleted": {"is_active": False, "deleted_at": timezone.now()},
    }
    for kind, changes in kinds.items():
        name = kind.replace(" ", "")
        person = {"username": name, "email": f"{name}@cafe.test", "phone": PHONES[kind]}
        CustomerFactory(**{**person, **changes})
    StaffFactory(username="member", email="member@cafe.test")
    StaffFactory(username="leaver", email="leaver@cafe.test", is_active=False)


NAMES = ["verified", "unverified", "byphone", "unfinished", "inactive", "deleted", "member", "leaver"]
ADDRESSES = [f"{name}@cafe.test" for name in ("verified", "unverified", "inactive", "contact", "member", "leaver")]
NUMBERS = [number for number in PHONES.values() if number]

# Where, the field that names someone, and who is named; the last one is nobody.
QUESTIONS = [
    *(
        (path, "identifier", [*NAMES, "nobody"])
        for path in ("/api/auth/forgot-password", "/api/customer/forgot-password", "/api/staff/forgot-password")
    ),
    *(
        (path, "identifier", [*ADDRESSES, "nobody@cafe.test"])
        for path in ("/api/auth/forgot-password", "/api/staff/forgot-password")
    ),
    *(
        (path, "email", [*ADDRESSES, "nobody@cafe.test"])
        for path in ("/api/auth/forgot-username", "/api/customer/forgot-username", "/api/staff/forgot-username")
    ),
    *(
        ("/api/auth/resend-verification", "identifier", [*known, nobody])
        for known, nobody in ((NAMES, "nobody"), (ADDRESSES, "nobody@cafe.test"), (NUMBERS, NOBODYS_PHONE))
    ),
    ("/api/auth/phone/send-code", "phone", [*NUMBERS, NOBODYS_PHONE]),
]
IDS = [f"{path.removeprefix('/api/')} {named[-1]}" for path, _, named in QUESTIONS]


def call(path: str, body: Any, **extra: Any) -> Any:
    return APIClient(enforce_csrf_checks=True).post(path, body, **extra)


def plain(sql: str) -> str:
    """A statement without its values."""
    return re.sub(r"\d+", "?", re.sub(r"'(?:[^']|'')*'", "?", sql))


def seen(path: str, body: Any) -> tuple[int, bytes, dict[str, str], list[str]]:
    """All that a stranger sees of an answer, and what the database was asked for it."""
    with CaptureQueriesContext(connection) as queries:
        answer = call(path, body)
    headers = {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}
    cookies = {f"cookie {name}": "" for name in answer.cookies}
    return (
        answer.status_code,
        answer.content,
        headers | cookies,
        [plain(query["sql"]) for query in queries.captured_queries],
    )


def carry_out(announced: list[str]) -> None:
    """The worker's part, but for what leaves."""
    for key in OutboxMessage.objects.filter(key__in=announced, channel="recovery").values_list("key", flat=True):
        outbox.deliver(key)


@pytest.mark.parametrize(("path", "field", "named"), QUESTIONS, ids=IDS)
def test_recovery_request_is_the_same_for_every_account(
    announced: list[str], path: str, field: str, named: list[str]
) -> None:
    answers = {}

    for name in named:
        before = len(announced)
        answers[name] = (*seen(path, {field: name}), len(announced) - before)

    nobodys = answers[named[-1]]
    assert nobodys[0] == 200
    assert [sql for sql in nobodys[3] if sql.startswith("INSERT")]
    assert not [sql for sql in nobodys[3] if "accounts_" in sql]
    assert {name: answer for name, answer in answers.items() if answer != nobodys} == {}


@pytest.mark.parametrize(("path", "field", "named"), QUESTIONS, ids=IDS)
def test_repeated_recovery_request_is_the_same(announced: list[str], path: str, field: str, named: list[str]) -> None:
    """After the worker has sent something to one of them and nothing to the other."""
    for name in (named[0], named[-1]):
        call(path, {field: name})
    carry_out(announced)
    assert seen(path, {field: named[0]}) == seen(path, {field: named[-1]})


@pytest.mark.parametrize(("path", "field", "named"), QUESTIONS, ids=IDS)
def test_recovery_tries_are_limited_the_same(path: str, field: str, named: list[str]) -> None:
    stopped = []

    for number, name in enumerate((named[0], named[-1])):
        for address in (f"198.51.100.{number * 10 + caller}" for caller in range(4)):
            # No other case is another name.
            spellings = [name, name.upper()] * 3
            answers = [call(path, {field: spelling}, REMOTE_ADDR=address) for spelling in spellings]
            assert [answer.status_code for answer in answers] == [200] * 5 + [429]
            assert 3500 <= int(answers[-1].headers["Retry-After"]) <= 3600

        # Many callers together are stopped as well.
        everywhere = call(path, {field: name}, REMOTE_ADDR=f"203.0.113.{number}")
        assert everywhere.status_code == 429
        stopped.append([(answer.content, set(answer.headers)) for answer in (answers[-1], everywhere)])

    assert stopped[0] == stopped[1]


@pytest.mark.parametrize(
    ("path", "field"), [("/api/auth/phone/send-code", "phone"), ("/api/auth/resend-verification", "identifier")]
)
@pytest.mark.parametrize("ends_in", ["0144", "0149"])
def test_phone_spellings_share_tries(path: str, field: str, ends_in: str) -> None:
    spellings = ["+1312555{}", "(312) 555-{}", "312.555.{}", "1-312-555-{}", "312555{}", "+1 312 555 {}"]
    statuses = [call(path, {field: spelling.format(ends_in)}).status_code for spelling in spellings]
    assert statuses == [200] * 5 + [429]


# Codes


def guess(phone: str, **extra: Any) -> Any:
    return seen("/api/auth/phone/verify-code", {"phone": phone, "code": "x", **extra})


@pytest.mark.parametrize("extra", [{}, {"purpose": "recover"}, {"purpose": "verify_phone"}])
@pytest.mark.parametrize("phone", NUMBERS)
def test_code_guess_costs_the_same_for_an_unknown_phone(
    announced: list[str], phone: str, extra: dict[str, str]
) -> None:
    assert guess(phone, **extra) == guess(NOBODYS_PHONE, **extra)
    for number in (phone, NOBODYS_PHONE):
        assert call("/api/auth/phone/send-code", {"phone": number}).status_code == 200

    carry_out(announced)
    assert PhoneCode.objects.filter(phone__in=(phone, NOBODYS_PHONE)).count() == 2

    # The five that count, and those after them.
    for _ in range(7):
        one, other = guess(phone, **extra), guess(NOBODYS_PHONE, **extra)
        assert one == other
        assert one[0] == 400


@pytest.mark.parametrize("extra", [{}, {"purpose": "verify_phone"}])
@pytest.mark.parametrize("with_code", [False, True])
def test_code_guess_after_resend_costs_the_same(announced: list[str], with_code: bool, extra: dict[str, str]) -> None:
    """An unfinished account gets a code then; whether there was one must not show in what a guess costs."""
    for number in (PHONES["unfinished"], NOBODYS_PHONE):
        if with_code:
            call("/api/auth/phone/send-code", {"phone": number})
    carry_out(announced)
    announced.clear()
    for number in (PHONES["unfinished"], NOBODYS_PHONE):
        call("/api/auth/resend-verification", {"identifier": number})
    carry_out(announced)

    assert guess(PHONES["unfinished"], **extra) == guess(NOBODYS_PHONE, **extra)


@pytest.mark.parametrize("phone", [PHONES["verified"], NOBODYS_PHONE])
def test_code_guesses_are_limited_the_same(phone: str) -> None:
    body = {"phone": phone, "code": "000000"}
    statuses = [call("/api/auth/phone/verify-code", body).status_code for _ in range(61)]
    assert statuses == [400] * 60 + [429]


# Signing in


@pytest.mark.parametrize("path", ["/api/login", "/api/staff/login", "/api/shipping/login"])
def test_refused_sign_in_costs_one_hash(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    hashed: list[str] = []
    hasher = type(get_hasher("default").bare)
    encode = hasher.encode
    monkeypatch.setattr(hasher, "encode", lambda *args, **named: hashed.append("x") or encode(*args, **named))
    answers = set()

    for name in (*NAMES, *ADDRESSES, "nobody", "nobody@cafe.test", "'; --"):
        hashed.clear()
        status, content, headers, _ = seen(path, {"username": name, "password": "wrong"})
        assert (status, len(hashed)) == (401, 1), name
        answers.add((content, frozenset(headers.items())))

    assert len(answers) == 1


@pytest.mark.parametrize(
    ("path", "names"),
    [("/api/login", ["inactive", "deleted", "member"]), ("/api/staff/login", ["leaver", "verified"])],
)
def test_right_password_of_a_refused_account_tells_nothing(path: str, names: list[str]) -> None:
    nobodys = seen(path, {"username": "nobody", "password": PASSWORD})
    assert nobodys[0] == 401
    for name in names:
        assert seen(path, {"username": name, "password": PASSWORD}) == nobodys, name


@pytest.mark.parametrize("path", ["/api/login", "/api/staff/login"])
@pytest.mark.parametrize("names", [["verified", "member"], ["verified@cafe.test", "member@cafe.test"]])
def test_sign_in_tries_are_limited_the_same(path: str, names: list[str]) -> None:
    for name in (*names, names[0].replace("verified", "nobody")):
        statuses = [call(path, {"username": name, "password": "wrong"}).status_code for _ in range(11)]
        assert statuses == [401] * 10 + [429], name
