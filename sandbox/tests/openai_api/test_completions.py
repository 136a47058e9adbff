"""OpenAI's chat completions through OpenAI's own SDK."""

import json
from collections.abc import Iterator
from typing import Literal

import openai
import pytest
import requests
from pydantic import BaseModel, Field

from sandbox.settings import Settings
from sandbox.testing import SandboxClient
from sandbox.tests.conftest import OPENAI_KEY


class Line(BaseModel):
    sku: str
    quantity: int = Field(ge=2)


class Answer(BaseModel):
    text: str = Field(max_length=10)
    mood: Literal["calm", "glad"]
    skus: list[str] = Field(max_length=2)
    lines: list[Line] = Field(min_length=1)
    hint_text: str | None
    hint: str | None
    sure: bool
    score: float


@pytest.fixture
def model(sandbox: SandboxClient) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        api_key=OPENAI_KEY, base_url=sandbox.openai_base_url, max_retries=0, timeout=openai.Timeout(5)
    ) as client:
        yield client


def say(client: openai.OpenAI, text: str = "Hello", **options: object) -> openai.types.chat.ChatCompletion:
    return client.chat.completions.create(model="gpt-5-mini", messages=[{"role": "user", "content": text}], **options)


def test_answer_fits_the_schema_with_skus_of_the_messages(model: openai.OpenAI, sandbox: SandboxClient) -> None:
    data = json.dumps({"items": [{"sku": "A-1"}, {"sku": "A-1"}, {"sku": "B-2"}, {"sku": "C-3"}]})
    messages = [
        {"role": "system", "content": "Choose."},
        {"role": "user", "content": [{"type": "text", "text": data}]},
    ]

    answers = [
        model.chat.completions.parse(model="gpt-5", messages=messages, response_format=Answer) for _ in range(2)
    ]

    parsed = answers[0].choices[0].message.parsed
    assert parsed == answers[1].choices[0].message.parsed
    assert parsed is not None
    assert (parsed.mood, parsed.skus, parsed.hint, parsed.sure) == ("calm", ["A-1", "B-2"], None, False)
    assert parsed.lines == [Line(sku="A-1", quantity=2)]
    assert parsed.hint_text
    entries = sandbox.ledger("openai", "chat_completion")
    assert [entry["id"] for entry in entries] == [answer.id for answer in answers]
    assert [message["text"] for message in entries[0]["messages"]] == ["Choose.", data]


def test_answer_has_the_whole_shape(model: openai.OpenAI) -> None:
    answer = say(model)

    assert (answer.object, answer.model, answer.choices[0].finish_reason) == ("chat.completion", "gpt-5-mini", "stop")
    assert answer.choices[0].message.content
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert "gpt-5-mini" in [item.id for item in model.models.list()]


def test_queued_answers_come_once_and_in_order(model: openai.OpenAI, sandbox: SandboxClient) -> None:
    sandbox.queue_answer("One", finish_reason="length")
    sandbox.queue_answer(None, refusal="No.")
    sandbox.queue_answer("Nothing", choices=0)

    first, second, third = say(model), say(model), say(model)
    assert (first.choices[0].message.content, first.choices[0].finish_reason) == ("One", "length")
    assert (second.choices[0].message.content, second.choices[0].message.refusal) == (None, "No.")
    assert third.choices == []

    sandbox.queue_answer("Never said")
    sandbox.reset()
    assert say(model).choices[0].message.content not in {"One", "Never said"}


@pytest.mark.parametrize("order", [{"text": "x"}, {"content": 7}, {"choices": "none"}])
def test_invalid_queued_answers_are_refused(
    sandbox: SandboxClient, session: requests.Session, order: dict[str, object]
) -> None:
    assert session.post(f"{sandbox.base_url}/_sandbox/openai/answers", json=order).status_code == 400


def test_another_key_is_refused(sandbox: SandboxClient) -> None:
    with openai.OpenAI(api_key="sk-other", base_url=sandbox.openai_base_url, max_retries=0) as stranger:
        for call in (lambda: say(stranger), lambda: stranger.models.list()):
            with pytest.raises(openai.AuthenticationError) as refused:
                call()
            assert refused.value.code == "invalid_api_key"

    assert sandbox.ledger("openai") == []


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": [], "additionalProperties": False},
        {
            "type": "object",
            "properties": {"a": {"type": "array", "items": {"type": "object", "properties": {}}}},
            "required": ["a"],
            "additionalProperties": False,
        },
    ],
)
def test_strict_schemas_are_closed_and_whole(
    model: openai.OpenAI, sandbox: SandboxClient, schema: dict[str, object]
) -> None:
    shape = {"type": "json_schema", "json_schema": {"name": "a", "strict": True, "schema": schema}}
    with pytest.raises(openai.BadRequestError) as refused:
        say(model, response_format=shape)
    assert refused.value.param == "response_format"
    assert len(sandbox.ledger("openai", "invalid_request")) == 1


@pytest.mark.skipif(not Settings.vendor_specs.is_dir(), reason="the vendors' descriptions are not at hand")
def test_real_description_refuses_and_records(model: openai.OpenAI, sandbox: SandboxClient) -> None:
    with pytest.raises(openai.BadRequestError):
        model.chat.completions.create(model="gpt-5-mini", messages=[{"role": "customer", "content": "Hello"}])
    assert [entry["vendor"] for entry in sandbox.ledger(kind="invalid_request")] == ["openai"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("status_429", openai.RateLimitError),
        ("status_500", openai.InternalServerError),
        ("reset_before_effect", openai.APIConnectionError),
    ],
)
def test_faults_raise_the_sdks_errors(
    model: openai.OpenAI, sandbox: SandboxClient, fault: str, error: type[Exception]
) -> None:
    sandbox.fault("openai", fault)
    with pytest.raises(error):
        say(model)
    assert sandbox.ledger("openai") == []


def test_page_shows_what_was_asked_and_answered(
    model: openai.OpenAI, sandbox: SandboxClient, session: requests.Session
) -> None:
    sandbox.queue_answer("Of <b>course</b>.")
    say(model, "Have you gloves?")
    page = session.get(sandbox.base_url).text
    assert "Have you gloves?" in page
    assert "Of &lt;b&gt;course&lt;/b&gt;." in page
