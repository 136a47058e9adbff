from django.urls import path

from shipping import views

urlpatterns = [
    path("shipping/orders", views.ShippingOrders.as_view()),
    path("shipping/orders/<order_number:order_number>", views.ShippingOrderDetail.as_view()),
    path("shipping/orders/<order_number:order_number>/confirm", views.ConfirmOrder.as_view()),
    path("shipping/orders/<order_number:order_number>/ship", views.ShipOrder.as_view()),
    path("shipping/orders/<order_number:order_number>/deliver", views.DeliverOrder.as_view()),
    path("shipping/orders/<order_number:order_number>/packing-slip", views.PackingSlipView.as_view()),
]
