"""Shapes of what a person must look at."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from lld.core.api.fields import ChoiceField, MoneyField, StrictIntegerField
from lld.core.api.paging import PageQuery
from lld.core.api.schema import SuccessField
from orders import rules
from orders.enums import AttentionKind
from orders.models import AttentionEntry
from orders.serializers.staff_detail import PermissionShape


class AttentionQuery(PageQuery):
    kind = ChoiceField(choices=AttentionKind.choices, required=False, default="")
    state = ChoiceField(choices=["open", "resolved"], default="open")
    assigned_to = StrictIntegerField(min_value=1, required=False, default=None, help_text="A member of staff.")


class AttentionShape(serializers.ModelSerializer[AttentionEntry]):
    """One matter. `can` names what may be done about it, and why not."""

    kind = serializers.ChoiceField(choices=AttentionKind.choices)
    since = serializers.DateTimeField(source="created_at")
    amount = MoneyField(allow_null=True)
    order_id = serializers.IntegerField(allow_null=True)
    order_number = serializers.CharField(source="order.number", default=None, allow_null=True)
    payment_id = serializers.IntegerField(allow_null=True)
    refund_id = serializers.IntegerField(allow_null=True)
    assigned_to = serializers.CharField(source="assigned_to.username", default=None, allow_null=True)
    resolved_by = serializers.CharField(source="resolved_by.username", default=None, allow_null=True)
    can = serializers.SerializerMethodField()

    class Meta:
        model = AttentionEntry
        fields = (
            "id",
            "kind",
            "since",
            "amount",
            "detail",
            "order_id",
            "order_number",
            "payment_id",
            "refund_id",
            "assigned_to",
            "resolved_at",
            "resolved_by",
            "can",
        )

    @extend_schema_field(PermissionShape(many=True))
    def get_can(self, entry: AttentionEntry) -> list[dict[str, Any]]:
        by = self.context["user"].as_actor()
        return list(PermissionShape(rules.ways_out(entry, by), many=True).data)


class AttentionPage(serializers.Serializer[Any]):
    attention = AttentionShape(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    per_page = serializers.IntegerField()


class AssignInput(serializers.Serializer[Any]):
    user_id = StrictIntegerField(min_value=1, allow_null=True, help_text="Null gives it back to all.")


class AttentionAnswer(serializers.Serializer[Any]):
    success = SuccessField()
    attention = AttentionShape()
