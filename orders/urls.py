from django.urls import path

from orders import views

urlpatterns = [
    path("config", views.Config.as_view()),
    path("orders", views.Orders.as_view()),
    path("orders/quote", views.QuoteOrder.as_view()),
    path("orders/create-account", views.CreateAccountView.as_view()),
    path("orders/by-phone/<str:phone>", views.OrdersByPhone.as_view()),
    path("orders/<str:order_number>", views.OrderByNumber.as_view()),
    path("orders/<str:order_number>/reorder", views.Reorder.as_view()),
    path("payments/create-intent", views.CreateIntentView.as_view()),
    path("payments/confirm", views.ConfirmPaymentView.as_view()),
    path("payments/create-link", views.CreateLinkView.as_view()),
    path("webhooks/stripe", views.StripeWebhook.as_view()),
]
