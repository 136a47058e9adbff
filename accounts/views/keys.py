"""API keys, run by admins."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import signed_in
from accounts.selectors import api_keys
from accounts.serializers import keys as shapes
from accounts.services import keys
from lld.core.access import ADMINS
from lld.core.api.schema import Success
from lld.core.api.views import ApiView

WARNING = "Keep the key now: it is shown this once and stored nowhere."


class Keys(ApiView):
    access = {"GET": ADMINS, "POST": ADMINS}

    @extend_schema(operation_id="keys_list", responses=shapes.KeyShape(many=True))
    def get(self, request: Request) -> Response:
        """Every key, newest first, without what opens anything. Uses are counted to the last minute."""
        return Response(shapes.KeyShape(api_keys(), many=True).data)

    @extend_schema(operation_id="keys_create", request=shapes.CreateKey, responses={201: shapes.CreatedKey})
    def post(self, request: Request) -> Response:
        """Make a key. The raw key is in this answer and nowhere else."""
        key, raw = keys.create_api_key(actor=self.actor, created_by=signed_in(request), **self.body(shapes.CreateKey))
        return Response({**shapes.KeyShape(key).data, "raw_key": raw, "warning": WARNING}, status=201)


class Key(ApiView):
    access = {"DELETE": ADMINS}

    @extend_schema(operation_id="keys_delete", responses={200: Success})
    def delete(self, request: Request, key_id: int) -> Response:
        """Forget a revoked key."""
        keys.delete_api_key(key_id, actor=self.actor)
        return Response({"success": True})


class ActivateKey(ApiView):
    access = {"POST": ADMINS}

    @extend_schema(operation_id="keys_activate", request=None, responses=shapes.ChangedKey)
    def post(self, request: Request, key_id: int) -> Response:
        """Let a revoked key in again."""
        key = keys.activate_api_key(key_id, actor=self.actor)
        return Response(shapes.ChangedKey({"success": True, "key": key}).data)


class RevokeKey(ApiView):
    access = {"POST": ADMINS}

    @extend_schema(operation_id="keys_revoke", request=None, responses=shapes.ChangedKey)
    def post(self, request: Request, key_id: int) -> Response:
        """End a key at once."""
        key = keys.revoke_api_key(key_id, actor=self.actor, by=signed_in(request))
        return Response(shapes.ChangedKey({"success": True, "key": key}).data)


class VerifyKey(ApiView):
    access = {"POST": ADMINS}

    @extend_schema(operation_id="keys_verify", request=shapes.VerifyKey, responses=shapes.VerifiedKey)
    def post(self, request: Request) -> Response:
        """Say whether a raw key opens anything. A valid one counts as used."""
        key, reason = keys.verify_api_key(self.body(shapes.VerifyKey)["raw_key"])
        return Response(shapes.VerifiedKey({"valid": not reason, "reason": reason, "key": key}).data)
