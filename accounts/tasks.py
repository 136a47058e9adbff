"""Tasks of accounts."""

from celery import shared_task

from accounts.services import key_uses, sign_in


@shared_task
def forget_expired_credentials() -> None:
    sign_in.forget_expired()


@shared_task
def write_key_uses() -> None:
    key_uses.write_counts()
