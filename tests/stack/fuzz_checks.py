"""Checks of schemathesis, which loads this file by SCHEMATHESIS_HOOKS: what a document cannot tell is no failure."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from itertools import count
from typing import Any

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

# Refusals that are about other rows, several fields together, or what a picture, a code or a link is.
BEYOND_A_SCHEMA = re.compile(
    r"There is no such|does not exist|is not valid any more|wrong or has expired|no picture that can be read|is empty"
    r"|come together|does not have|signature is not valid|Name every picture|no phone number, or your|above the unit"
    r"|needs an e-mail|Name either an amount|picture of the check|SMTP_USER is none"
    r"|from today on|Enter an amount from|but not 0"
)
# What the document does not tell yet: fewer here is better.
UNTOLD = re.compile(
    r"Enter a year|[Ee]nter a phone number|state code|by product_id or sku|Enter an EIN|Please agree|Use at least"
    # A whole number with a point, as 5.0, is one to JSON Schema.
    r"|A valid integer is required"
)
# A number where text is meant keeps its digits.
NUMBER_AS_TEXT = re.compile(r"Incorrect type")
# One address for each call.
_CALLS = count(1)
# Each row is answered on its own, wrong ones too.
BY_ROW = ("staff_products_bulk_save", "v1_products_bulk_update")


@schemathesis.hook
def before_call(ctx: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """From everywhere, so that no address runs out of tries, and with the token of a link where one is named."""
    case.headers["X-Forwarded-For"] = str(ip_address("10.0.0.0") + next(_CALLS))
    number, _, token = os.environ.get("FUZZ_LINK", "").partition(" ")
    if token and isinstance(case.body, dict) and {"token", "order_number"} <= set(case.body):
        case.body |= {"token": token, "order_number": number}


@schemathesis.check
def takes_what_the_document_allows(ctx: Any, response: Any, case: Any) -> bool | None:
    if response.status_code == 400 and (BEYOND_A_SCHEMA.search(response.text) or UNTOLD.search(response.text)):
        return True
    return bool(positive_data_acceptance(ctx, response, case))


@schemathesis.check
def refuses_what_the_document_forbids(ctx: Any, response: Any, case: Any) -> bool | None:
    if case.operation.definition.raw.get("operationId") in BY_ROW:
        return True
    with _numbers_may_be_text():
        negative_data_rejection(ctx, response, case)
    return None


@contextmanager
def _numbers_may_be_text() -> Iterator[None]:
    try:
        yield
    except Failure as failure:
        if not NUMBER_AS_TEXT.search(failure.message):
            raise
