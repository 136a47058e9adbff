"""What a caller may name: bodies and queries read strictly, where a slip would be carried out as something else.

A name that we do not know is refused with the known one that comes nearest; so is a change that names nothing.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from rapidfuzz import fuzz
from rest_framework import serializers

from lld.core.api.exceptions import flatten, invalid_fields

# What clients add to any list, and any form of a browser to itself.
SENT_ALONG = frozenset({"page", "per_page", "limit", "format"})
CSRF_FIELD = "csrfmiddlewaretoken"
MOST_COMPLAINTS = 20
LONGEST_NAME = 60
# Of 100: qty and quantity have 80, words that only share some letters up to 67.
LIKENESS = 75
MOST_NEAREST = 3

Fields = dict[str, list[str]]


def read_body(
    serializer: serializers.Serializer[Any], data: Mapping[str, Any], *, strict: bool, changes: bool = False
) -> dict[str, Any]:
    """The validated `data` of a serializer that was made with it. InvalidInput otherwise.

    `strict` refuses names that the serializer does not know, at any depth. With it `changes` means that whatever is
    left out stays as it is, so that something must be named.
    """
    unknown = unknown_names(serializer, data) if strict else {}
    if not serializer.is_valid() or unknown:
        raise invalid_fields({**unknown, **flatten(serializer.errors)})
    if strict and changes and not data:
        raise invalid_fields({"body": [f"Name what to change: {_listed(_known(serializer), 'or')}."]})
    return dict(serializer.validated_data)


def unknown_names(
    field: serializers.Field[Any, Any, Any, Any], data: Any, *, besides: Collection[str] = (CSRF_FIELD,)
) -> Fields:
    """What is said of names in `data` that `field` and all in it do not know, by where they stand."""
    found: Fields = {}
    for where, sentence in _unknown(field, data, "", besides):
        found[where] = [sentence]
        if len(found) == MOST_COMPLAINTS:
            break
    return found


def nearest(name: str, known: Collection[str]) -> list[str]:
    """The known names that a misspelt or shortened one may have meant, the likeliest first."""
    word = name[:LONGEST_NAME].lower()
    scored = {other: (_likeness(word, other), fuzz.ratio(word, other)) for other in known}
    best = max((likeness for likeness, _ in scored.values()), default=0)
    near = [other for other, (likeness, _) in scored.items() if likeness == best >= LIKENESS]
    return sorted(near, key=lambda other: scored[other], reverse=True)[:MOST_NEAREST]


def _likeness(word: str, other: str) -> float:
    # A part counts as much as the whole (zip, delivery_zip), unless it is so short that it is in anything.
    part = fuzz.partial_ratio(word, other) if min(len(word), len(other)) >= 3 else 0
    return max(part, fuzz.ratio(word, other))


def _unknown(field: Any, data: Any, where: str, besides: Collection[str]) -> Iterator[tuple[str, str]]:
    if isinstance(field, serializers.ListSerializer | serializers.ListField):
        for index, part in enumerate(data if isinstance(data, list) else ()):
            yield from _unknown(field.child, part, f"{where}[{index}]", besides)
    elif isinstance(field, serializers.Serializer) and isinstance(data, Mapping):
        known = _known(field)
        for name, value in data.items():
            place = f"{where}.{name}" if where else name
            if name in known:
                yield from _unknown(known[name], value, place, besides)
            elif name not in besides:
                yield place[: len(where) + LONGEST_NAME], _sentence(name, known)


def _known(serializer: serializers.BaseSerializer[Any]) -> dict[str, Any]:
    fields: Mapping[str, Any] = getattr(serializer, "fields", {})
    return {name: field for name, field in fields.items() if not field.read_only}


def _sentence(name: str, known: Collection[str]) -> str:
    near = nearest(name, known)
    if near:
        return f"There is no such field. Did you mean {_listed(near, 'or')}?"
    return f"There is no such field. Known are {_listed(known, 'and')}."


def _listed(names: Collection[str], last: str) -> str:
    *some, one = names
    return f"{', '.join(some)} {last} {one}" if some else one
