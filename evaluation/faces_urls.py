"""Addresses of the pairs behind the numbers: the faces page, pictures, maps and REST."""

from django.urls import path

from evaluation.api import pair_values as api
from evaluation.views import faces

urlpatterns = [
    path("results/faces/", faces.faces, name="faces"),
    path("evaluations/<uuid:evaluation_id>/pairs/<int:index>/<str:side>", faces.pair_picture, name="pair-picture"),
    path("evaluations/<uuid:evaluation_id>/pairs/<int:index>/maps/<str:kind>.png", faces.pair_map, name="pair-map"),
]
api_urlpatterns = [
    path("evaluations/<uuid:evaluation_id>/images/", api.EvaluationPairsApi.as_view(), name="evaluation-images"),
]
