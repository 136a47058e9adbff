from django.urls import path

from orders.views import customers, payments, staff, webhooks

urlpatterns = [
    path("config", customers.Config.as_view()),
    path("orders", customers.Orders.as_view()),
    path("orders/quote", customers.QuoteOrder.as_view()),
    path("orders/create-account", customers.CreateAccountView.as_view()),
    path("orders/by-phone/<str:phone>", customers.OrdersByPhone.as_view()),
    path("orders/<order_number:order_number>", customers.OrderByNumber.as_view()),
    path("orders/<order_number:order_number>/reorder", customers.Reorder.as_view()),
    path("payments/create-intent", payments.CreateIntentView.as_view()),
    path("payments/confirm", payments.ConfirmPaymentView.as_view()),
    path("payments/create-link", payments.CreateLinkView.as_view()),
    path("webhooks/stripe", webhooks.StripeWebhook.as_view()),
    path("staff/orders", staff.StaffOrders.as_view()),
    path("staff/orders/<int:order_id>", staff.StaffOrder.as_view()),
    path("staff/orders/<int:order_id>/status", staff.OrderStatusView.as_view()),
    path("staff/orders/<int:order_id>/mark-paid", staff.MarkPaidView.as_view()),
    path("staff/orders/<int:order_id>/notes", staff.NotesView.as_view()),
    path("staff/orders/<int:order_id>/address", staff.AddressView.as_view()),
    path("staff/orders/<int:order_id>/release-hold", staff.ReleaseHoldView.as_view()),
]
