"""Mails: written in the transaction that they tell of, in text and HTML, sent by the outbox."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from lld.core import outbox


def send_later(
    template: str,
    *,
    key: str,
    to: str,
    context: Mapping[str, Any],
    sensitive: bool = False,
    expires_at: datetime | None = None,
) -> None:
    """Render `<template>.subject.txt`, `.txt` and `.html` and store the mail in the outbox.

    `key` makes the mail unique and becomes its Message-ID. An empty `to` sends nothing: not everyone has an
    address. `sensitive` and `expires_at` are the outbox's.
    """
    if not to:
        return
    values = {**context, "public_url": settings.PUBLIC_URL, "frontend_url": settings.FRONTEND_URL}
    subject = " ".join(render_to_string(f"{template}.subject.txt", values).split())
    payload = {
        "to": to,
        "subject": subject,
        "text": render_to_string(f"{template}.txt", values),
        "html": render_to_string(f"{template}.html", values),
    }
    outbox.enqueue("email", key=key, payload=payload, sensitive=sensitive, expires_at=expires_at)
