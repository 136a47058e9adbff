from django.urls import path

from staffportal import views

urlpatterns = [
    path("staff/orders", views.StaffOrders.as_view()),
    path("staff/orders/<int:order_id>", views.StaffOrder.as_view()),
    path("staff/orders/<int:order_id>/status", views.OrderStatusView.as_view()),
    path("staff/orders/<int:order_id>/mark-paid", views.MarkPaidView.as_view()),
    path("staff/orders/<int:order_id>/notes", views.NotesView.as_view()),
    path("staff/orders/<int:order_id>/address", views.AddressView.as_view()),
    path("staff/orders/<int:order_id>/release-hold", views.ReleaseHoldView.as_view()),
]
