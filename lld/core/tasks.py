"""Tasks of the machinery."""

from celery import shared_task

from lld.core import idempotency, outbox, webhooks


@shared_task
def sweep_outbox() -> None:
    outbox.sweep()


@shared_task
def forget_old_rows() -> None:
    idempotency.forget_old_claims()
    outbox.forget_sent()
    webhooks.forget_processed()
