from django.apps import AppConfig


class StaffportalConfig(AppConfig):
    name = "staffportal"
