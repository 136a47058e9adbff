"""Tasks of accounts."""

from celery import shared_task

from accounts.services import sign_in


@shared_task
def forget_expired_credentials() -> None:
    sign_in.forget_expired()
