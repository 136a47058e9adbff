"""Structured logs: one JSON object a line, or readable lines in local mode."""

import logging.config

import structlog
from structlog.typing import Processor


def configure_logs(*, level: str, json: bool) -> None:
    """Send the logs of structlog and of the standard library through one formatter to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # The readable renderer would print the local variables of every frame, secrets included.
    console = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    render: list[Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()] if json else [console]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                # Our middleware logs every answer once, without the secrets that paths and queries may carry.
                "django.request": {"level": "CRITICAL"},
                "django.security.csrf": {"level": "ERROR"},
                # A strange Host header is a stranger's noise, not a fault.
                "django.security.DisallowedHost": {"level": "CRITICAL"},
                "stripe": {"level": "WARNING"},
                "twilio": {"level": "WARNING"},
                # Its debug lines are the addresses called, and Discord's is the secret itself.
                "urllib3": {"level": "WARNING"},
                "celery.app.trace": {"level": "WARNING" if level == "INFO" else level},
            },
        }
    )
