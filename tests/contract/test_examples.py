"""Examples of the document are what calls really send and are answered; `RECORD_EXAMPLES=1` writes them anew."""

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from tests.api import ROUTES
from tests.contract import recording
from tests.contract.other_answers import OTHER_ANSWERS
from tests.contract.test_openapi import components, document, document_path, strict


@pytest.mark.django_db
@pytest.mark.usefixtures("sandbox", "no_pause")
@pytest.mark.parametrize("app", recording.APPS)
def test_examples_have_the_shape_of_what_is_sent_and_answered(app: str) -> None:
    found = recording.record(app, operation_ids())
    if "RECORD_EXAMPLES" in os.environ:
        recording.write(app, found)
    kept = json.loads(recording.path_of(app).read_text())

    refused = [
        example["name"]
        for operation, examples in found.items()
        for example in examples[: len(examples) - sum(other.operation == operation for other in OTHER_ANSWERS)]
        if example["status"] >= 400
    ]
    other = [name for name in found if recording.shape(found[name]) != recording.shape(kept.get(name))]

    assert refused == []
    assert other == [], "make openapi"
    assert list(kept) == list(found)


def operation_ids() -> dict[str, str]:
    return {
        route.name: document()["paths"][document_path(route.path)][route.method.lower()]["operationId"]
        for route in ROUTES
    }


def bodies() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body and answer of JSON in the document, and where it stands."""
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            contents = {"request": operation.get("requestBody", {}), **operation["responses"]}
            for part, content in contents.items():
                if media := content.get("content", {}).get("application/json"):
                    yield f"{method} {path} {part}", media


def test_every_body_and_answer_has_an_example_that_its_schema_takes() -> None:
    shared = document()["components"]["examples"]
    for where, media in bodies():
        takes = jsonschema.Draft202012Validator({**strict(media["schema"]), "components": components()})

        examples = media.get("examples", {})

        assert examples, where
        for name, example in examples.items():
            value = shared[name]["value"] if "$ref" in example else example["value"]
            assert not list(takes.iter_errors(value)), f"{where}: {name}"


def test_answers_say_in_words_what_they_are() -> None:
    for operations in document()["paths"].values():
        for operation in operations.values():
            assert all(answer["description"] for answer in operation["responses"].values())


def test_examples_hold_nothing_that_differs_from_run_to_run() -> None:
    for app in recording.APPS:
        text = recording.path_of(app).read_text()
        assert not re.search(r"eyJ|whsec_|sk_(test|live)|[0-9a-f]{40}|127\.0\.0\.1:(?!8001)", text), app
