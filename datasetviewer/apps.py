from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DatasetViewerConfig(AppConfig):
    name = "datasetviewer"
    verbose_name = _("Datasets")
