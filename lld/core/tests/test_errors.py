"""Codes and statuses of our refusals."""

from lld.core.errors import (
    DomainError,
    ErrorCode,
)


def test_every_error_has_a_code_and_status() -> None:
    def kinds(base: type[DomainError]) -> set[type[DomainError]]:
        return {base}.union(*(kinds(kind) for kind in base.__subclasses__()))

    for kind in kinds(DomainError):
        assert isinstance(kind.code, ErrorCode), kind
        assert 400 <= kind.status < 600
        assert kind.status != 500
