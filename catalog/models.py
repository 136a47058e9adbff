"""What we sell, and how much of it there is."""

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Case, Expression, F, Func, Q, Value, When
from django.db.models.functions import Concat, Lower, Substr, Upper

from catalog.enums import BarcodeUnit, Speaker, StockReason
from lld.core.columns import MoneyColumn
from lld.core.folding import dictionary_order

IMAGES, THUMBNAILS = "images/", "thumbnails/"


class Plain(Func):
    """Text as search compares it; `catalog.selectors.words.plain` is the same in Python."""

    function = "catalog_plain"
    arg_joiner = " || ' ' || "
    output_field = models.TextField()


class Spaced(Func):
    """Texts with a blank between them."""

    template = "(%(expressions)s)"
    arg_joiner = " || ' ' || "
    output_field = models.TextField()


class Head(Func):
    """What a thing is, without its qualities: a name up to its first comma."""

    template = "split_part(%(expressions)s, ',', 1)"
    output_field = models.TextField()


class SkuLetters(Func):
    """A SKU as it is typed by those who leave out its dots, dashes and slashes, in lower case."""

    template = "lower(translate(%(expressions)s, '-./_', ''))"
    output_field = models.TextField()


def _weighted(column: str | Func, weight: str) -> SearchVector:
    return SearchVector(Plain(column), config="english", weight=weight)


class Category(models.Model):
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=120, unique=True)
    description = models.TextField(max_length=1000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    vector = models.GeneratedField(
        expression=SearchVector(Plain("name"), config="english"), output_field=SearchVectorField(), db_persist=True
    )

    class Meta:
        verbose_name_plural = "categories"
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint(Lower("name"), name="category_name_unique")]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """One selling unit. `stock_quantity` None means that we do not count it; `stock_reserved` is promised to orders.

    A customer can have `stock_quantity − stock_reserved`; the two change only through `catalog.services.stock`.
    """

    sku = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=220)
    description = models.TextField(max_length=5000, blank=True)
    category = models.ForeignKey(Category, models.PROTECT, related_name="products")
    brand = models.CharField(max_length=80, blank=True)
    unit_size = models.CharField(max_length=60, blank=True)
    unit_price = MoneyColumn()
    bulk_price = MoneyColumn(null=True, blank=True)
    bulk_quantity = models.PositiveIntegerField(null=True, blank=True)
    cost_per_item = MoneyColumn(null=True, blank=True)
    image_url = models.CharField(
        max_length=500, blank=True, help_text="An address elsewhere, or the name of a file of ours: images/…"
    )
    is_active = models.BooleanField(default=True)
    is_customizable = models.BooleanField(default=False)
    in_stock = models.BooleanField(default=True, help_text="Off: not for sale at the moment, whatever the count.")
    stock_quantity = models.IntegerField(null=True, blank=True)
    stock_reserved = models.IntegerField(default=0)
    case_quantity = models.PositiveIntegerField(null=True, blank=True)
    bin_location = models.CharField(max_length=20, blank=True)
    ship_weight_oz = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    ship_box_name = models.CharField(max_length=60, blank=True)
    ship_box_length = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    ship_box_width = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    ship_box_height = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    # What `catalog.selectors.search` looks through. PostgreSQL keeps both as the columns above change. The last of
    # `words` is the SKU.
    vector = models.GeneratedField(
        expression=_weighted(Head("name"), "A")
        + _weighted("name", "B")
        + _weighted("brand", "C")
        + _weighted("description", "D"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    words = models.GeneratedField(
        expression=Spaced(Plain("name", "brand", "sku"), SkuLetters("sku")),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Upper("sku"), name="product_sku_unique"),
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="product_price_not_negative"),
            models.CheckConstraint(
                condition=Q(bulk_price=None, bulk_quantity=None)
                | Q(bulk_price__gte=0, bulk_price__lte=F("unit_price"), bulk_quantity__gte=2),
                name="product_bulk_price_whole",
            ),
            models.CheckConstraint(
                condition=Q(cost_per_item=None) | Q(cost_per_item__gte=0), name="product_cost_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(stock_quantity=None) | Q(stock_quantity__gte=0), name="product_stock_not_negative"
            ),
            models.CheckConstraint(condition=Q(stock_reserved__gte=0), name="product_reserved_not_negative"),
        ]
        indexes: ClassVar = [
            models.Index(dictionary_order("name"), F("id"), condition=Q(is_active=True), name="product_public_order"),
            models.Index(F("category"), dictionary_order("name"), F("id"), name="product_category_order"),
            # In kB, the least there is: every search reads what has been put off. Nothing put off makes imports slow.
            GinIndex(fields=["vector"], name="product_vector", gin_pending_list_limit=64),
            GinIndex(OpClass("words", name="gin_trgm_ops"), name="product_words", gin_pending_list_limit=64),
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"

    @property
    def available(self) -> int | None:
        """How many can be promised; None when we do not count."""
        return None if self.stock_quantity is None else max(self.stock_quantity - self.stock_reserved, 0)

    @property
    def image_address(self) -> str:
        return public_address(self.image_url)

    @property
    def thumbnail_address(self) -> str:
        """Our own small JPEG; of a picture elsewhere, that picture."""
        if not self.image_url.startswith(IMAGES):
            return self.image_url
        return public_address(f"{THUMBNAILS}{self.image_url.removeprefix(IMAGES)}")

    def can_promise(self, quantity: int) -> bool:
        return self.in_stock and self.is_active and (self.available is None or self.available >= quantity)


def public_address(place: str) -> str:
    """Where the world sees a file of ours; an address elsewhere stays."""
    return f"{settings.MEDIA_URL}{place}" if place.startswith((IMAGES, THUMBNAILS)) else place


def image_address() -> Case:
    """`Product.image_address` as an expression for lists."""
    return _address(F("image_url"))


def thumbnail_address() -> Case:
    """`Product.thumbnail_address` as an expression for lists."""
    return _address(Concat(Value(THUMBNAILS), Substr("image_url", len(IMAGES) + 1)))


def _address(place: Expression | F) -> Case:
    ours = Concat(Value(settings.MEDIA_URL), place, output_field=models.TextField())
    return Case(
        When(image_url__startswith=IMAGES, then=ours), default=F("image_url"), output_field=models.TextField()
    )


# Whether a customer could have one, as an expression for lists.
HAS_STOCK = Case(
    When(Q(in_stock=True) & (Q(stock_quantity=None) | Q(stock_quantity__gt=F("stock_reserved"))), then=Value(True)),
    default=Value(False),
    output_field=models.BooleanField(),
)


class Barcode(models.Model):
    """A GTIN that the warehouse scans: of one unit, or of a case."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="barcodes")
    code = models.CharField(max_length=14, unique=True)
    unit = models.CharField(max_length=4, choices=BarcodeUnit, default=BarcodeUnit.EACH)

    def __str__(self) -> str:
        return self.code


class Image(models.Model):
    """A picture that was checked and re-encoded. Its files are `images/<name>.jpg` and `thumbnails/<name>.jpg`.

    The name is a hash of the content, so a file never changes; those that no product shows are swept after a day.
    """

    name = models.CharField(max_length=64, unique=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField(help_text="Bytes.")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class ProductImage(models.Model):
    """A picture in a product's gallery. `Product.image_url` names the primary one."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="gallery")
    image = models.ForeignKey(Image, models.PROTECT, related_name="shown_by")
    is_primary = models.BooleanField(default=False)
    sort_order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["sort_order", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["product", "image"], name="product_image_once"),
            models.UniqueConstraint(
                fields=["product"], condition=Q(is_primary=True), name="product_image_one_primary"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.image_id}"


class Revision(models.Model):
    """One row: counts the changes of what the public catalogue shows, so that answers can be kept until the next."""

    number = models.PositiveBigIntegerField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(pk=1), name="revision_single_row")]

    def __str__(self) -> str:
        return str(self.number)


class StockMovement(models.Model):
    """One line of the stock ledger. The sums of the deltas are the product's figures, always."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="movements")
    reason = models.CharField(max_length=10, choices=StockReason)
    quantity_delta = models.IntegerField(default=0)
    reserved_delta = models.IntegerField(default=0)
    quantity_after = models.IntegerField(null=True)
    reserved_after = models.IntegerField()
    reference = models.CharField(max_length=60, blank=True, help_text="Such as an order's number.")
    actor = models.CharField(max_length=180)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["product", "-created_at"], name="stock_movement_product"),
            models.Index(fields=["reference"], name="stock_movement_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.reason} {self.quantity_delta:+}/{self.reserved_delta:+}"


class ChatSession(models.Model):
    """A conversation over the catalogue. Its id is random and all that is needed to go on with it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.id)


class ChatTurn(models.Model):
    session = models.ForeignKey(ChatSession, models.CASCADE, related_name="turns")
    speaker = models.CharField(max_length=9, choices=Speaker)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.session_id} {self.speaker}"
