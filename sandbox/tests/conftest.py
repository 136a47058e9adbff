"""A sandbox of the tests' own, the vendors' real SDKs pointed at it, and a product that receives callbacks."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
import stripe
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from sandbox.testing import SandboxClient, run_sandbox

STRIPE_KEY = "sk_test_of_the_tests"
WEBHOOK_SECRET = "whsec_of_the_tests"
ACCOUNT = "AC" + "0a" * 16
AUTH_TOKEN = "twilio-token-of-the-tests"
OPENAI_KEY = "sk-of-the-tests"


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """The product's side of callbacks: keeps each request and answers with `statuses`, then 200."""

    url: str
    requests: list[Received] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def clear(self) -> None:
        self.requests.clear()
        self.statuses.clear()


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.requests.append(Received(self.path, dict(self.headers), body))
            self.send_response(state.statuses.pop(0) if state.statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Silence: the base class writes every request to stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = Receiver(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def running(receiver: Receiver) -> Iterator[SandboxClient]:
    with run_sandbox(
        public_url=receiver.url,
        stripe_api_key=STRIPE_KEY,
        stripe_webhook_secret=WEBHOOK_SECRET,
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=AUTH_TOKEN,
        openai_api_key=OPENAI_KEY,
    ) as client:
        yield client


@pytest.fixture
def sandbox(running: SandboxClient, receiver: Receiver) -> SandboxClient:
    """The shared sandbox, as new."""
    # A callback of the test before that is under way is not stopped by a reset: this test would receive it.
    running.wait_for_deliveries()
    running.reset()
    receiver.clear()
    return running


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def stripe_client(
    base: str, session: requests.Session, key: str = STRIPE_KEY, retries: int = 0
) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": base},
        max_network_retries=retries,
        http_client=stripe.RequestsClient(timeout=(2, 5), session=session),
    )


@pytest.fixture
def api(sandbox: SandboxClient, session: requests.Session) -> stripe.StripeClient:
    """Stripe without retries, so that each fault is seen."""
    return stripe_client(sandbox.stripe_api_base, session)


@pytest.fixture
def twilio(sandbox: SandboxClient) -> Iterator[Client]:
    http = TwilioHttpClient(timeout=5, max_retries=0)
    client = Client(ACCOUNT, AUTH_TOKEN, http_client=http)
    client.api.base_url = sandbox.twilio_api_base
    yield client
    assert http.session is not None
    http.session.close()
