from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "mysite.access"
    label = "access"
    verbose_name = "Access"
