from django.urls import path

from staffportal.views import mail, people

urlpatterns = [
    path("staff/users", people.StaffUsers.as_view()),
    path("staff/users/<int:user_id>", people.StaffUser.as_view()),
    path("staff/team", people.Team.as_view()),
    path("staff/website-users", people.WebsiteUsers.as_view()),
    path("staff/test-email", mail.TestEmail.as_view()),
    path("staff/smtp-debug", mail.SmtpDebug.as_view()),
]
