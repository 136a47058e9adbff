"""Faults: each does what it says, and the ledger tells whether the effect happened."""

import time

import psutil
import pytest
import requests
import stripe

from sandbox.testing import SandboxClient
from sandbox.tests.conftest import stripe_client

ORDER = {"amount": 2599, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}


def _charge(api: stripe.StripeClient) -> stripe.PaymentIntent:
    return api.v1.payment_intents.create(ORDER, {"idempotency_key": "order-1"})


def test_reset_after_effect_then_retry_is_one_charge(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    sandbox.fault("stripe", "reset_after_effect", method="POST", path="/v1/payment_intents")

    with pytest.raises(stripe.APIConnectionError):
        _charge(api)
    [charge] = sandbox.ledger("stripe", "charge")

    intent = _charge(api)
    assert intent.last_response.headers["Idempotent-Replayed"] == "true"
    assert intent.latest_charge == charge["id"]
    assert len(sandbox.ledger("stripe", "charge")) == 1


def test_sdk_retries_through_a_reset(sandbox: SandboxClient, session: requests.Session) -> None:
    sandbox.fault("stripe", "reset_after_effect")
    assert _charge(stripe_client(sandbox.base_url, session, retries=2)).status == "succeeded"
    assert len(sandbox.ledger("stripe", "charge")) == 1


def _open_files(sandbox: SandboxClient) -> int:
    port = int(sandbox.base_url.rpartition(":")[2])
    (listener,) = [c for c in psutil.net_connections("tcp") if c.status == "LISTEN" and c.laddr[1] == port]
    return psutil.Process(listener.pid).num_fds()


def test_resets_leave_no_file_open(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    sandbox.fault("stripe", "reset_before_effect", times=None)
    before = _open_files(sandbox)

    for _ in range(10):
        with pytest.raises(stripe.APIConnectionError):
            _charge(api)

    assert _open_files(sandbox) < before + 10


def test_reset_before_effect_charges_nothing(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    sandbox.fault("stripe", "reset_before_effect")
    with pytest.raises(stripe.APIConnectionError):
        _charge(api)
    assert sandbox.ledger() == []
    assert _charge(api).status == "succeeded"


def test_hang_times_out_and_charges_nothing(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    impatient = requests.Session()
    sandbox.fault("stripe", "hang", path="/v1/payment_intents")

    with impatient, pytest.raises(requests.ReadTimeout):
        impatient.post(
            f"{sandbox.base_url}/v1/payment_intents",
            auth=("sk_test_of_the_tests", ""),
            headers={"Idempotency-Key": "order-1"},
            data={"amount": 100},
            timeout=0.3,
        )
    assert sandbox.ledger() == []

    time.sleep(0.2)  # the sandbox sees the client gone and lets go of the key
    assert _charge(api).status == "succeeded"


@pytest.mark.parametrize(("fault", "error"), [("status_429", stripe.RateLimitError), ("status_500", stripe.APIError)])
def test_refused_calls_have_no_effect_and_keep_no_answer(
    api: stripe.StripeClient, sandbox: SandboxClient, fault: str, error: type[Exception]
) -> None:
    sandbox.fault("stripe", fault)
    with pytest.raises(error):
        _charge(api)
    assert sandbox.ledger() == []
    assert _charge(api).status == "succeeded"


def test_status_500_after_effect_is_replayed_for_its_key(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    sandbox.fault("stripe", "status_500_after_effect")

    for _ in range(2):
        with pytest.raises(stripe.APIError) as caught:
            _charge(api)
        assert caught.value.http_status == 500

    assert len(sandbox.ledger("stripe", "charge")) == 1
    assert api.v1.payment_intents.list().data[0].status == "succeeded"


def test_malformed_answer_comes_after_the_effect(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    sandbox.fault("stripe", "malformed")
    with pytest.raises(stripe.APIError, match="Invalid response body"):
        _charge(api)
    assert len(sandbox.ledger("stripe", "charge")) == 1


def test_fault_hits_only_what_it_names_and_only_so_often(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    sandbox.fault("stripe", "status_500", method="POST", path=r"/v1/(refunds|customers)\Z", times=2)

    assert _charge(api).status == "succeeded"
    assert api.v1.customers.list().data == []

    for _ in range(2):
        with pytest.raises(stripe.APIError):
            api.v1.customers.create({})
    api.v1.customers.create({})

    [fault] = sandbox.faults()
    assert (fault["hits"], fault["times"]) == (2, 0)

    sandbox.fault("stripe", "status_500", times=None)
    for _ in range(3):
        with pytest.raises(stripe.APIError):
            api.v1.customers.list()
    sandbox.clear_faults()
    assert len(api.v1.customers.list().data) == 1


@pytest.mark.parametrize(
    "order",
    [
        {"vendor": "stripe", "fault": "no_such"},
        {"vendor": "smtp", "fault": "status_500"},
        {"fault": "delay"},
        {"vendor": "stripe", "fault": "delay", "times": 0},
        {"vendor": "stripe", "fault": "delay", "path": "("},
        {"vendor": "stripe", "fault": "delay", "secs": 3},
        {"vendor": "stripe", "fault": ["delay"]},
    ],
)
def test_invalid_orders_are_refused(
    sandbox: SandboxClient, session: requests.Session, order: dict[str, object]
) -> None:
    answer = session.post(f"{sandbox.base_url}/_sandbox/faults", json=order)
    assert answer.status_code == 400
    assert sandbox.faults() == []
