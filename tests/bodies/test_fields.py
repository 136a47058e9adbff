"""Properties of every field that any route reads: text, numbers in its place, moments, days, choices."""

import json
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rest_framework import serializers

from lld.core.api import fields
from lld.core.api.json import MOST_NESTED, load
from lld.core.api.postal import StreetField
from lld.core.clock import business_day, business_zone
from tests.bodies.inputs import Leaf, leaves

REFUSED = object()
# Of which every one has rules about text, numbers or time.
OURS = {
    serializers.CharField: (fields.LineField, fields.SecretField),
    serializers.ChoiceField: (fields.ChoiceField,),
    serializers.IntegerField: (fields.StrictIntegerField,),
    serializers.DateTimeField: (fields.MomentField,),
    serializers.BooleanField: (fields.StrictBooleanField, fields.QueryBooleanField),
}
# Those that keep what they take as it is; others bring it to a form of their own.
AS_IT_IS = {fields.LineField, fields.TextField, fields.CleanedField, fields.PatternField}

# Letters that decompose, controls, marks of direction, line ends, and whatever else there is.
LETTERS = st.sampled_from(
    "aZ0é\u0301\u212bßŁ麵👩\u200d\u202e\u2066\u200e\x00\x07\x1b\x7f\x85\u2028\n\r\t -+@."
) | st.characters(exclude_categories=["Cs"])
wall_of = datetime.fromisoformat
TEXTS = st.text(LETTERS, max_size=12)


def leaves_of(*kinds: type) -> list[Leaf]:
    return [leaf for leaf in leaves() if isinstance(leaf.field, kinds)]


def outcome(field: Any, value: Any) -> Any:
    """What a field makes of a value, or REFUSED."""
    try:
        return field.run_validation(value)
    except serializers.ValidationError:
        return REFUSED


def test_every_field_is_one_of_the_house() -> None:
    strays = [
        f"{leaf.name}: {type(leaf.field).__name__}"
        for leaf in leaves()
        for base, ours in OURS.items()
        if isinstance(leaf.field, base) and not isinstance(leaf.field, ours)
    ]
    assert strays == []
    assert len(leaves_of(fields.LineField)) > 100


@settings(max_examples=60)
@given(TEXTS)
@example("Jose\u0301")
@example("\u202e0008 ,1")
def test_text_is_composed_and_shows_all_that_is_in_it(text: str) -> None:
    for leaf in leaves_of(fields.LineField):
        taken = outcome(leaf.field, text)
        if taken is REFUSED or not taken:
            continue
        if isinstance(taken, dict):
            # A phone, and its extension beside it.
            taken = "".join(taken.values())
        assert unicodedata.is_normalized("NFC", taken), leaf.name
        kept = {"\n", "\t"} if isinstance(leaf.field, fields.TextField) else set()
        unseen = {letter for letter in taken if unicodedata.category(letter) in {"Cc", "Zl", "Zp"}}
        assert unseen <= kept, leaf.name
        assert not set(taken) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"), leaf.name


@settings(max_examples=60)
@given(TEXTS)
@example("Ame\u0301lie")
def test_text_is_the_same_however_it_is_composed(text: str) -> None:
    composed, apart = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    for leaf in leaves_of(fields.LineField):
        assert outcome(leaf.field, composed) == outcome(leaf.field, apart), leaf.name


def test_lines_are_kept_by_text_alone() -> None:
    for leaf in leaves_of(fields.LineField):
        taken = outcome(leaf.field, "Back door\r\n\tring twice")
        if isinstance(leaf.field, StreetField):
            assert taken == "Back door, ring twice", leaf.name
        elif isinstance(leaf.field, fields.TextField):
            assert taken == "Back door\n\tring twice", leaf.name
        elif isinstance(leaf.field, fields.CleanedField):
            assert taken in {"Back door ring twice", REFUSED}, leaf.name
        else:
            assert taken is REFUSED, leaf.name


@settings(max_examples=60)
@given(st.integers(min_value=0, max_value=10**30))
@example(9400111899223197428490)
@example(60608)
def test_number_in_place_of_text_keeps_its_digits_or_is_refused(number: int) -> None:
    value = load(str(number).encode())
    taken = 0
    for leaf in leaves_of(fields.LineField):
        found = outcome(leaf.field, value)
        if found is not REFUSED and type(leaf.field) in AS_IT_IS:
            assert found == str(number), leaf.name
            taken += 1
    assert taken


@pytest.mark.parametrize("value", [True, False, [], {}, ["a"], {"a": 1}, Decimal("9.4E+21"), Decimal("1E-999999")])
def test_other_kinds_in_place_of_text_are_refused(value: Any) -> None:
    for leaf in leaves_of(serializers.CharField):
        assert outcome(leaf.field, value) is REFUSED, leaf.name


def test_values_as_deep_as_bodies_may_be_are_refused_without_harm() -> None:
    value: Any = "deep"
    for level in range(MOST_NESTED):
        value = {"a": value} if level % 2 else [value]

    for leaf in leaves():
        assert outcome(leaf.field, value) is REFUSED, leaf.name


def unambiguous(wall: datetime) -> bool:
    zone = business_zone()
    return wall.replace(tzinfo=zone).utcoffset() == wall.replace(tzinfo=zone, fold=1).utcoffset()


WALLS = st.datetimes(min_value=wall_of("2001-01-01"), max_value=wall_of("2025-12-31"))


@settings(max_examples=100)
@given(WALLS)
@example(wall_of("2024-01-01"))
@example(wall_of("2025-03-09T02:30"))
@example(wall_of("2025-11-02T01:30"))
def test_moment_without_a_zone_is_what_clocks_here_show(wall: datetime) -> None:
    for leaf in leaves_of(fields.MomentField):
        moment = outcome(leaf.field, wall.isoformat())
        if moment is REFUSED:
            # Only what the clocks leap over: 02:00 to 03:00 on a Sunday of spring.
            assert (wall.month, wall.hour, wall.weekday()) in {(3, 2, 6), (4, 2, 6)}, leaf.name
            assert not unambiguous(wall)
            continue
        assert moment.astimezone(business_zone()).replace(tzinfo=None) == wall, leaf.name
        with_offset = moment.astimezone(business_zone()).isoformat()
        assert outcome(leaf.field, with_offset) == moment, leaf.name
        if not unambiguous(wall):
            assert outcome(leaf.field, (moment + timedelta(hours=1)).isoformat()) == moment + timedelta(hours=1)


DAYS = st.dates(min_value=date(2001, 1, 1), max_value=date(2025, 12, 31))


@settings(max_examples=100)
@given(DAYS)
@example(date(2024, 1, 1))
@example(date(2025, 3, 9))
def test_day_stays_the_day_that_was_named(day: date) -> None:
    for leaf in leaves_of(fields.MomentField):
        first, end = business_day(day)
        assert first <= outcome(leaf.field, day.isoformat()) < end, leaf.name
    for leaf in leaves_of(serializers.DateField):
        assert outcome(leaf.field, day.isoformat()) == day, leaf.name
        assert outcome(leaf.field, f"{day.isoformat()}T23:30:00Z") is REFUSED, leaf.name


@pytest.mark.parametrize("value", [1704067200, 1704067200.5, True, [], {}, "yesterday", "2024-13-01", "01/02/2024"])
def test_other_spellings_of_a_day_are_refused(value: Any) -> None:
    for leaf in leaves_of(fields.MomentField, serializers.DateField):
        assert outcome(leaf.field, value) is REFUSED, leaf.name


@settings(max_examples=25)
@given(st.text(max_size=10) | st.integers() | st.booleans() | st.none() | st.lists(st.text(max_size=3), max_size=2))
@example("Cash")
@example("paid ")
def test_choice_is_one_of_those_that_its_refusal_names(value: Any) -> None:
    for leaf in leaves_of(serializers.ChoiceField):
        choices = list(leaf.field.choices)
        assert [outcome(leaf.field, choice) for choice in choices] == choices, leaf.name
        if value in choices or value is None:
            continue
        with pytest.raises(serializers.ValidationError) as refusal:
            leaf.field.run_validation(value)
        assert all(str(choice) in str(refusal.value.detail[0]) for choice in choices), leaf.name


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(TEXTS, parts, max_size=4),
    max_leaves=12,
)


def written(value: Any) -> str:
    """JSON that has the digits of every number as they are."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{written(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


@settings(max_examples=150)
@given(VALUES)
@example({"tracking_number": 9400111899223197428490})
def test_body_is_read_to_the_digit_with_and_without_a_mark_in_front(value: Any) -> None:
    body = written(value).encode()
    assert load(body) == load(b"\xef\xbb\xbf" + body) == value
