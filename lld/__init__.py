"""Project package. The Celery application is loaded with it so that tasks find their broker."""

from lld.celery import app as celery_app

__all__ = ["celery_app"]
