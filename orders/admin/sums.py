"""Lists by which a day is closed: from one business day to another, and the sums of what is filtered."""

from datetime import date
from typing import Any, ClassVar

from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from unfold.contrib.filters.admin import RangeDateFilter

from lld.core.clock import business_day
from orders.admin.rows import OrderRowAdmin


class DayFilter(RangeDateFilter):  # type: ignore[misc]  # unfold has no types
    """From the beginning of one business day to the end of another; unfold's own leaves the last day out."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = (self._read(end) for end in ("from", "to"))
        if first is not None:
            queryset = queryset.filter(**{f"{self.field_path}__gte": business_day(first)[0]})
        if last is not None:
            queryset = queryset.filter(**{f"{self.field_path}__lt": business_day(last)[1]})
        return queryset

    def _read(self, end: str) -> date | None:
        try:
            return date.fromisoformat(str(self.used_parameters.get(f"{self.field_path}_{end}", "")))
        except ValueError:
            return None


class SummedAdmin(OrderRowAdmin):
    """`summed_by`: for each value of these columns it shows how many rows are filtered, and their sum of `amount`."""

    summed_by: ClassVar[tuple[str, ...]] = ()
    day_column: ClassVar[str] = "created_at"
    list_filter_submit = True
    list_before_template = "orders/console/sums.html"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        days = {f"{self.day_column}_from", f"{self.day_column}_to"}
        return lookup in days or super().lookup_allowed(lookup, value, request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        answer: HttpResponse = super().changelist_view(request, extra_context)
        context = getattr(answer, "context_data", None) or {}
        shown = context.get("cl")
        # All rows of all years come to no sum that anyone asks for.
        if shown is not None and (shown.has_active_filters or shown.query):
            context["sums"] = self._sum(shown.queryset)
        return answer

    def _sum(self, rows: QuerySet[Any]) -> list[tuple[str, int, Any]]:
        names = [dict(self.opts.get_field(column).flatchoices) for column in self.summed_by]
        grouped = rows.order_by(*self.summed_by).values_list(*self.summed_by)
        sums = []
        for *values, count, amount in grouped.annotate(Count("pk"), Sum("amount")):
            told = ", ".join(str(name[value]) for name, value in zip(names, values, strict=True))
            sums.append((told, count, amount))
        return [*sums, ("All", sum(row[1] for row in sums), sum(row[2] for row in sums))] if sums else []
