from django.db import models


class OrderStatus(models.TextChoices):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    PACKED = "packed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


# Forward, in order; staff may skip.
PROGRESS = (
    OrderStatus.PENDING,
    OrderStatus.CONFIRMED,
    OrderStatus.PACKED,
    OrderStatus.SHIPPED,
    OrderStatus.DELIVERED,
)
# What staff may ask for: nothing goes back to pending.
TARGETS = [(status.value, status.label) for status in (*PROGRESS[1:], OrderStatus.CANCELLED)]
CANCELLABLE = frozenset({OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PACKED})


def may_move(current: str, target: str) -> bool:
    """Forward along PROGRESS, or to cancelled while nothing has been shipped."""
    if target == OrderStatus.CANCELLED:
        return current in CANCELLABLE
    if OrderStatus.CANCELLED in {current, target}:
        return False
    return PROGRESS.index(OrderStatus(target)) > PROGRESS.index(OrderStatus(current))


class PaymentStatus(models.TextChoices):
    UNPAID = "unpaid"
    PROCESSING = "processing", "Processing (bank transfer under way)"
    CHECK_REVIEW = "check_review", "Check in review"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    FAILED = "failed"


class PaymentMethod(models.TextChoices):
    NET30 = "net30", "On terms"
    CREDIT_CARD = "credit_card", "Card"
    ACH = "ach", "Bank transfer (ACH)"
    CHECK = "check", "Check"
    CASH = "cash", "Cash"
    STORE_CREDIT = "store_credit", "Store credit"
    OTHER = "other", "Other"


# What a customer may choose at checkout.
CHECKOUT_METHODS = (PaymentMethod.NET30, PaymentMethod.CREDIT_CARD, PaymentMethod.ACH, PaymentMethod.CHECK)
CHECKOUT_CHOICES = [(method.value, method.label) for method in CHECKOUT_METHODS]

# What staff can hold in hand or see on the bank's statement.
IN_HAND_METHODS = (
    PaymentMethod.CASH,
    PaymentMethod.CHECK,
    PaymentMethod.CREDIT_CARD,
    PaymentMethod.ACH,
    PaymentMethod.OTHER,
)
IN_HAND_CHOICES = [(method.value, method.label) for method in IN_HAND_METHODS]


# How staff give money back by hand.
HAND_OUT_CHOICES = [*IN_HAND_CHOICES, (PaymentMethod.STORE_CREDIT.value, PaymentMethod.STORE_CREDIT.label)]


class OrderSource(models.TextChoices):
    WEB = "web"
    STAFF = "staff"
    VOICE = "voice"
    SUBSCRIPTION = "subscription"
    IMPORT = "import"


class HoldReason(models.TextChoices):
    NOT_APPROVED = "not_approved", "Not approved for terms"
    OVER_LIMIT = "over_limit", "Over the credit limit"
    OVERDUE = "overdue", "Has overdue orders"
    MONEY_LEFT = "money_left", "Was paid, but the money has left again"


class PaymentState(models.TextChoices):
    """`creating`: the vendor was or will be asked, its answer is not known yet."""

    CREATING = "creating"
    OPEN = "open", "Waiting for the customer"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    UNAPPLIED = "unapplied", "Money came that the order does not owe"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RefundState(models.TextChoices):
    """`requested`: the vendor was or will be asked, its answer is not known yet."""

    REQUESTED = "requested"
    PENDING = "pending", "Under way at the vendor"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    MANUAL = "manual", "To be handed out by staff"
    WITHDRAWN = "withdrawn", "Withdrawn, and not sent"


class RefundDestination(models.TextChoices):
    STRIPE = "stripe", "The card or bank account it came from"
    HAND = "hand", "Handed out by staff"
    CREDIT = "credit", "Store credit"


class DisputeState(models.TextChoices):
    """`inquiry`: the bank asks, and has taken nothing."""

    INQUIRY = "inquiry"
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class LinkState(models.TextChoices):
    CREATING = "creating"
    ACTIVE = "active"
    EXPIRED = "expired"
    FAILED = "failed"


class CheckState(models.TextChoices):
    REVIEW = "review", "In review"
    APPROVED = "approved"
    REJECTED = "rejected"
    REPLACED = "replaced", "Replaced by a newer picture"


class EntryKind(models.TextChoices):
    CHARGE = "charge", "Goods, delivery and tax"
    EDIT = "edit", "Lines changed"
    ADJUSTMENT = "adjustment"
    PAYMENT = "payment"
    CREDIT = "credit", "Store credit"
    REFUND = "refund"
    CHARGEBACK = "chargeback", "Taken back by the bank"
    WRITE_OFF = "write_off", "Written off"


class CreditReason(models.TextChoices):
    OVERPAYMENT = "overpayment"
    REFUND = "refund"
    ISSUED = "issued"
    DEDUCTED = "deducted"
    APPLIED = "applied"


class AttentionKind(models.TextChoices):
    LATE_PAYMENT = "late_payment", "Money came for a cancelled or paid order"
    PAYMENT_MISMATCH = "payment_mismatch", "Money came that does not equal the balance"
    PAYMENT_FAILED = "payment_failed", "A payment failed"
    REFUND_FAILED = "refund_failed", "A refund failed"
    MANUAL_REFUND = "manual_refund", "Money must be handed back by staff"
    DISPUTED = "disputed", "A payment is disputed"
    CHARGED_BACK = "charged_back", "A bank has taken a payment back"
    REFUNDED_AT_STRIPE = "refunded_at_stripe", "Money was given back in Stripe's dashboard"
    OVERPAID = "overpaid", "More was paid than the order costs"
