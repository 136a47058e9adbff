from django.urls import path

from catalog.views import assistant, images, keys, public, staff, staff_images

urlpatterns = [
    path("categories", public.CategoryList.as_view()),
    path("products", public.ProductList.as_view()),
    path("products/suggest", public.Suggestions.as_view()),
    path("products/sales-catalog", public.SalesCatalog.as_view()),
    path("products/<int:product_id>", public.ProductById.as_view()),
    path("products/<int:product_id>/thumbnail", images.Thumbnail.as_view()),
    path("products/sku/<path:sku>", public.ProductBySku.as_view()),
    path("admin/categories", staff.AdminCategories.as_view()),
    path("admin/products", staff.AdminProducts.as_view()),
    path("search/ai", assistant.SearchInWords.as_view()),
    path("chat", assistant.Chat.as_view()),
    path("chat/session", assistant.ChatSessions.as_view()),
    path("v1/categories", keys.KeyCategories.as_view()),
    path("v1/products", keys.KeyProducts.as_view()),
    path("v1/products/bulk-update", keys.KeyBulkUpdate.as_view()),
    # SKUs may have slashes. They are in capitals, and so never what stands behind them here.
    path("v1/products/<path:identifier>/image", keys.KeyImage.as_view()),
    path("v1/products/<path:identifier>/inventory", keys.KeyInventory.as_view()),
    path("v1/products/<path:identifier>/price", keys.KeyPrice.as_view()),
    path("v1/products/<path:identifier>", keys.KeyProduct.as_view()),
    path("staff/categories", staff.StaffCategories.as_view()),
    path("staff/categories/<int:category_id>", staff.StaffCategory.as_view()),
    path("staff/products", staff.StaffProducts.as_view()),
    path("staff/products/bulk-save", staff.BulkSave.as_view()),
    path("staff/products/<int:product_id>", staff.StaffProductView.as_view()),
    path("staff/products/upload-image", staff_images.UploadPicture.as_view()),
    path("staff/products/<int:product_id>/image", staff_images.ProductPicture.as_view()),
    path("staff/products/<int:product_id>/images", staff_images.ProductGallery.as_view()),
    path("staff/products/<int:product_id>/images/reorder", staff_images.ReorderGallery.as_view()),
    path("staff/products/<int:product_id>/images/<int:image_id>", staff_images.GalleryRow.as_view()),
    path("staff/products/<int:product_id>/images/<int:image_id>/set-primary", staff_images.SetPrimary.as_view()),
    path("staff/inventory", staff.Inventory.as_view()),
    path("staff/inventory/<int:product_id>", staff.InventoryItem.as_view()),
]
