from django.urls import path

from catalog import views

urlpatterns = [
    path("categories", views.CategoryList.as_view()),
    path("products", views.ProductList.as_view()),
    path("products/<int:product_id>", views.ProductById.as_view()),
    path("products/sku/<str:sku>", views.ProductBySku.as_view()),
    path("admin/categories", views.AdminCategories.as_view()),
    path("admin/products", views.AdminProducts.as_view()),
]
