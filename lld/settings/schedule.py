"""The work of the background: its queues, and what beat runs how often.

What beat runs, runs once at a time (`lld.core.queue.Task`), and a copy that nobody has taken up by the time the next
one is due is dropped: an outage piles up nothing.
"""

from typing import Any

# Slow work delays no mail, and mails that hang delay no code. A worker that names no queues serves all of them.
WORK, MAIL, TEXTS = "work", "mail", "texts"

CELERY_TASK_DEFAULT_QUEUE = WORK
CELERY_TASK_QUEUES = {name: {"exchange": name, "routing_key": name} for name in (WORK, MAIL, TEXTS)}


def _every(seconds: int, task: str, *, queue: str = WORK) -> dict[str, Any]:
    # `expire_seconds` is what django-celery-beat reads; it ignores Celery's `expires`.
    return {"task": task, "schedule": float(seconds), "options": {"queue": queue, "expire_seconds": seconds}}


CELERY_BEAT_SCHEDULE = {
    # A code whose first try failed is tried again by this one.
    "sweep-outbox": _every(15, "lld.core.tasks.sweep_outbox", queue=TEXTS),
    "sweep-webhooks": _every(30, "orders.tasks.sweep_stripe_events"),
    "catch-up-with-stripe": _every(3600, "orders.tasks.catch_up_with_stripe"),
    "reconcile-payments": _every(60, "orders.tasks.reconcile_payments"),
    "expire-payment-links": _every(60, "orders.tasks.expire_payment_links"),
    "lapse-unpaid-orders": _every(900, "orders.tasks.sweep_unpaid_orders"),
    "attend-overpaid-orders": _every(3600, "orders.tasks.sweep_overpaid_orders"),
    "write-key-uses": _every(60, "accounts.tasks.write_key_uses"),
    "forget-old-rows": _every(3600, "lld.core.tasks.forget_old_rows"),
    "forget-conversations": _every(3600, "catalog.tasks.forget_conversations"),
    "sweep-images": _every(86_400, "catalog.tasks.sweep_images"),
    "forget-expired-credentials": _every(3600, "accounts.tasks.forget_expired_credentials"),
}
