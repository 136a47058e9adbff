"""Codes texted to a phone: which phone and purpose they belong to, and how often they may be guessed."""

import hashlib
import json
import logging
import re
from itertools import pairwise
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.enums import CodePurpose
from accounts.models import MOST_GUESSES, PhoneCode, PhoneSession, User
from accounts.services import phones
from accounts.tests.views.by_phone import (
    OTHER,
    PHONE,
    RECOVER,
    SPELLINGS,
    VERIFY_PHONE,
    look_up,
    refusal,
    send,
    signs_in,
    texted,
    verdict,
    verify,
)
from accounts.tokens import hash_phone_code
from lld.core.models import OutboxMessage
from sandbox.testing import SandboxClient
from tests.clock import later
from tests.factories import PASSWORD, CustomerFactory, as_customer

pytestmark = pytest.mark.django_db


def wrong(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 10**6:06}"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("asked", "guessed"), list(pairwise(SPELLINGS)))
def test_code_works_for_any_spelling_of_the_phone(sandbox: SandboxClient, asked: str, guessed: str) -> None:
    user = CustomerFactory(phone=PHONE, username="maria.lopez")

    assert send(asked).json()["sms_sent"] is True
    [text] = sandbox.ledger("twilio", "sms")
    assert text["to"] == PHONE

    answer = verify(texted(sandbox), guessed)
    assert answer.status_code == 200

    assert look_up(answer.json()["phone_session_token"]).json() == {"username": "ma***z"}
    assert user.username not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_code_works_once(sandbox: SandboxClient) -> None:
    CustomerFactory(phone=PHONE)
    send()
    code = texted(sandbox)
    assert [verify(code).status_code for _ in range(3)] == [200, 400, 400]
    assert PhoneSession.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_newer_code_voids_the_older(sandbox: SandboxClient) -> None:
    CustomerFactory(phone=PHONE)
    codes = []

    for spelling in SPELLINGS[:3]:
        send(spelling)
        codes.append(texted(sandbox))

    assert [verify(code).status_code for code in codes] == [400, 400, 200]


def test_code_of_another_phone_is_invalid() -> None:
    codes = {phone: phones.send_code(phone, RECOVER) for phone in (PHONE, OTHER)}
    assert verdict(verify(codes[PHONE], OTHER)) == verdict(verify(codes[OTHER], PHONE)) == refusal()
    assert verify(codes[PHONE], PHONE).status_code == 200


@pytest.mark.parametrize("meant", [RECOVER, VERIFY_PHONE])
def test_code_of_another_purpose_is_invalid(meant: CodePurpose) -> None:
    user = CustomerFactory(phone=PHONE, email="", phone_verified=False)
    other = VERIFY_PHONE if meant == RECOVER else RECOVER
    code = phones.send_code(PHONE, meant, user=user)

    assert verdict(verify(code, purpose=other)) == refusal()
    assert not PhoneSession.objects.exists()
    assert not User.objects.get().phone_verified

    answer = verify(code, purpose=meant)
    assert answer.status_code == 200
    assert bool(answer.json()["phone_session_token"]) is (meant == RECOVER)


def test_verification_code_lets_the_owner_sign_in() -> None:
    user = CustomerFactory(phone=PHONE, email="", phone_verified=False)
    assert not signs_in(user, PASSWORD)
    assert verify(phones.send_code(PHONE, VERIFY_PHONE, user=user)).status_code == 200
    assert signs_in(user, PASSWORD)


def test_verification_code_verifies_the_asking_account_only() -> None:
    """Someone else may have signed up with the phone, and never proven it."""
    CustomerFactory(phone=PHONE, phone_verified=False, phone_recovers=False)
    owner = CustomerFactory(phone=PHONE, email="", phone_verified=False)

    assert verify(phones.send_code(PHONE, VERIFY_PHONE, user=owner)).status_code == 200

    assert [user.pk for user in User.objects.filter(phone_verified=True)] == [owner.pk]
    assert signs_in(owner, PASSWORD)


@pytest.mark.django_db(transaction=True)
def test_verification_code_restores_recovery_by_phone(sandbox: SandboxClient) -> None:
    client = as_customer(CustomerFactory(phone=PHONE, phone_verified=False, phone_recovers=False))

    assert client.post("/api/auth/resend-verification", {}).status_code == 200

    [text] = sandbox.ledger("twilio", "sms")
    code = re.findall(r"\b\d{6}\b", text["body"])[0]
    assert verify(code, purpose=VERIFY_PHONE).status_code == 200
    client.user.refresh_from_db()
    assert client.user.phone_verified
    assert client.user.phone_recovers


def test_phone_taken_meanwhile_is_a_conflict() -> None:
    user = CustomerFactory(phone=PHONE, phone_verified=False, phone_recovers=False)
    code = phones.send_code(PHONE, VERIFY_PHONE, user=user)
    CustomerFactory(phone=PHONE)
    answer = verify(code)
    assert (answer.status_code, answer.json()["duplicate_field"]) == (409, "phone")


def test_resend_in_vain_keeps_the_code(sandbox: SandboxClient) -> None:
    CustomerFactory(phone=PHONE)
    code = phones.send_code(PHONE, RECOVER)
    assert APIClient().post("/api/auth/resend-verification", {"identifier": PHONE}).status_code == 200
    assert verify(code).status_code == 200


def test_recovery_code_does_not_verify_the_phone() -> None:
    """A stranger signed up with somebody's phone and a password; its holder wants to see their own orders."""
    user = CustomerFactory(phone=PHONE, email="", phone_verified=False)

    assert verify(phones.send_code(PHONE, RECOVER)).status_code == 200

    assert not signs_in(user, PASSWORD)
    user.refresh_from_db()
    assert not user.phone_verified


@pytest.mark.parametrize("changes", [{"purpose": VERIFY_PHONE}, {"phone": OTHER}])
def test_altered_code_row_is_invalid(changes: dict[str, str]) -> None:
    """By someone who can write rows but does not know the key."""
    for phone in (PHONE, OTHER):
        CustomerFactory(phone=phone)
    code = phones.send_code(PHONE, RECOVER)
    PhoneCode.objects.update(**changes)

    assert verdict(verify(code, changes.get("phone", PHONE))) == refusal()


@pytest.mark.parametrize(("time", "status"), [({"minutes": 9, "seconds": 50}, 200), ({"minutes": 10}, 400)])
def test_code_lasts_ten_minutes(time: dict[str, float], status: int) -> None:
    code = phones.send_code(PHONE, RECOVER)
    with later(**time):
        assert verify(code).status_code == status


def test_new_code_has_fresh_guesses() -> None:
    code = phones.send_code(PHONE, RECOVER)
    for _ in range(MOST_GUESSES):
        verify(wrong(code))
    assert verify(phones.send_code(PHONE, RECOVER)).status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("guesses", "status"), [(4, 200), (5, 400), (12, 400)])
def test_code_fails_after_five_guesses(guesses: int, status: int) -> None:
    code = phones.send_code(PHONE, RECOVER)

    for number in range(1, guesses + 1):
        assert verdict(verify(wrong(code, number), SPELLINGS[number % 5])) == refusal()
        # Every request was refused, and yet what it counted stays.
        assert PhoneCode.objects.get().guesses == min(number, MOST_GUESSES)

    answer = verify(code)
    assert answer.status_code == status
    assert PhoneSession.objects.exists() is (status == 200)


def test_invalid_input_counts_no_guess() -> None:
    code = phones.send_code(PHONE, RECOVER)

    for _ in range(MOST_GUESSES):
        verify("", PHONE)
        verify(code, "555")
    assert PhoneCode.objects.get().guesses == 0

    assert verify(code).status_code == 200


def test_guess_at_another_purpose_counts() -> None:
    """Or what it costs would tell which of the two a phone was sent."""
    code = phones.send_code(PHONE, RECOVER)
    verify(code, purpose=VERIFY_PHONE)
    assert PhoneCode.objects.get().guesses == 1


@pytest.mark.django_db(transaction=True)
def test_code_is_stored_as_keyed_hash_and_logged_nowhere(
    sandbox: SandboxClient, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    CustomerFactory(phone=PHONE)

    with caplog.at_level(logging.DEBUG):
        answers = [send()]
        code = texted(sandbox)
        row = PhoneCode.objects.get()
        stored = json.dumps([list(model.objects.values()) for model in (PhoneCode, OutboxMessage)], default=str)
        answers += [verify(wrong(code)), verify(code)]

    shown = "".join(answer.content.decode() for answer in answers)
    assert caplog.records
    for place in (caplog.text, stored, shown):
        assert not re.search(rf"(?<!\d){code}(?!\d)", place)
    assert PHONE not in caplog.text
    token = answers[-1].json()["phone_session_token"]
    assert token not in caplog.text + json.dumps(list(PhoneSession.objects.values()), default=str)
    # A million hashes are quickly made: without a key the table would be as good as the text.
    guessable = (code, f"{PHONE}:{code}", f"{RECOVER}:{PHONE}:{code}")
    assert row.code_hash not in {hashlib.sha256(guess.encode()).hexdigest() for guess in guessable}
    assert row.code_hash == hash_phone_code(PHONE, RECOVER, code)

    settings.SECRET_KEY = "another" * 8
    assert row.code_hash != hash_phone_code(PHONE, RECOVER, code)
