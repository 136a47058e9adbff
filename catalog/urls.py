from django.urls import path

from catalog.views import assistant, images, keys, public

urlpatterns = [
    path("categories", public.CategoryList.as_view()),
    path("products", public.ProductList.as_view()),
    path("products/suggest", public.Suggestions.as_view()),
    path("products/sales-catalog", public.SalesCatalog.as_view()),
    path("products/<int:product_id>", public.ProductById.as_view()),
    path("products/<int:product_id>/thumbnail", images.Thumbnail.as_view()),
    path("products/sku/<str:sku>", public.ProductBySku.as_view()),
    path("admin/categories", public.AdminCategories.as_view()),
    path("admin/products", public.AdminProducts.as_view()),
    path("search/ai", assistant.SearchInWords.as_view()),
    path("chat", assistant.Chat.as_view()),
    path("chat/session", assistant.ChatSessions.as_view()),
    path("v1/categories", keys.KeyCategories.as_view()),
    path("v1/products", keys.KeyProducts.as_view()),
    path("v1/products/bulk-update", keys.KeyBulkUpdate.as_view()),
    path("v1/products/<str:identifier>", keys.KeyProduct.as_view()),
    path("v1/products/<str:identifier>/image", images.KeyImage.as_view()),
    path("v1/products/<str:identifier>/inventory", keys.KeyInventory.as_view()),
    path("v1/products/<str:identifier>/price", keys.KeyPrice.as_view()),
]
