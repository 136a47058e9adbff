"""What beat runs, and how often. Seconds, unless a crontab says otherwise."""

CELERY_BEAT_SCHEDULE = {
    "sweep-outbox": {"task": "lld.core.tasks.sweep_outbox", "schedule": 15.0},
    "sweep-webhooks": {"task": "orders.tasks.sweep_stripe_events", "schedule": 30.0},
    "catch-up-with-stripe": {"task": "orders.tasks.catch_up_with_stripe", "schedule": 3600.0},
    "reconcile-payments": {"task": "orders.tasks.reconcile_payments", "schedule": 60.0},
    "expire-payment-links": {"task": "orders.tasks.expire_payment_links", "schedule": 60.0},
    "write-key-uses": {"task": "accounts.tasks.write_key_uses", "schedule": 60.0},
    "forget-old-rows": {"task": "lld.core.tasks.forget_old_rows", "schedule": 3600.0},
    "forget-conversations": {"task": "catalog.tasks.forget_conversations", "schedule": 3600.0},
    "sweep-images": {"task": "catalog.tasks.sweep_images", "schedule": 86_400.0},
    "forget-expired-credentials": {"task": "accounts.tasks.forget_expired_credentials", "schedule": 3600.0},
}
