from django.urls import path

from staffportal.views import images, mail, orders, people, products

urlpatterns = [
    path("staff/orders", orders.StaffOrders.as_view()),
    path("staff/orders/<int:order_id>", orders.StaffOrder.as_view()),
    path("staff/orders/<int:order_id>/status", orders.OrderStatusView.as_view()),
    path("staff/orders/<int:order_id>/mark-paid", orders.MarkPaidView.as_view()),
    path("staff/orders/<int:order_id>/notes", orders.NotesView.as_view()),
    path("staff/orders/<int:order_id>/address", orders.AddressView.as_view()),
    path("staff/orders/<int:order_id>/release-hold", orders.ReleaseHoldView.as_view()),
    path("staff/categories", products.StaffCategories.as_view()),
    path("staff/products", products.StaffProducts.as_view()),
    path("staff/products/bulk-save", products.BulkSave.as_view()),
    path("staff/products/<int:product_id>", products.StaffProductView.as_view()),
    path("staff/products/upload-image", images.UploadPicture.as_view()),
    path("staff/products/<int:product_id>/image", images.ProductPicture.as_view()),
    path("staff/products/<int:product_id>/images", images.ProductGallery.as_view()),
    path("staff/products/<int:product_id>/images/reorder", images.ReorderGallery.as_view()),
    path("staff/products/<int:product_id>/images/<int:image_id>", images.GalleryRow.as_view()),
    path("staff/products/<int:product_id>/images/<int:image_id>/set-primary", images.SetPrimary.as_view()),
    path("staff/inventory", products.Inventory.as_view()),
    path("staff/inventory/<int:product_id>", products.InventoryItem.as_view()),
    path("staff/users", people.StaffUsers.as_view()),
    path("staff/users/<int:user_id>", people.StaffUser.as_view()),
    path("staff/team", people.Team.as_view()),
    path("staff/website-users", people.WebsiteUsers.as_view()),
    path("staff/test-email", mail.TestEmail.as_view()),
    path("staff/smtp-debug", mail.SmtpDebug.as_view()),
]
