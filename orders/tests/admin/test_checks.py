"""Checks in the console: their pictures on their pages, and the way there from the order's."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from lld.core.access import Role
from lld.core.actors import GUEST, SYSTEM
from orders.models import Check
from orders.services import checks
from orders.tests.situations import strange
from tests.factories import as_console
from tests.pictures import picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def send(number: str, *, back: bool = True) -> Check:
    behind = io.BytesIO(picture(1)) if back else None
    return checks.upload_check(number, front=io.BytesIO(picture()), back=behind, actor=GUEST)


def page(check: Check, role: Role = Role.STAFF) -> str:
    return as_console(role).get(reverse("admin:orders_check_change", args=[check.pk])).content.decode()


def test_check_page_shows_both_sides_to_who_may_see_them() -> None:
    check = send(strange().number)
    client, front = as_console(Role.STAFF), f"/api/staff/checks/{check.order.number}"

    shown = page(check)

    for address in (front, f"{front}/back"):
        assert f'src="{address}"' in shown
        assert client.get(address)["Content-Type"] == "image/jpeg"


def test_older_check_shows_no_picture_of_the_newer_one() -> None:
    order = strange()
    old, new = send(order.number), send(order.number, back=False)

    shown = page(old)

    assert "<img class=" not in shown
    assert reverse("admin:orders_check_change", args=[new.pk]) in shown
    assert "/back" not in page(new)


@pytest.mark.parametrize(("role", "sees"), [(Role.STAFF, True), (Role.WAREHOUSE, False)])
def test_order_page_says_why_a_check_was_rejected_and_leads_to_it(role: Role, sees: bool) -> None:
    order = strange()
    check = send(order.number)
    checks.reject_check(order.number, actor=SYSTEM, reason="It is not signed")

    shown = as_console(role).get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()

    assert ("It is not signed" in shown) is sees
    assert (reverse("admin:orders_check_change", args=[check.pk]) in shown) is sees
