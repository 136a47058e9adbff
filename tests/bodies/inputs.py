"""All that routes read, as their own declarations have it: a route that is added joins by itself."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.plumbing import force_instance
from rest_framework import serializers

from lld.core.access import Access


class Input(NamedTuple):
    """A body or a query string of a route."""

    name: str
    access: Access
    shape: serializers.Serializer[Any]


class Leaf(NamedTuple):
    """A field that holds a value, by where it stands."""

    name: str
    field: Any


@cache
def inputs() -> tuple[Input, ...]:
    generator: Any = SchemaGenerator()
    generator._initialise_endpoints()
    return tuple(
        Input(f"{method} {path}", view.access[method], shape)
        for path, _, method, view in generator._get_paths_and_endpoints()
        if hasattr(view, "access")
        for shape in _shapes(view, path, method)
    )


@cache
def leaves() -> tuple[Leaf, ...]:
    """Those of all inputs; where routes share a shape, once."""
    found = {id(type(shape)): shape for _, _, shape in inputs()}
    return tuple(
        Leaf(f"{type(shape).__name__}.{where}", field) for shape in found.values() for where, field in _leaves(shape)
    )


def _shapes(view: Any, path: str, method: str) -> Iterator[serializers.Serializer[Any]]:
    schema = view.schema
    schema.path, schema.method = path, method
    body = None if method in {"GET", "DELETE"} else schema.get_request_serializer()
    for declared in (*(body.values() if isinstance(body, dict) else [body]), *schema.get_override_parameters()):
        shape = force_instance(declared)
        if isinstance(shape, serializers.Serializer):
            yield shape


def _leaves(field: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    inner = getattr(field, "_spectacular_annotation", {}).get("field")
    if inner is not None and isinstance(field, serializers.ListField):
        yield from _leaves(force_instance(inner), where)
    elif isinstance(field, serializers.ListSerializer | serializers.ListField):
        yield from _leaves(field.child, f"{where}[]")
    elif isinstance(field, serializers.Serializer):
        for name, part in field.fields.items():
            if not part.read_only:
                yield from _leaves(part, f"{where}.{name}" if where else name)
    else:
        yield where, field
