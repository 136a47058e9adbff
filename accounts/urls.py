from django.urls import path

from accounts import views

urlpatterns = [
    path("login", views.Login.as_view()),
    path("logout", views.Logout.as_view()),
    path("me", views.Me.as_view()),
    path("auth/verify-email/<str:token>", views.VerifyEmail.as_view()),
    path("staff/login", views.StaffLogin.as_view()),
    path("staff/logout", views.StaffLogout.as_view()),
    path("staff/me", views.StaffMeView.as_view()),
]
