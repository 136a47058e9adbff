"""Requests are checked against the vendors' descriptions where those are at hand."""

import json
from pathlib import Path

import pytest
import requests
import stripe

from sandbox.settings import Settings
from sandbox.specs import Specs, Violation
from sandbox.testing import SandboxClient, run_sandbox
from sandbox.tests.conftest import stripe_client

SCHEMA = {
    "type": "object",
    "required": ["amount"],
    "additionalProperties": False,
    "properties": {
        "amount": {"type": "integer"},
        "confirm": {"type": "boolean"},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"quantity": {"type": "integer"}},
                "additionalProperties": False,
            },
        },
        "metadata": {
            "anyOf": [
                {"type": "object", "additionalProperties": {"type": "string"}},
                {"type": "string", "enum": [""]},
            ]
        },
    },
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A description of one operation of our own, in place of the vendor's."""
    content = {"application/x-www-form-urlencoded": {"schema": SCHEMA}}
    document = {"paths": {"/v1/things/{thing}": {"post": {"requestBody": {"content": content}}}}}
    (tmp_path / "stripe").mkdir()
    (tmp_path / "stripe" / "spec3.trimmed.json").write_text(json.dumps(document))
    return tmp_path


def test_form_text_counts_as_what_the_schema_asks_for(folder: Path) -> None:
    Specs(folder).check(
        "stripe",
        "POST",
        "/v1/things/1",
        {"amount": "12", "confirm": "true", "items": [{"quantity": "2"}], "metadata": {"n": "1"}},
    )

    Specs(folder).check("stripe", "POST", "/v1/things/1", {"amount": "12", "metadata": ""})

    Specs(folder).check("stripe", "POST", "/v1/other", {"anything": "goes"})


@pytest.mark.parametrize(
    ("params", "param", "rule"),
    [
        ({"amount": "1.5"}, "amount", "type"),
        ({}, "amount", "required"),
        ({"amount": "1", "expires_at": "9"}, "expires_at", "additionalProperties"),
        ({"amount": "1", "items": [{"quantity": "1", "colour": "red"}]}, "items[0][colour]", "additionalProperties"),
        ({"amount": "1", "confirm": "maybe"}, "confirm", "type"),
    ],
)
def test_violation_names_param_and_rule(folder: Path, params: dict[str, object], param: str, rule: str) -> None:
    with pytest.raises(Violation) as caught:
        Specs(folder).check("stripe", "POST", "/v1/things/1", params)
    assert (caught.value.param, caught.value.rule) == (param, rule)


def test_missing_descriptions_are_told_by_health(tmp_path: Path) -> None:
    with run_sandbox(vendor_specs=tmp_path) as sandbox:
        assert sandbox.health()["vendor_specs"] is False


@pytest.mark.skipif(not Settings.vendor_specs.is_dir(), reason="the vendors' descriptions are not at hand")
def test_real_description_refuses_and_records(
    api: stripe.StripeClient, sandbox: SandboxClient, session: requests.Session
) -> None:
    assert sandbox.health()["vendor_specs"] is True

    with pytest.raises(stripe.InvalidRequestError) as caught:
        api.v1.payment_intents.create({"amount": 100, "currency": "usd", "colour": "red"})
    assert (caught.value.param, caught.value.code) == ("colour", "parameter_unknown")

    answer = session.post(sandbox.discord_webhook_url, json={"content": 7})
    assert answer.status_code == 400
    assert [entry["vendor"] for entry in sandbox.ledger(kind="invalid_request")] == ["stripe", "discord"]


def test_key_of_another_account_stays_out(tmp_path: Path, session: requests.Session) -> None:
    with run_sandbox(stripe_api_key="", vendor_specs=tmp_path) as sandbox:
        assert stripe_client(sandbox.base_url, session, "sk_test_any").v1.customers.list().data == []
        with pytest.raises(stripe.AuthenticationError):
            stripe_client(sandbox.base_url, session, "sk_live_any").v1.customers.list()
