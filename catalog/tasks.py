"""Tasks of the catalogue."""

from celery import shared_task

from catalog.services import assistant, images


@shared_task
def forget_conversations() -> None:
    assistant.forget_sessions()


@shared_task
def sweep_images() -> None:
    images.sweep_images()
