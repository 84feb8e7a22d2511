"""Addresses of the evaluation app: pages, and the part of the REST API that mysite mounts under /api/v1/."""

from django.urls import path

from evaluation import views
from evaluation.api import evaluations, results

app_name = "evaluation"
urlpatterns = [
    path("evaluations/", views.evaluation_list, name="evaluation-list"),
    path("evaluations/new/", views.evaluation_new, name="evaluation-new"),
    path("evaluations/new/counts/", views.evaluation_counts, name="evaluation-counts"),
    path("evaluations/<uuid:evaluation_id>/", views.evaluation_detail, name="evaluation-detail"),
    path("evaluations/<uuid:evaluation_id>/cancel/", views.evaluation_stop, name="evaluation-cancel"),
    path("results/", views.result_list, name="result-list"),
]
api_urlpatterns = [
    path("evaluations/", evaluations.EvaluationListApi.as_view(), name="evaluation-list"),
    path("evaluations/<uuid:evaluation_id>/", evaluations.EvaluationDetailApi.as_view(), name="evaluation-detail"),
    path(
        "evaluations/<uuid:evaluation_id>/cancel/", evaluations.EvaluationCancelApi.as_view(), name="evaluation-cancel"
    ),
    path("results/", results.ResultListApi.as_view(), name="result-list"),
]
