"""JSON as we write it."""

from datetime import UTC, datetime
from decimal import Decimal

from lld.core.api.json import dump


def test_dump_writes_decimals_times_and_null() -> None:
    moment = datetime(2026, 3, 5, 3, 30, tzinfo=UTC)
    data = {"amount": Decimal("10.50"), "at": moment, "none": Decimal("NaN"), 1: "é"}
    assert dump(data).decode() == '{"amount":10.50,"at":"2026-03-05T03:30:00Z","none":null,"1":"é"}'
