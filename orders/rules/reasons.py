"""How rules ask for a reason."""

from lld.core.errors import DomainError, InvalidInput


def reason_missing(sentence: str) -> DomainError:
    return InvalidInput(sentence, fields={"reason": [sentence]})
