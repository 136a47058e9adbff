"""Consent to texts, and Twilio's reports of what became of them."""

import structlog
from django.conf import settings
from django.http import QueryDict
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import tries
from accounts.serializers.sms import SmsOptIn, SmsStatusReport
from accounts.services import sms
from lld.core.access import PUBLIC
from lld.core.api.idempotency import idempotent
from lld.core.api.json import StrictJSONParser
from lld.core.api.schema import Done, ErrorSerializer
from lld.core.api.views import ApiView
from lld.core.errors import Forbidden
from lld.gateways import twilio

log = structlog.get_logger(__name__)


class SmsOptInView(ApiView):
    access = {"POST": PUBLIC}
    authentication_classes = ()

    @extend_schema(operation_id="sms_optin", request=SmsOptIn, responses=Done)
    @idempotent
    def post(self, request: Request) -> Response:
        """Agree to get texts. The words agreed to are kept, and a text confirms it."""
        body = self.body(SmsOptIn)
        del body["consent"]
        tries.spend_opt_in(body["phone"], self.client_address)
        sms.record_opt_in(address=self.client_address, **body)
        return Response({"success": True, "message": "Thank you. You will get texts from us."})


class SmsStatusCallback(ApiView):
    access = {"POST": PUBLIC}
    authentication_classes = ()
    parser_classes = (FormParser, StrictJSONParser)

    @extend_schema(
        operation_id="sms_status_callback", request=SmsStatusReport, responses={204: None, 403: ErrorSerializer}
    )
    def post(self, request: Request) -> Response:
        """Twilio's report of a text's fate, signed. A status never moves backwards."""
        # What was signed is the address that Twilio called, not the one that a proxy made of it.
        url = f"{settings.PUBLIC_URL}{request.get_full_path()}"
        is_json = request.content_type.startswith("application/json")
        said = request.body.decode("utf-8", "replace") if is_json else QueryDict(request.body)
        is_genuine = twilio.is_signed(url, said, request.headers.get("X-Twilio-Signature", ""))
        if is_genuine is False:
            raise Forbidden("The signature is wrong.")
        report = self.body(SmsStatusReport)
        sid, status = report.get("MessageSid"), report.get("MessageStatus")
        log.info("sms_status", sid=sid, status=str(status), error_code=report["ErrorCode"], genuine=bool(is_genuine))
        if is_genuine and sid and status:
            sms.record_status(
                message_sid=sid,
                status=status,
                phone=report["To"],
                error_code=report["ErrorCode"],
                error_message=report["ErrorMessage"][:300],
            )
        return Response(status=204)
