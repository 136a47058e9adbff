"""A member of staff's own account: who they are, their password, their address, and the warehouse's door."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AccountToken, User
from accounts.services import links, staff
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.models import AuditEntry, OutboxMessage
from sandbox.testing import SandboxClient
from tests.factories import (
    PASSWORD,
    CustomerFactory,
    StaffFactory,
    as_customer,
    as_staff,
    as_staff_in_session,
    bearer,
    is_staff_in,
    with_csrf_token,
)

pytestmark = pytest.mark.django_db

PROFILE = "/api/staff/profile"
CHANGE_PASSWORD = f"{PROFILE}/change-password"
UPDATE_EMAIL = f"{PROFILE}/update-email"
CONFIRM = "/api/staff/confirm-email"
NEW_PASSWORD = "a-new-good-one"


def in_session(user: User) -> APIClient:
    """A client with a session and its CSRF token, and without a Bearer token."""
    return with_csrf_token(as_staff_in_session(user=user))


def signs_in(username: str, password: str, path: str = "/api/staff/login") -> bool:
    return APIClient().post(path, {"username": username, "password": password}).status_code == 200


def change(client: APIClient, current: Any = PASSWORD, new: Any = NEW_PASSWORD, confirm: Any = None) -> Any:
    body = {"current_password": current, "new_password": new, "confirm_password": new if confirm is None else confirm}
    return client.post(CHANGE_PASSWORD, body, format="json")


# The profile


def test_the_profile_is_oneself_and_tells_no_secret() -> None:
    StaffFactory()
    client = as_staff(user=StaffFactory(role=Role.SALES_REP, first_name="Ana", last_name="Ruiz"))
    profile = client.get(PROFILE).json()
    expected = {
        "id": client.user.pk,
        "username": client.user.username,
        "email": client.user.email,
        "full_name": "Ana Ruiz",
        "first_name": "Ana",
        "last_name": "Ruiz",
        "role": "sales_rep",
        "is_active": True,
        "version": 1,
    }
    assert {name: profile[name] for name in expected} == expected
    assert set(profile) == {*expected, "created_at", "updated_at"}
    assert profile["created_at"].endswith("Z")


# The password


def test_a_new_password_ends_what_was_signed_in_before() -> None:
    user = StaffFactory()
    caller, elsewhere, session = as_staff(user=user), as_staff(user=user), in_session(user)
    bystander = as_staff()
    answer = change(caller)
    assert answer.status_code == 200
    assert [is_staff_in(client) for client in (caller, elsewhere, session, bystander)] == [False, False, False, True]
    assert is_staff_in(bearer(answer.json()["token"]))
    assert signs_in(user.username, NEW_PASSWORD)
    assert not signs_in(user.username, PASSWORD)


def test_who_calls_with_a_session_keeps_it() -> None:
    user = StaffFactory()
    caller, elsewhere, token = in_session(user), in_session(user), as_staff(user=user)
    answer = change(caller)
    assert (answer.status_code, answer.json()["token"]) == (200, None)
    assert [is_staff_in(client) for client in (caller, elsewhere, token)] == [True, False, False]


def test_another_site_changes_no_password() -> None:
    user = StaffFactory()
    caller = in_session(user)
    caller.credentials()
    answer = change(caller)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert signs_in(user.username, PASSWORD)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"confirm": "another-good-one"}, {"confirm_password"}),
        ({"confirm": NEW_PASSWORD + " "}, {"confirm_password"}),
        ({"confirm": ""}, {"confirm_password"}),
        ({"current": "wrong"}, {"current_password"}),
        ({"current": PASSWORD + " "}, {"current_password"}),
        ({"current": ""}, {"current_password"}),
        ({"current": 7}, {"current_password"}),
        ({"current": [PASSWORD]}, {"current_password"}),
        ({"new": "7-chars"}, {"new_password"}),
        ({"new": "password1"}, {"new_password"}),
        ({"new": "anaruiz1845"}, {"new_password"}),
        ({"new": "a" * 201}, {"new_password", "confirm_password"}),
        ({"new": "nul\0in-the-middle"}, {"new_password", "confirm_password"}),
        ({"new": {"a": 1}}, {"new_password", "confirm_password"}),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(body: dict[str, Any], fields: set[str]) -> None:
    client = as_staff(user=StaffFactory(username="anaruiz1845"))
    before = User.objects.values().get()
    answer = change(client, **body)
    assert (answer.status_code, set(answer.json()["fields"])) == (400, fields)
    assert User.objects.values().get() == before
    assert is_staff_in(client)
    assert not AuditEntry.objects.exists()
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("missing", ["current_password", "new_password", "confirm_password"])
def test_every_field_of_a_new_password_is_needed(missing: str) -> None:
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD, "confirm_password": NEW_PASSWORD}
    answer = as_staff().post(CHANGE_PASSWORD, {name: value for name, value in body.items() if name != missing})
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {missing})


def test_spaces_belong_to_a_password() -> None:
    client = as_staff()
    new = "  two spaces before and after  "
    assert change(client, new=new).status_code == 200
    assert signs_in(client.user.username, new)
    assert not signs_in(client.user.username, new.strip())


def test_nobody_elses_password_is_changed() -> None:
    other = StaffFactory()
    client = as_staff()
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD, "confirm_password": NEW_PASSWORD}
    client.post(CHANGE_PASSWORD, {**body, "id": other.pk, "user_id": other.pk, "username": other.username})
    assert signs_in(other.username, PASSWORD)
    assert signs_in(client.user.username, NEW_PASSWORD)


def test_ten_guesses_at_the_current_password_and_then_a_wait() -> None:
    user = StaffFactory()
    client = as_staff(user=user)
    assert [change(client, current="no").status_code for _ in range(10)] == [400] * 10
    stopped = change(as_staff(user=user))
    assert (stopped.status_code, stopped.json()["code"]) == (429, "throttled")
    assert 0 < int(stopped.headers["Retry-After"]) <= 900
    assert signs_in(user.username, PASSWORD)
    assert change(as_staff()).status_code == 200


def test_success_forgives_the_guesses_before() -> None:
    client = as_staff()
    for n in range(2):
        assert [change(client, current="no").status_code for _ in range(9)] == [400] * 9
        answer = change(client, current=(PASSWORD, "good-number-0")[n], new=f"good-number-{n}")
        assert answer.status_code == 200
        client = bearer(answer.json()["token"])


@pytest.mark.django_db(transaction=True)
def test_the_owner_is_told_of_a_new_password_and_nothing_keeps_it(sandbox: SandboxClient) -> None:
    client = as_staff()
    assert change(client).status_code == 200
    [mail] = sandbox.mail()
    assert (mail["to"], mail["subject"]) == (client.user.email, "Your password was changed")
    assert mail["html"]
    kept = [*AuditEntry.objects.values(), *OutboxMessage.objects.values()]
    assert kept
    assert NEW_PASSWORD not in str(kept) + str(mail)


def test_a_new_password_voids_the_links_that_reset_it(api: APIClient) -> None:
    client = as_staff()
    secret = links.send_reset(client.user)
    assert change(client).status_code == 200
    answer = api.post("/api/staff/reset-password", {"token": secret, "password": "yet-another-one"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_link")
    assert signs_in(client.user.username, NEW_PASSWORD)


# The address


def ask(client: APIClient, new_email: Any = "new@lld.test") -> Any:
    return client.post(UPDATE_EMAIL, {"new_email": new_email}, format="json")


def mailed(sandbox: SandboxClient, to: str) -> str:
    """The secret of the newest link mailed there."""
    text = next(mail["text"] for mail in sandbox.mail() if mail["to"] == to)
    found = re.search(r"http://storefront\.test/staff/confirm-email\?token=(\S+)", text)
    assert found
    return found[1]


def confirm(secret: str, **extra: Any) -> Any:
    return APIClient().post(CONFIRM, {"token": secret}, **extra)


@pytest.mark.django_db(transaction=True)
def test_an_address_counts_once_its_link_is_followed(sandbox: SandboxClient) -> None:
    client = as_staff(user=StaffFactory(username="ana", email="old@lld.test"))
    answer = ask(client)
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in ("success", "email")} == {"success": True, "email": "new@lld.test"}
    asked, notice = (
        next(mail for mail in sandbox.mail() if mail["to"] == to) for to in ("new@lld.test", "old@lld.test")
    )
    secret = mailed(sandbox, "new@lld.test")
    assert secret in asked["html"]
    assert "new@lld.test" in notice["text"]
    assert "new@lld.test" in notice["html"]
    assert secret not in str(notice)

    assert client.get(PROFILE).json()["email"] == "old@lld.test"
    assert signs_in("old@lld.test", PASSWORD)
    assert not signs_in("new@lld.test", PASSWORD)

    confirmed = confirm(secret)
    assert (confirmed.status_code, confirmed.json()) == (200, {"success": True, "email": "new@lld.test"})
    assert (client.get(PROFILE).json()["email"], client.get(PROFILE).json()["version"]) == ("new@lld.test", 2)
    assert signs_in("new@lld.test", PASSWORD)
    assert not signs_in("old@lld.test", PASSWORD)
    again = confirm(secret)
    assert (again.status_code, again.json()["code"], set(again.json()["fields"])) == (400, "invalid_link", {"token"})
    assert secret not in str(list(OutboxMessage.objects.values())) + str(list(AccountToken.objects.values()))


def test_a_username_that_was_the_address_follows() -> None:
    user = StaffFactory(username="old@lld.test", email="old@lld.test")
    confirm(links.send_confirmation(user, "new@lld.test"))
    assert signs_in("new@lld.test", PASSWORD)
    user.refresh_from_db()
    assert (user.username, user.email) == ("new@lld.test", "new@lld.test")


@pytest.mark.parametrize(
    "new_email",
    ["", "nobody", "a@b", "new@lld.test, eve@evil.test", "a" * 250 + "@lld.test", None, 7, ["new@lld.test"], {}],
)
def test_what_is_no_address_is_not_asked_for(new_email: Any) -> None:
    answer = ask(as_staff(), new_email)
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"new_email"})
    assert not AccountToken.objects.exists()
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("new_email", ["old@lld.test", "OLD@lld.test", " old@lld.test "])
def test_ones_own_address_is_not_a_new_one(new_email: str) -> None:
    answer = ask(as_staff(user=StaffFactory(email="Old@lld.test")), new_email)
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"new_email"})
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("active", [True, False])
def test_the_address_of_a_colleague_is_taken(active: bool) -> None:
    StaffFactory(email="Taken@lld.test", is_active=active)
    answer = ask(as_staff(), "taken@LLD.test")
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")
    assert answer.json()["duplicate_field"] == "email"
    assert not AccountToken.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_a_customer_with_the_address_is_in_nobodys_way() -> None:
    customer = CustomerFactory(email="shared@lld.test")
    user = StaffFactory()
    assert ask(as_staff(user=user), "shared@lld.test").status_code == 200
    assert confirm(links.send_confirmation(user, "shared@lld.test")).status_code == 200
    assert signs_in("shared@lld.test", PASSWORD)
    assert signs_in(customer.username, PASSWORD, "/api/login")


def test_an_address_taken_meanwhile_is_a_conflict_and_changes_nothing() -> None:
    user = StaffFactory(email="old@lld.test")
    secret = links.send_confirmation(user, "new@lld.test")
    colleague = StaffFactory(email="NEW@lld.test")
    answer = confirm(secret)
    assert (answer.status_code, answer.json()["duplicate_field"]) == (409, "email")
    user.refresh_from_db()
    assert (user.email, user.version) == ("old@lld.test", 1)
    User.objects.filter(pk=colleague.pk).update(email="")
    assert confirm(secret).status_code == 200


def test_a_username_taken_meanwhile_is_a_conflict() -> None:
    """Customers, too, may be named by their address."""
    user = StaffFactory(username="old@lld.test", email="old@lld.test")
    secret = links.send_confirmation(user, "new@lld.test")
    CustomerFactory(username="New@lld.test", email="New@lld.test")
    answer = confirm(secret)
    assert (answer.status_code, answer.json()["duplicate_field"]) == (409, "username")
    user.refresh_from_db()
    assert (user.username, user.email) == ("old@lld.test", "old@lld.test")


@pytest.mark.django_db(transaction=True)
def test_a_newer_link_voids_the_older(sandbox: SandboxClient) -> None:
    client = as_staff()
    ask(client, "first@lld.test")
    ask(client, "second@lld.test")
    first, second = (mailed(sandbox, f"{word}@lld.test") for word in ("first", "second"))
    assert confirm(first).status_code == 400
    assert confirm(second).json()["email"] == "second@lld.test"


@pytest.mark.parametrize(("later", "status"), [(timedelta(hours=23, minutes=59), 200), (timedelta(hours=24), 400)])
def test_a_link_lasts_a_day(later: timedelta, status: int) -> None:
    moment = timezone.now()
    with time_machine.travel(moment, tick=False):
        secret = links.send_confirmation(StaffFactory(), "new@lld.test")
    with time_machine.travel(moment + later, tick=False):
        assert confirm(secret).status_code == status


def test_no_other_link_confirms_an_address_and_this_one_does_nothing_else(api: APIClient) -> None:
    customer, member = CustomerFactory(email_verified=False), StaffFactory()
    others = [
        links.send_verification(customer),
        links.send_reset(customer),
        links.send_reset(member),
        # Of a customer, who has no business with it, whoever made it.
        links.send_confirmation(customer, "new@lld.test"),
    ]
    for secret in [*others, "rubbish", "x" * 200]:
        answer = confirm(secret)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_link")
    assert set(User.objects.values_list("email", flat=True)) == {customer.email, member.email}
    secret = links.send_confirmation(member, "new@lld.test")
    assert api.get(f"/api/auth/verify-email/{secret}").headers["Location"].endswith("=invalid")
    for path in ("/api/staff/reset-password", "/api/auth/reset-password"):
        assert api.post(path, {"token": secret, "password": NEW_PASSWORD}).status_code == 400
    # What was refused is still good for what it was made for.
    for path, reset in (("/api/staff/reset-password", others[2]), ("/api/auth/reset-password", others[1])):
        assert api.post(path, {"token": reset, "password": NEW_PASSWORD}).status_code == 200


@pytest.mark.parametrize("token", ["", "x" * 201, None, 7, ["a"], {"a": 1}, "nul\0"])
def test_what_is_no_token_is_refused(api: APIClient, token: Any) -> None:
    answer = api.post(CONFIRM, {"token": token}, format="json")
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"token"})


def test_a_new_address_voids_the_links_sent_to_the_old_one(api: APIClient) -> None:
    user = StaffFactory(email="old@lld.test")
    reset = links.send_reset(user)
    assert confirm(links.send_confirmation(user, "new@lld.test")).status_code == 200
    answer = api.post("/api/staff/reset-password", {"token": reset, "password": NEW_PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_link")


def test_confirming_an_address_signs_nobody_out_and_is_written_down() -> None:
    client = as_staff(user=StaffFactory(email="old@lld.test"))
    ask(client)
    confirm(links.send_confirmation(client.user, "new@lld.test"))
    assert is_staff_in(client)
    asked, done = AuditEntry.objects.order_by("pk")
    assert (asked.action, asked.actor_id, asked.after) == (
        "staff.ask_for_address",
        client.user.pk,
        {"email": "new@lld.test"},
    )
    assert (done.action, done.before, done.after) == (
        "staff.address",
        {"email": "old@lld.test"},
        {"email": "new@lld.test"},
    )


def own_password(user: User) -> None:
    assert change(as_staff(user=user)).status_code == 200


def reset_password(user: User) -> None:
    body = {"token": links.send_reset(user), "password": NEW_PASSWORD}
    assert APIClient().post("/api/staff/reset-password", body).status_code == 200


def set_by_an_admin(user: User) -> None:
    staff.set_staff_password(user.pk, NEW_PASSWORD, actor=SYSTEM)


@pytest.mark.parametrize("new_password", [own_password, reset_password, set_by_an_admin])
def test_a_new_password_ends_a_change_of_address_that_is_under_way(new_password: Any) -> None:
    """The old address is told to change the password if it was somebody else who asked; that must be enough, or the
    link in the somebody else's mailbox still makes the account theirs."""
    user = StaffFactory(email="old@lld.test")
    secret = links.send_confirmation(user, "eve@evil.test")
    new_password(user)
    assert confirm(secret).status_code == 400
    user.refresh_from_db()
    assert user.email == "old@lld.test"


def test_a_closed_account_gets_no_new_address() -> None:
    user = StaffFactory(email="old@lld.test")
    secret = links.send_confirmation(user, "new@lld.test")
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert confirm(secret).status_code == 400
    user.refresh_from_db()
    assert user.email == "old@lld.test"


@pytest.mark.parametrize("length", [150, 151, 254])
def test_a_long_address_is_no_breakdown_for_whom_it_is_the_name_of(length: int) -> None:
    """A username has less room than an address."""
    user = StaffFactory(username="old@lld.test", email="old@lld.test")
    new_email = "a" * (length - len("@lld.test")) + "@lld.test"
    assert confirm(links.send_confirmation(user, new_email)).status_code in {200, 400}
    user.refresh_from_db()
    assert user.username == user.email


def test_five_requests_for_an_address_an_hour() -> None:
    client = as_staff()
    assert [ask(client, f"new{n}@lld.test").status_code for n in range(6)] == [200] * 5 + [429]
    assert AccountToken.objects.get().new_email == "new4@lld.test"
    assert ask(as_staff(), "other@lld.test").status_code == 200


def test_guesses_at_links_are_counted_by_address() -> None:
    secret = links.send_confirmation(StaffFactory(), "new@lld.test")
    assert {confirm(f"guess{n}").status_code for n in range(60)} == {400}
    stopped = confirm(secret)
    assert stopped.status_code == 429
    assert 0 < int(stopped.headers["Retry-After"]) <= 900
    assert confirm(secret, REMOTE_ADDR="203.0.113.9").status_code == 200


# The warehouse's door


@pytest.mark.parametrize("role", Role)
def test_the_warehouse_lets_in_any_staff_and_shows_four_fields(role: Role) -> None:
    user = StaffFactory(role=role)
    answer = APIClient().post("/api/shipping/login", {"username": user.username, "password": PASSWORD})
    four = {"id": user.pk, "username": user.username, "role": role.value, "is_active": True}
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in ("success", "staff")} == {"success": True, "staff": four}
    assert set(answer.json()) == {"success", "staff", "token"}
    client = bearer(answer.json()["token"])
    assert client.get("/api/shipping/me").json() == four
    assert is_staff_in(client)


def test_the_warehouse_lets_nobody_else_in() -> None:
    customer, gone = CustomerFactory(), StaffFactory(is_active=False)
    member = StaffFactory()
    tries = [
        (customer.username, PASSWORD),
        (customer.email, PASSWORD),
        (gone.username, PASSWORD),
        (member.username, "no"),
    ]
    answers = [
        APIClient().post("/api/shipping/login", {"username": name, "password": password}) for name, password in tries
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert as_customer(customer).get("/api/shipping/me").status_code == 403
    assert APIClient().get("/api/shipping/me").status_code == 401


def test_leaving_the_warehouse_ends_the_token_everywhere() -> None:
    user = StaffFactory(role=Role.WAREHOUSE)
    client, other = as_staff(user=user), as_staff(user=user)
    assert client.post("/api/shipping/logout").json() == {"success": True}
    assert [client.get(path).status_code for path in ("/api/shipping/me", PROFILE)] == [401, 401]
    assert other.get("/api/shipping/me").status_code == 200


def test_the_warehouses_door_counts_the_same_tries() -> None:
    user = StaffFactory()
    for n in range(10):
        assert not signs_in(user.username, "no", ("/api/shipping/login", "/api/staff/login")[n % 2])
    answer = APIClient().post("/api/shipping/login", {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 429
