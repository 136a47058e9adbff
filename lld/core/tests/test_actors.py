"""Who acts, as text."""

from lld.core.actors import GUEST, SYSTEM, Actor


def test_actors_have_a_text() -> None:
    actors = [SYSTEM, GUEST, Actor("staff", 7, "ana"), Actor("customer", 8), Actor("api_key", 9, "n8n")]
    assert [str(actor) for actor in actors] == ["system", "guest", "staff:ana", "customer:8", "api_key:n8n"]
