"""What the sandbox keeps."""

import requests

from sandbox.testing import run_sandbox
from sandbox.tests.conftest import stripe_client
from sandbox.tests.stripe_api.intents import ORDER


def test_state_outlives_a_restart(tmp_path, session: requests.Session) -> None:
    with run_sandbox(home=tmp_path) as sandbox:
        intent = stripe_client(sandbox.base_url, session, "sk_test_sandbox").v1.payment_intents.create(
            ORDER, {"idempotency_key": "k"}
        )

    with run_sandbox(home=tmp_path) as sandbox:
        again = stripe_client(sandbox.base_url, session, "sk_test_sandbox").v1.payment_intents.create(
            ORDER, {"idempotency_key": "k"}
        )
        assert again.id == intent.id
        assert len(sandbox.ledger()) == 1
