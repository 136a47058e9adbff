"""Tasks of the machinery."""

from celery import shared_task

from lld.core import idempotency, outbox


@shared_task
def sweep_outbox() -> None:
    outbox.sweep()


@shared_task
def forget_idempotency_claims() -> None:
    idempotency.forget_old_claims()
