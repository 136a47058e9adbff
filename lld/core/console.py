"""What the pages of the console share: they show everything, and change nothing but through services."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, ClassVar, NoReturn, TypeVar, cast
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin import display as column
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from lld.core import idempotency
from lld.core.actors import Actor
from lld.core.errors import Conflict, DomainError, ErrorCode
from lld.core.models import AuditEntry
from lld.core.phones import normalise_phone

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
BadgeMethod = Callable[[Any, Any], tuple[str, str]]

MOST_COUNTED = 10_000
_FILTERED_HOW = ("exact", "id__exact", "isnull", "isempty", "gte", "lt")
MOST_HISTORY = 50


def actor_of(request: HttpRequest) -> Actor:
    """Who presses the buttons. The console lets in nobody who is not signed in."""
    return cast(Actor, request.user.as_actor())  # type: ignore[union-attr]  # as above


def badge(description: str, colours: Mapping[str, str]) -> Callable[[BadgeMethod], Callable[[Any, Any], str]]:
    """A column shown as a label, in lists and on pages. The method returns a value and its text, "" for none.

    `colours`: value → primary, success, info, warning or danger; others stay grey.
    """

    def decorate(method: BadgeMethod) -> Callable[[Any, Any], str]:
        @wraps(method)
        def label(page: Any, obj: Any) -> str:
            value, text = method(page, obj)
            shown = {"text": text, "type": colours.get(value, "")}
            return render_to_string("unfold/helpers/label.html", shown) if text else ""

        return column(description=description)(label)

    return decorate


def _name(entry: Any) -> str:
    """What a filter of a list is called in its address."""
    filtered = entry[0] if isinstance(entry, tuple) else entry
    return filtered if isinstance(filtered, str) else str(filtered.parameter_name)


def unbroken(text: str) -> str:
    """A number or time that stays on one line of a narrow column."""
    return format_html('<span class="whitespace-nowrap">{}</span>', text)


def link(address: str, text: str) -> str:
    return format_html('<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', address, text)


def without(fieldsets: Any, *hidden: str) -> list[tuple[Any, dict[str, Any]]]:
    """Fieldsets of a page but for some fields, and for what would stand empty then."""
    left = []
    for title, options in fieldsets:
        rows = [_row_without(row, hidden) for row in options["fields"]]
        if fields := tuple(row for row in rows if row):
            left.append((title, {**options, "fields": fields}))
    return left


def _row_without(row: Any, hidden: tuple[str, ...]) -> Any:
    if isinstance(row, str):
        return "" if row in hidden else row
    return tuple(name for name in row if name not in hidden)


def moment(at: datetime) -> str:
    return unbroken(timezone.localtime(at).strftime("%Y-%m-%d %H:%M"))


class DialogForm(BaseDialogForm):  # type: ignore[misc]  # unfold has no types
    """What a dialog asks. Shown once is carried out once, however often it is sent."""

    submission = forms.CharField(max_length=32, initial=lambda: uuid4().hex, widget=forms.HiddenInput)


def dialog(
    description: str,
    *,
    permission: str,
    icon: str,
    explanation: str = "",
    form: type[DialogForm] = DialogForm,
    variant: ActionVariant = ActionVariant.DEFAULT,
) -> Callable[[Decorated], Decorated]:
    """A button of an object's page. GET shows `form` in a dialog and changes nothing; POST calls the method."""
    shown = {"title": description, "description": explanation, "form_class": form, "form_submit_text": description}
    return cast(
        Callable[[Decorated], Decorated],
        action(description=description, permissions=[permission], icon=icon, variant=variant, dialog=shown),
    )


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # not generic at run time
    """Counts no further than anyone pages; beyond that people search and filter."""

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        return rows.order_by()[:MOST_COUNTED].count()


class ConsoleAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """A page that stays fast with a million rows. Nothing is deleted here."""

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    list_disable_select_all = True
    compressed_fields = False
    phone_column: ClassVar[str] = ""
    # Relations by which other pages link to this list.
    linked_by: ClassVar[tuple[str, ...]] = ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> NoReturn:
        """What is not there, and what is not the user's to see: Django would send both to the first page."""
        raise Http404

    def need(self, request: HttpRequest, object_id: Any) -> None:
        """Http404 for the button of a row that is not the user's to see."""
        if object_id is not None and self.get_object(request, str(object_id)) is None:
            raise Http404

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only what the page's own filters and links ask.

        Django lets any column be asked for, and so be read bit by bit: hashes of passwords, costs.
        """
        asked = [_name(entry) for entry in self.get_list_filter(request)] + [f"{name}__id" for name in self.linked_by]
        return any(lookup == name or lookup in {f"{name}__{how}" for how in _FILTERED_HOW} for name in asked)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A service's refusal is a message, and nothing of the form was saved."""
        try:
            return cast(HttpResponse, super().changeform_view(request, *args, **kwargs))
        except DomainError as error:
            messages.error(request, error.sentence)
            return HttpResponseRedirect(request.get_full_path())

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Also the rows with this phone in `phone_column`, however it is spelled."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if self.phone_column and search_term:
            try:
                found |= queryset.filter(**{self.phone_column: normalise_phone(search_term)})
            except ValueError:
                return found, may_repeat
        return found, may_repeat

    @column(description="History")
    def history(self, obj: Model) -> str:
        """The audit log of one object, newest first."""
        entries = AuditEntry.objects.filter(object_type=obj._meta.label_lower, object_id=str(obj.pk))
        rows = [
            (
                moment(entry.created_at),
                entry.actor_label or entry.actor_kind,
                entry.action,
                changes(entry),
            )
            for entry in entries.order_by("-created_at", "-pk")[:MOST_HISTORY]
        ]
        return format_html_join("", "<div>{} · <b>{}</b> · {} {}</div>", rows) or "—"

    def try_each(
        self, request: HttpRequest, objects: Iterable[Model], act: Callable[[Any], object], *, done: str
    ) -> None:
        """Call `act` on every object. A refusal becomes a message and stops nothing."""
        names = []
        for obj in objects:
            name = str(obj)
            try:
                act(obj)
            except DomainError as error:
                messages.error(request, f"{name}: {error.sentence}")
            else:
                names.append(name)
        if names:
            messages.success(request, f"{done}: {names[0] if len(names) == 1 else len(names)}.")

    def try_one(
        self, request: HttpRequest, object_id: str, act: Callable[[Any], object], *, done: str
    ) -> HttpResponse:
        """The end of a dialog: call `act` on the object, if it is the user's to see, and show its page anew."""
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        self.try_each(request, [obj], lambda found: _carry_out_once(request, act, found), done=done)
        meta = self.model._meta
        page = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=(obj.pk,))
        return HttpResponse(headers={"HX-Redirect": page})


def _carry_out_once(request: HttpRequest, act: Callable[[Any], object], obj: Model) -> None:
    """Call `act` for a form that was not sent before; what is refused may be sent again. Conflict otherwise."""
    actor, sent_before = actor_of(request), "This was sent twice, and counts once."
    try:
        claim = idempotency.claim_key(
            caller=f"{actor.kind}:{actor.id}",
            key=f"console:{request.POST['submission']}",
            route=f"{request.method} {request.path}"[:300],
            # Other fields do not make it another form.
            fingerprint="",
        )
    except Conflict as error:
        raise Conflict(sent_before, code=ErrorCode.IDEMPOTENCY_CONFLICT) from error
    if claim.status is not None:
        raise Conflict(sent_before, code=ErrorCode.IDEMPOTENCY_CONFLICT)
    try:
        with idempotency.carrying_out(claim):
            act(obj)
    except Exception:
        idempotency.give_up_claim(claim)
        raise
    idempotency.keep_answer(claim, status=200, answer=b"")


class ReadOnlyAdmin(ConsoleAdmin):
    """Rows that only the program writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        hidden = set(self.exclude or ())
        return list(self.fields or (field.name for field in self.opts.concrete_fields if field.name not in hidden))


class ReadOnlyInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    """Rows of an object, for those who may see rows of this kind."""

    extra = 0
    can_delete = False
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def changes(entry: AuditEntry) -> str:
    """`name: before → after` of every value of an audit row, and the reason."""
    names = list(dict.fromkeys([*entry.before, *entry.after]))
    lines = [(name, entry.before.get(name, ""), entry.after.get(name, "")) for name in names]
    told = format_html_join(", ", "{}: {} → {}", lines)
    return format_html("{} “{}”", told, entry.reason) if entry.reason else told
