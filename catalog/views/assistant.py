"""Search and chat in words."""

import orjson
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.selectors.products import LIST_COLUMNS, rows_in_order_json
from catalog.serializers import assistant as shapes
from catalog.services import assistant as services
from lld.core.access import PUBLIC
from lld.core.api.json import dump
from lld.core.api.schema import VENDOR_ERRORS, ErrorSerializer
from lld.core.api.views import ApiView, json_text
from lld.core.throttles import spend_address_try
from lld.gateways.openai import Turn


class SearchInWords(ApiView):
    access = {"POST": PUBLIC}
    authentication_classes = ()

    @extend_schema(operation_id="search_ai", request=shapes.SearchInWords, responses={200: shapes.FoundInWords})
    def post(self, request: Request) -> HttpResponse:
        """Products for a wish in words. Where no model can be asked, what full-text search finds."""
        body = self.body(shapes.SearchInWords)
        spend_address_try("search-in-words", self.client_address, limit=30, seconds=60)
        found = services.search_in_words(body["query"], language=body["language"])
        products = orjson.Fragment(rows_in_order_json(LIST_COLUMNS, found.ids))
        answer = {"success": True, "products": products, "suggestion": found.sentence, "total": len(found.ids)}
        return json_text(dump(answer))


class Chat(ApiView):
    access = {"POST": PUBLIC}
    authentication_classes = ()

    @extend_schema(
        operation_id="chat_send",
        request=shapes.ChatMessage,
        responses={200: shapes.ChatReply, 404: ErrorSerializer, **VENDOR_ERRORS},
    )
    def post(self, request: Request) -> HttpResponse:
        """Ask about products. The answer names real ones, with the prices that stand now."""
        body = self.body(shapes.ChatMessage)
        spend_address_try("chat", self.client_address, limit=20, seconds=60)
        history = [Turn(turn["role"], turn["content"][: services.LONGEST_TURN]) for turn in body.get("history", ())]
        reply = services.reply_to_message(
            body["message"], language=body["language"], history=history, session_id=body["session_id"]
        )
        answer = {
            "success": True,
            "message": reply.message,
            "products": orjson.Fragment(rows_in_order_json(LIST_COLUMNS, reply.ids)),
            "session_id": body["session_id"],
            "timestamp": timezone.now(),
        }
        return json_text(dump(answer))


class ChatSessions(ApiView):
    access = {"POST": PUBLIC}
    authentication_classes = ()

    @extend_schema(operation_id="chat_sessions_open", request=None, responses={201: shapes.ChatOpened})
    def post(self, request: Request) -> Response:
        """Open a conversation that the server remembers; it is forgotten a month after its last message."""
        spend_address_try("chat-session", self.client_address, limit=30, seconds=3600)
        return Response({"success": True, "session_id": services.open_session().pk}, status=201)
