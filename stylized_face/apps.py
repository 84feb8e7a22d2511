from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StylizedFaceConfig(AppConfig):
    name = "stylized_face"
    verbose_name = _("Sketches of visitors")
