"""Addresses of landmarks, alignment and filter; urls.py takes both lists over."""

from django.urls import path

from .api import alignment as alignment_api
from .views import alignment as alignment_views
from .views import filtering as filter_views

urlpatterns = [
    path("datasets/<slug:slug>/align/", alignment_views.dataset_align, name="dataset-align"),
    path("datasets/<slug:slug>/align/detect/", alignment_views.dataset_detect, name="dataset-detect"),
    path("datasets/<slug:slug>/filter/", filter_views.dataset_filter, name="dataset-filter"),
    path("datasets/<slug:slug>/filter/decisions/", filter_views.dataset_decide, name="dataset-decide"),
    path("datasets/<slug:slug>/filter/decisions.csv", filter_views.decisions_csv, name="decisions-csv"),
    path(
        "datasets/<slug:slug>/filter/decisions/<int:decision_id>/undo/",
        filter_views.decision_take_back,
        name="decision-undo",
    ),
    path(
        "datasets/<slug:slug>/images/<int:image_id>/landmarks/",
        alignment_views.image_landmarks,
        name="image-landmarks",
    ),
    path(
        "datasets/<slug:slug>/images/<int:image_id>/landmarks/revert/",
        alignment_views.image_landmarks_revert,
        name="image-landmarks-revert",
    ),
    path("datasets/<slug:slug>/images/<int:image_id>/aligned.png", alignment_views.image_aligned, name="image-aligned"),
]

api_urlpatterns = [
    path("images/<int:image_id>/landmarks/", alignment_api.LandmarksApi.as_view(), name="image-landmarks"),
    path(
        "images/<int:image_id>/landmarks/revert/",
        alignment_api.LandmarksRevertApi.as_view(),
        name="image-landmarks-revert",
    ),
    path(
        "datasets/<slug:slug>/landmark-detections/",
        alignment_api.DetectionListApi.as_view(),
        name="dataset-detections",
    ),
    path("datasets/<slug:slug>/alignments/", alignment_api.AlignmentListApi.as_view(), name="dataset-alignments"),
    path("datasets/<slug:slug>/filters/", alignment_api.FilterListApi.as_view(), name="dataset-filters"),
    path("datasets/<slug:slug>/decisions/", alignment_api.DecisionListApi.as_view(), name="dataset-decisions"),
    path(
        "datasets/<slug:slug>/decisions/<int:decision_id>/",
        alignment_api.DecisionDetailApi.as_view(),
        name="dataset-decision",
    ),
]
