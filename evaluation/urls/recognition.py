"""Addresses of recognition tests: pages and REST."""

from django.urls import path

from evaluation.api import recognitions as api
from evaluation.views import recogniser_choices as choices
from evaluation.views import recognitions as pages

urlpatterns = [
    path("recognitions/", pages.recognition_list, name="recognition-list"),
    path("recognitions/new/", pages.recognition_new, name="recognition-new"),
    path("recognitions/compare/", pages.recognition_compare, name="recognition-compare"),
    path("recognitions/choices/new/", choices.choice_new, name="recogniser-choice-new"),
    path("recognitions/choices/<uuid:choice_id>/", choices.choice_detail, name="recogniser-choice"),
    path("recognitions/choices/<uuid:choice_id>/cancel/", choices.choice_stop, name="recogniser-choice-cancel"),
    path("recognitions/choices/<uuid:choice_id>/delete/", choices.choice_remove, name="recogniser-choice-delete"),
    path("recognitions/<uuid:test_id>/", pages.recognition_detail, name="recognition-detail"),
    path("recognitions/<uuid:test_id>/cancel/", pages.recognition_stop, name="recognition-cancel"),
    path("recognitions/<uuid:test_id>/delete/", pages.recognition_delete, name="recognition-delete"),
    path("recognitions/<uuid:test_id>/values.csv", pages.recognition_csv, name="recognition-csv"),
    path("recognitions/<uuid:test_id>/pictures/<int:place>", pages.recognition_picture, name="recognition-picture"),
]
api_urlpatterns = [
    path("recognitions/", api.RecognitionListApi.as_view(), name="recognition-list"),
    path("recognitions/choices/", api.ChoiceListApi.as_view(), name="recogniser-choice-list"),
    path("recognitions/choices/<uuid:choice_id>/", api.ChoiceDetailApi.as_view(), name="recogniser-choice"),
    path(
        "recognitions/choices/<uuid:choice_id>/cancel/", api.ChoiceCancelApi.as_view(), name="recogniser-choice-cancel"
    ),
    path("recognitions/<uuid:test_id>/", api.RecognitionDetailApi.as_view(), name="recognition-detail"),
    path("recognitions/<uuid:test_id>/cancel/", api.RecognitionCancelApi.as_view(), name="recognition-cancel"),
]
