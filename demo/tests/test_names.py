"""The demo's word lists are shipped data, as its catalogue is. A failure names the offending words."""

import re
from itertools import chain

from demo import names
from demo.tests.repeats import repeated


def test_people_groups_are_filled_without_repeats() -> None:
    last_names = list(chain.from_iterable(group.last_names for group in names.PEOPLE))
    first_names = list(chain.from_iterable(group.first_names for group in names.PEOPLE))

    assert len(first_names) >= 120
    assert len(last_names) >= 160
    assert repeated(first_names) == []
    assert repeated(last_names) == []


def test_restaurant_names_are_distinct_in_every_combination() -> None:
    assert [p for cuisine in names.CUISINES for p in cuisine.patterns if p.count("{}") != 1] == []
    restaurants = [p.format(stem) for cuisine in names.CUISINES for p in cuisine.patterns for stem in cuisine.stems]
    assert len(restaurants) >= 400
    assert repeated(restaurants) == []
    assert max(map(len, restaurants)) <= 80


def test_streets_have_house_numbers_and_no_repeats() -> None:
    streets = names.CHICAGO_STREETS + names.SUBURB_STREETS
    assert len(streets) >= 120
    assert [s for s in streets if not 1 <= s.lowest < s.highest] == []
    assert repeated([s.name for s in names.CHICAGO_STREETS]) == []
    assert repeated([s.name for s in names.SUBURB_STREETS]) == []


def test_places_are_in_and_around_chicago() -> None:
    places = names.CHICAGO_PLACES + names.SUBURB_PLACES

    assert repeated([p.zip_code for p in places]) == []
    assert {p.city for p in names.CHICAGO_PLACES} == {"Chicago"}
    assert "Chicago" not in {p.city for p in names.SUBURB_PLACES}
    # ZIP codes tell the state: 600 to 608 around Chicago, 463 and 464 in north-western Indiana.
    areas = {"IL": r"60[0-8]\d\d", "IN": r"46[34]\d\d"}
    assert [p for p in places if not re.fullmatch(areas[p.state], p.zip_code)] == []
