"""Addresses of the evaluation app: pages, and the part of the REST API that mysite mounts under /api/v1/."""

from django.urls import path

from evaluation.api import checkpoints, evaluations, preflight, results, trainings
from evaluation.urls import faces, paper, recognition, sets, study
from evaluation.views import evaluations as evaluation_pages
from evaluation.views import samples as checkpoint_pages
from evaluation.views import trainings as training_pages
from evaluation.views import watching

app_name = "evaluation"
urlpatterns = [
    *sets.urlpatterns,
    *study.urlpatterns,
    *faces.urlpatterns,
    *paper.urlpatterns,
    *recognition.urlpatterns,
    path("evaluations/", evaluation_pages.evaluation_list, name="evaluation-list"),
    path("evaluations/new/", evaluation_pages.evaluation_new, name="evaluation-new"),
    path("evaluations/new/counts/", evaluation_pages.evaluation_counts, name="evaluation-counts"),
    path("evaluations/<uuid:evaluation_id>/", evaluation_pages.evaluation_detail, name="evaluation-detail"),
    path("evaluations/<uuid:evaluation_id>/live/", watching.evaluation_live, name="evaluation-live"),
    path("evaluations/<uuid:evaluation_id>/resubmit/", watching.evaluation_resubmit, name="evaluation-resubmit"),
    path("evaluations/<uuid:evaluation_id>/cancel/", evaluation_pages.evaluation_stop, name="evaluation-cancel"),
    path("results/", evaluation_pages.result_list, name="result-list"),
    path("trainings/", training_pages.training_list, name="training-list"),
    path("trainings/new/", training_pages.training_new, name="training-new"),
    path("trainings/new/counts/", training_pages.training_counts, name="training-counts"),
    path("trainings/preflight/", training_pages.preflight_new, name="training-preflight"),
    path("trainings/preflight/<uuid:preflight_id>/", training_pages.preflight_live, name="training-preflight-live"),
    path("trainings/<uuid:run_id>/", training_pages.training_detail, name="training-detail"),
    path("trainings/<uuid:run_id>/live/", training_pages.training_live, name="training-live"),
    path("trainings/<uuid:run_id>/samples/", checkpoint_pages.training_samples, name="training-samples"),
    path("trainings/<uuid:run_id>/cancel/", training_pages.training_cancel, name="training-cancel"),
    path("trainings/<uuid:run_id>/resume/", training_pages.training_resume, name="training-resume"),
    path(
        "checkpoints/<str:checkpoint_id>/samples/<str:name>",
        checkpoint_pages.checkpoint_sample,
        name="checkpoint-sample",
    ),
    path("checkpoints/<str:checkpoint_id>/change/", checkpoint_pages.checkpoint_change, name="checkpoint-change"),
    path("checkpoints/<str:checkpoint_id>/delete/", checkpoint_pages.checkpoint_delete, name="checkpoint-delete"),
    path("checkpoints/<str:checkpoint_id>/restore/", checkpoint_pages.checkpoint_restore, name="checkpoint-restore"),
]
api_urlpatterns = [
    *sets.api_urlpatterns,
    *study.api_urlpatterns,
    *faces.api_urlpatterns,
    *paper.api_urlpatterns,
    *recognition.api_urlpatterns,
    path("evaluations/preflight/", preflight.PreflightApi.as_view(), name="evaluation-preflight"),
    path("evaluations/", evaluations.EvaluationListApi.as_view(), name="evaluation-list"),
    path("evaluations/<uuid:evaluation_id>/", evaluations.EvaluationDetailApi.as_view(), name="evaluation-detail"),
    path(
        "evaluations/<uuid:evaluation_id>/cancel/", evaluations.EvaluationCancelApi.as_view(), name="evaluation-cancel"
    ),
    path("results/", results.ResultListApi.as_view(), name="result-list"),
    path("trainings/", trainings.TrainingListApi.as_view(), name="training-list"),
    path("trainings/preflight/", trainings.PreflightListApi.as_view(), name="training-preflight"),
    path(
        "trainings/preflight/<uuid:preflight_id>/",
        trainings.PreflightDetailApi.as_view(),
        name="training-preflight-detail",
    ),
    path("trainings/<uuid:run_id>/", trainings.TrainingDetailApi.as_view(), name="training-detail"),
    path("trainings/<uuid:run_id>/cancel/", trainings.TrainingCancelApi.as_view(), name="training-cancel"),
    path("trainings/<uuid:run_id>/resume/", trainings.TrainingResumeApi.as_view(), name="training-resume"),
    path("trainings/<uuid:run_id>/losses/", trainings.TrainingLossesApi.as_view(), name="training-losses"),
    path(
        "trainings/<uuid:run_id>/checkpoints/", trainings.TrainingCheckpointsApi.as_view(), name="training-checkpoints"
    ),
    path("checkpoints/<str:checkpoint_id>/", checkpoints.CheckpointDetailApi.as_view(), name="checkpoint-detail"),
    path(
        "checkpoints/<str:checkpoint_id>/restore/",
        checkpoints.CheckpointRestoreApi.as_view(),
        name="checkpoint-restore",
    ),
    path("checkpoints/<str:checkpoint_id>/file/", checkpoints.CheckpointFileApi.as_view(), name="checkpoint-file"),
]
