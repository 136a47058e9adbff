"""A row of every kind that the console shows."""

from django.apps import apps
from django.utils import timezone

from accounts.enums import TokenPurpose
from accounts.models import (
    AccountToken,
    DoNotCall,
    PhoneCode,
    PhoneSession,
    RevokedStaffToken,
    SmsConsent,
    SmsDelivery,
    User,
)
from accounts.services.keys import create_api_key
from catalog.enums import Speaker, StockReason
from catalog.models import Barcode, ChatTurn, Revision
from catalog.services.assistant import open_session
from lld.core.actors import SYSTEM
from lld.core.models import IdempotencyClaim, WebhookEvent
from orders.enums import AttentionKind, CheckState, CreditReason, DisputeState, LinkState, PaymentMethod
from orders.models import Check, Dispute, Order, PaymentLink
from orders.services import credit, payments, progress
from orders.services.attention import raise_attention
from tests import stock
from tests.api.world import COST
from tests.factories import CustomerFactory, ProductFactory, place
from tests.pictures import shown


def one_of_everything(rep: User | None = None) -> Order:
    customer = CustomerFactory(terms=None)
    product = ProductFactory(cost_per_item=COST)
    Barcode.objects.create(product=product, code="00012345678905")
    shown(product)
    stock.count(product.pk, 30, reason=StockReason.OPENING, actor=SYSTEM)
    Revision.objects.create(pk=1, number=1, changed_at=timezone.now())
    conversation = open_session()
    ChatTurn.objects.create(session=conversation, speaker=Speaker.USER, text="Aprons?")
    order = place((product, 2), customer=customer, sales_rep=rep)
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    progress.cancel_order(order.pk, actor=SYSTEM)
    credit.post_credit(
        customer_id=customer.pk, amount=5, reason=CreditReason.ISSUED, actor=SYSTEM, key="k", order=order
    )
    PaymentLink.objects.create(
        order=order, amount=1, state=LinkState.EXPIRED, expires_at=timezone.now(), created_by="system"
    )
    Check.objects.create(order=order, front="checks/a.jpg", uploaded_by="guest", state=CheckState.REJECTED)
    Dispute.objects.create(payment=order.payments.get(), dispute_id="du_1", state=DisputeState.WON, amount=1)
    raise_attention(order, AttentionKind.LATE_PAYMENT, "Look", key="look")
    create_api_key(actor=SYSTEM, name="robot")
    now = timezone.now()
    AccountToken.objects.create(user=customer, purpose=TokenPurpose.VERIFY_EMAIL, token_hash="a" * 64, expires_at=now)
    PhoneCode.objects.create(phone="+13125550147", purpose="recover", code_hash="c" * 64, expires_at=now)
    PhoneSession.objects.create(phone="+13125550147", token_hash="b" * 64, expires_at=now)
    SmsDelivery.objects.create(message_sid="SM1", status="sent", rank=3, phone="+13125550147")
    RevokedStaffToken.objects.create(jti="c", expires_at=now)
    SmsConsent.objects.create(phone="+13125550147", consented=True, text_version="1", source="web")
    DoNotCall.objects.create(phone="+13125550147", set_by="staff")
    WebhookEvent.objects.create(vendor="stripe", vendor_event_id="evt_1", kind="charge", payload={})
    IdempotencyClaim.objects.create(caller="guest:1", key="k", route="POST /", fingerprint="f", answer=b"secret")
    apps.get_model("django_celery_beat.PeriodicTask").objects.create(
        name="sweep",
        task="lld.core.tasks.sweep_outbox",
        interval=apps.get_model("django_celery_beat.IntervalSchedule").objects.create(every=10, period="seconds"),
    )
    return order
