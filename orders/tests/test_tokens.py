"""Links that let their holder do something with one order."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from orders import tokens


def test_token_is_for_one_order_and_two_weeks(time_machine: Any) -> None:
    time_machine.move_to(timezone.now())
    token = tokens.make_upload_token("LLD-AAAA-AAAA")

    assert tokens.may_upload(token, "LLD-AAAA-AAAA")
    time_machine.shift(timedelta(days=15))
    assert not tokens.may_upload(token, "LLD-AAAA-AAAA")
    time_machine.shift(timedelta(days=-15))
    assert not tokens.may_upload(token, "LLD-BBBB-BBBB")
    assert not tokens.may_upload(token + "x", "LLD-AAAA-AAAA")
