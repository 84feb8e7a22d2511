"""Addresses of the evaluation app: pages, and the part of the REST API that mysite mounts under /api/v1/."""

from django.urls import path

from evaluation.api import evaluations, results
from evaluation.views import evaluations as evaluation_pages

app_name = "evaluation"
urlpatterns = [
    path("evaluations/", evaluation_pages.evaluation_list, name="evaluation-list"),
    path("evaluations/new/", evaluation_pages.evaluation_new, name="evaluation-new"),
    path("evaluations/new/counts/", evaluation_pages.evaluation_counts, name="evaluation-counts"),
    path("evaluations/<uuid:evaluation_id>/", evaluation_pages.evaluation_detail, name="evaluation-detail"),
    path("evaluations/<uuid:evaluation_id>/cancel/", evaluation_pages.evaluation_stop, name="evaluation-cancel"),
    path("results/", evaluation_pages.result_list, name="result-list"),
]
api_urlpatterns = [
    path("evaluations/", evaluations.EvaluationListApi.as_view(), name="evaluation-list"),
    path("evaluations/<uuid:evaluation_id>/", evaluations.EvaluationDetailApi.as_view(), name="evaluation-detail"),
    path(
        "evaluations/<uuid:evaluation_id>/cancel/", evaluations.EvaluationCancelApi.as_view(), name="evaluation-cancel"
    ),
    path("results/", results.ResultListApi.as_view(), name="result-list"),
]
