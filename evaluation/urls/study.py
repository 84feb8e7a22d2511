"""Addresses of the study: pages and REST."""

from django.urls import path

from evaluation.api import study as api
from evaluation.views import study as pages

urlpatterns = [
    path("results/curve/", pages.study_curve, name="study-curve"),
    path("results/curve/<str:before>/<str:after>/", pages.study_moved, name="study-moved"),
    path("results/scatter/", pages.study_scatter, name="study-scatter"),
    path("results/choice/", pages.study_choice, name="study-choice"),
    path("results/comparison/", pages.study_comparison, name="study-comparison"),
    path("trainings/<uuid:run_id>/measured/", pages.training_evaluations, name="training-evaluations"),
    path(
        "checkpoints/<str:checkpoint_id>/generated/<str:sha256>.png", pages.generated_picture, name="generated-picture"
    ),
]
api_urlpatterns = [
    path("study/curve/", api.StudyCurveApi.as_view(), name="study-curve"),
    path("study/scatter/", api.StudyScatterApi.as_view(), name="study-scatter"),
    path("study/choice/", api.StudyChoiceApi.as_view(), name="study-choice"),
    path("study/comparison/", api.StudyComparisonApi.as_view(), name="study-comparison"),
    path("trainings/<uuid:run_id>/evaluate/", api.CheckpointsEvaluateApi.as_view(), name="training-evaluate"),
]
