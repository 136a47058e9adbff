from django.db import models


class StockReason(models.TextChoices):
    """Why a stock figure changed."""

    OPENING = "opening", "Opening count"
    RESERVED = "reserved", "Promised to an order"
    RELEASED = "released", "Promise given back"
    DEDUCTED = "deducted", "Taken for an order"
    RESTORED = "restored", "Back from a cancelled order"
    CORRECTED = "corrected", "Counted by staff"
    RECEIVED = "received", "Received from a supplier"


class Speaker(models.TextChoices):
    """Who said a turn of a conversation."""

    USER = "user", "Customer"
    ASSISTANT = "assistant", "Assistant"


class BarcodeUnit(models.TextChoices):
    EACH = "each", "One selling unit"
    CASE = "case", "A case"
