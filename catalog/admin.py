"""The catalogue in the console. Stock figures change through the ledger only."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from rest_framework.exceptions import ValidationError

from catalog import rules
from catalog.models import (
    Barcode,
    Category,
    ChatSession,
    ChatTurn,
    Image,
    Product,
    ProductImage,
    Revision,
    StockMovement,
)
from catalog.selectors import search
from catalog.selectors.images import address_of, thumbnail_address_of
from catalog.selectors.products import everything
from catalog.serializers.images import ImageAddressField
from catalog.services import products
from lld.core.console import ConsoleAdmin, ReadOnlyAdmin, ReadOnlyInline, actor_of, badge, link, without
from lld.core.errors import InvalidInput

EDITABLE = (
    "sku",
    "name",
    "category",
    "brand",
    "unit_size",
    "description",
    "unit_price",
    "bulk_price",
    "bulk_quantity",
    "cost_per_item",
    "image_url",
    "is_active",
    "in_stock",
    "is_customizable",
    "case_quantity",
    "bin_location",
    "ship_weight_oz",
    "ship_box_name",
    "ship_box_length",
    "ship_box_width",
    "ship_box_height",
)


# A page of the console shows a hundred; nobody pages through thousands of hits.
MOST_FOUND = 1000


class ProductForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """What is sent back with the form says which version of the product its author saw."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Product
        fields = (*EDITABLE, "stock_quantity")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen_version"].initial = self.instance.version

    def clean_image_url(self) -> str:
        address = str(self.cleaned_data["image_url"])
        if address == self.instance.image_url:
            return address
        try:
            given = ImageAddressField().run_validation(address)
        except ValidationError as error:
            raise forms.ValidationError([str(sentence) for sentence in error.detail]) from error
        if isinstance(given, bytes):
            raise forms.ValidationError("Enter a web address; a picture itself is uploaded by the portal.")
        return str(given)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("unit_price") is not None:
            try:
                products.check_bulk_price(values)
            except InvalidInput as error:
                for name, sentences in (error.fields or {}).items():
                    self.add_error(name, list(sentences))
        return values


def thumbnail_of(name: str) -> str:
    """A picture in small, linked to itself in large."""
    shown = '<a href="{}"><img src="{}" alt="" loading="lazy" style="max-width:6rem;max-height:6rem"></a>'
    return format_html(shown, address_of(name), thumbnail_address_of(name))


class BarcodeInline(ReadOnlyInline):
    model = Barcode
    fields = ("code", "unit")


class PictureInline(ReadOnlyInline):
    model = ProductImage
    fields = ("thumbnail", "is_primary", "sort_order")
    readonly_fields = ("thumbnail",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProductImage]:
        rows: QuerySet[ProductImage] = super().get_queryset(request)
        return rows.select_related("image")

    @admin.display(description="Picture")
    def thumbnail(self, row: ProductImage) -> str:
        return thumbnail_of(row.image.name)


@admin.register(Product)
class ProductAdmin(ConsoleAdmin):
    form = ProductForm
    list_display = ("sku", "name", "category", "brand", "unit_price", "bulk_price", "available_label", "sale_label")
    list_display_links = ("sku", "name")
    list_filter = ("is_active", "in_stock", "category")
    list_select_related = ("category",)
    search_fields = ("sku", "name", "brand")
    search_help_text = "Words, a SKU or its beginning, or a barcode."
    sortable_by = ("sku", "name", "unit_price")
    ordering = ("name",)
    actions = ("deactivate", "activate")
    inlines = (BarcodeInline, PictureInline)
    readonly_fields = ("stock_reserved", "ledger", "created_at", "updated_at", "history")
    fieldsets = (
        (None, {"fields": (("sku", "category"), "name", ("brand", "unit_size"), "description", "image_url")}),
        ("Price", {"fields": (("unit_price", "cost_per_item"), ("bulk_price", "bulk_quantity"))}),
        ("Sale", {"fields": (("is_active", "in_stock", "is_customizable"),)}),
        ("Stock", {"fields": (("stock_quantity", "stock_reserved"), "ledger")}),
        (
            "Warehouse",
            {
                "fields": (
                    ("bin_location", "case_quantity", "ship_weight_oz"),
                    ("ship_box_name", "ship_box_length", "ship_box_width", "ship_box_height"),
                )
            },
        ),
        ("History", {"fields": (("created_at", "updated_at"), "history", "seen_version")}),
    )
    add_fieldsets = (*fieldsets[:3], ("Stock", {"fields": ("stock_quantity",)}), fieldsets[4])

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Product], search_term: str
    ) -> tuple[QuerySet[Product], bool]:
        """What the API's search finds, in the list's own order."""
        if not search_term.strip():
            return queryset, False
        return queryset.filter(pk__in=search.ranked(everything(), search_term)[:MOST_FOUND]), False

    @badge("Available", {"none": "danger", "some": "success"})
    def available_label(self, product: Product) -> tuple[str, str]:
        if product.available is None:
            return "", "not counted"
        return ("some" if product.available else "none"), str(product.available)

    @badge("Sale", {"inactive": "danger", "paused": "warning", "active": "success"})
    def sale_label(self, product: Product) -> tuple[str, str]:
        if not product.is_active:
            return "inactive", "inactive"
        return ("active", "on sale") if product.in_stock else ("paused", "paused")

    @admin.display(description="Stock ledger")
    def ledger(self, product: Product) -> str:
        address = reverse("admin:catalog_stockmovement_changelist")
        return link(f"{address}?product__id__exact={product.pk}", "Every movement")

    def get_fieldsets(self, request: HttpRequest, obj: Product | None = None) -> Any:
        """Without what only some may see: costs, and the history, which tells of them."""
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if rules.sees_costs(actor_of(request)) else without(fieldsets, *rules.COSTS, "history")

    def get_readonly_fields(self, request: HttpRequest, obj: Product | None = None) -> tuple[str, ...]:
        counted = ("stock_quantity",) if obj else ()
        return (*self.readonly_fields, *counted)

    def save_model(self, request: HttpRequest, obj: Product, form: ProductForm, change: bool) -> None:
        actor = actor_of(request)
        values = {name: value for name, value in form.cleaned_data.items() if name != "seen_version"}
        if change:
            seen = form.cleaned_data["seen_version"]
            products.change_product(obj.pk, values, actor=actor, expected_version=seen)
        else:
            obj.pk = products.create_product(actor=actor, category_id=values.pop("category").pk, **values).pk
        obj.refresh_from_db()

    @admin.action(description="Take off sale", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        self._set_active(request, queryset, False, done="Taken off sale")

    @admin.action(description="Put on sale", permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        self._set_active(request, queryset, True, done="Put on sale")

    def _set_active(self, request: HttpRequest, queryset: QuerySet[Product], active: bool, *, done: str) -> None:
        actor = actor_of(request)
        self.try_each(
            request,
            queryset,
            lambda product: products.change_product(product.pk, {"is_active": active}, actor=actor),
            done=done,
        )


@admin.register(Category)
class CategoryAdmin(ConsoleAdmin):
    list_display = ("name", "slug", "description")
    search_fields = ("name",)
    fields = ("name", "description", "slug", "created_at", "history")
    readonly_fields = ("slug", "created_at", "history")
    add_fieldsets = ((None, {"fields": ("name", "description")}),)

    def save_model(
        self, request: HttpRequest, obj: Category, form: "forms.ModelForm[Category]", change: bool
    ) -> None:
        actor = actor_of(request)
        if change:
            products.change_category(obj.pk, form.cleaned_data, actor=actor)
        else:
            obj.pk = products.create_category(actor=actor, **form.cleaned_data).pk
        obj.refresh_from_db()


@admin.register(Barcode)
class BarcodeAdmin(ReadOnlyAdmin):
    list_display = ("code", "unit", "product")
    list_select_related = ("product",)
    search_fields = ("code__exact",)
    search_help_text = "The whole code."
    sortable_by = ("code",)
    ordering = ("-pk",)


@admin.register(Image)
class ImageAdmin(ReadOnlyAdmin):
    list_display = ("thumbnail", "name", "width", "height", "size", "created_at")
    list_display_links = ("name",)
    search_fields = ("name__exact",)
    search_help_text = "The whole name, as in the picture's address."
    sortable_by = ()
    ordering = ("-pk",)

    @admin.display(description="Picture")
    def thumbnail(self, image: Image) -> str:
        return thumbnail_of(image.name)


@admin.register(StockMovement)
class StockMovementAdmin(ReadOnlyAdmin):
    linked_by = ("product",)
    list_display = (
        "created_at",
        "product",
        "reason_label",
        "quantity_delta",
        "reserved_delta",
        "quantity_after",
        "reserved_after",
        "reference",
        "actor",
    )
    list_select_related = ("product",)
    search_fields = ("reference__exact",)
    search_help_text = "The whole reference, such as an order's number."
    sortable_by = ()
    ordering = ("-pk",)

    @badge("Reason", {"deducted": "info", "restored": "warning", "corrected": "warning", "received": "success"})
    def reason_label(self, movement: StockMovement) -> tuple[str, str]:
        return movement.reason, movement.get_reason_display()


class ChatTurnInline(ReadOnlyInline):
    model = ChatTurn
    fields = ("speaker", "text", "created_at")
    readonly_fields = fields
    ordering = ("pk",)


@admin.register(ChatSession)
class ChatSessionAdmin(ReadOnlyAdmin):
    list_display = ("used_at", "id", "created_at")
    list_display_links = ("id",)
    sortable_by = ()
    ordering = ("-used_at",)
    inlines = (ChatTurnInline,)


@admin.register(Revision)
class RevisionAdmin(ReadOnlyAdmin):
    list_display = ("number", "changed_at")
    sortable_by = ()
