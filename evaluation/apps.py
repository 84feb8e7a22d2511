"""The evaluation app: how far apart two sets of pictures are, measured by jobs and compared in one table."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EvaluationConfig(AppConfig):
    name = "evaluation"
    verbose_name = _("Evaluation")
