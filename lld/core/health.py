"""Whether this process can work: its database and its broker answer."""

from typing import Any

import structlog
from django.db import DatabaseError, connection
from drf_spectacular.utils import extend_schema
from redis.exceptions import RedisError
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from lld.core.access import PUBLIC
from lld.core.api.views import ApiView
from lld.core.throttles import valkey
from lld.version import VERSION

log = structlog.get_logger(__name__)

SERVICE = "lld"
STATES = [("ok", "ok"), ("degraded", "degraded")]


class HealthAnswer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=STATES)
    service = serializers.CharField()
    version = serializers.CharField()


class Health(ApiView):
    access = {"GET": PUBLIC}
    authentication_classes = ()

    @extend_schema(operation_id="health", responses={200: HealthAnswer, 503: HealthAnswer})
    def get(self, request: Request) -> Response:
        """Ok with 200, or degraded with 503 when the database or the broker does not answer."""
        well = _database_answers() and _broker_answers()
        body = {"status": "ok" if well else "degraded", "service": SERVICE, "version": VERSION}
        return Response(body, status=200 if well else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.error("health_database", reason=type(error).__name__)
        return False
    return True


def _broker_answers() -> bool:
    try:
        valkey().ping()
    except RedisError as error:
        log.error("health_broker", reason=type(error).__name__)
        return False
    return True
