"""What a person must look at, for those who move money."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import signed_in
from lld.core.access import CASHIERS
from lld.core.api.schema import ErrorSerializer
from lld.core.api.views import ApiView
from orders import selectors
from orders.serializers import attention as shapes
from orders.services import attention


class AttentionList(ApiView):
    access = {"GET": CASHIERS}

    @extend_schema(
        operation_id="staff_attention_list", parameters=[shapes.AttentionQuery], responses=shapes.AttentionPage
    )
    def get(self, request: Request) -> Response:
        """Matters that money waits in, the oldest first, with what can be done about each."""
        query = self.query(shapes.AttentionQuery)
        window = query.pop("window")
        found = selectors.attention_entries(**query)
        total = found.count()
        answer = {
            "attention": found[window.offset : window.offset + window.size],
            "total": total,
            "page": window.number,
            "pages": window.pages(total),
            "per_page": window.size,
        }
        return Response(shapes.AttentionPage(answer, context={"user": request.user}).data)


class AttentionEntryView(ApiView):
    def answer(self, entry_id: int) -> Response:
        entry = selectors.attention_entry(entry_id)
        answer: dict[str, Any] = {"success": True, "attention": entry}
        return Response(shapes.AttentionAnswer(answer, context={"user": self.request.user}).data)


class AssignAttention(AttentionEntryView):
    access = {"POST": CASHIERS}

    @extend_schema(
        operation_id="staff_attention_assign",
        request=shapes.AssignInput,
        responses={200: shapes.AttentionAnswer, 404: ErrorSerializer, 409: ErrorSerializer},
    )
    def post(self, request: Request, entry_id: int) -> Response:
        """Give a matter to a member of staff, or back to all."""
        user_id = self.body(shapes.AssignInput)["user_id"]
        to = selectors.cashier(user_id) if user_id else None
        attention.assign_attention(entry_id, actor=self.actor, to=to)
        return self.answer(entry_id)


class ResolveAttention(AttentionEntryView):
    access = {"POST": CASHIERS}

    @extend_schema(
        operation_id="staff_attention_resolve",
        request=None,
        responses={200: shapes.AttentionAnswer, 404: ErrorSerializer, 409: ErrorSerializer},
    )
    def post(self, request: Request, entry_id: int) -> Response:
        """Mark as dealt with. Refused while the money has not moved."""
        attention.resolve_attention(entry_id, actor=self.actor, by=signed_in(request))
        return self.answer(entry_id)
