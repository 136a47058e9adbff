"""Trying out the mail server."""

from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import signed_in
from lld.core.access import ADMINS, MANAGERS
from lld.core.api.idempotency import idempotent
from lld.core.api.views import ApiView
from lld.core.throttles import spend_try
from lld.gateways import smtp
from staffportal.serializers import mail as shapes
from staffportal.services import mail

HOUR = 3600


class TestEmail(ApiView):
    access = {"POST": MANAGERS}

    @extend_schema(operation_id="staff_test_email", request=shapes.TestEmail, responses=shapes.TestEmailAnswer)
    @idempotent
    def post(self, request: Request) -> Response:
        """Queue a test mail, and say how mail is set up."""
        to = self.body(shapes.TestEmail)["to"]
        spend_try("test-email", str(signed_in(request).pk), limit=20, seconds=HOUR)
        sent_to = mail.send_test_mail(to=to, actor=self.actor)
        answer = {
            "success": True,
            "queued": True,
            "config": {**smtp.configuration(), "sending_to": sent_to},
            "message": f"A test mail to {sent_to} is queued.",
        }
        return Response(shapes.TestEmailAnswer(answer).data)


class SmtpDebug(ApiView):
    access = {"POST": ADMINS}

    @extend_schema(operation_id="staff_smtp_debug", request=None, responses=shapes.SmtpProbe)
    def post(self, request: Request) -> Response:
        """Talk to the mail server now, without sending anything, and say how far it got."""
        spend_try("smtp-debug", str(signed_in(request).pk), limit=20, seconds=HOUR)
        return Response(shapes.SmtpProbe({**asdict(smtp.probe()), "smtp_pass_len": None}).data)
