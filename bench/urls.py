"""The product's routes and, next to them, the compared views."""

from django.urls import include, path

from bench import handwritten, stock_drf, unkept

urlpatterns = [
    path("", include("lld.urls")),
    path("bench/drf/products", stock_drf.Products.as_view({"get": "list"})),
    path("bench/drf/sales-catalog", stock_drf.SalesCatalog.as_view({"get": "list"})),
    path("bench/unkept/products", unkept.Products.as_view()),
    path("bench/unkept/sales-catalog", unkept.SalesCatalog.as_view()),
    path("bench/raw/sales-catalog", handwritten.sales_catalog),
    path("bench/drf/orders", stock_drf.Orders.as_view({"get": "list"})),
    path("bench/drf/own-orders", stock_drf.OwnOrders.as_view({"get": "list"})),
    path("bench/raw/products", handwritten.products),
    path("bench/raw/orders", handwritten.orders),
    path("bench/raw/own-orders", handwritten.own_orders),
    path("bench/nothing", handwritten.nothing),
]
