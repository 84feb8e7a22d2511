"""Addresses of the pairs behind the numbers: faces, flicker, mistakes, blind votes, pictures, maps and REST."""

from django.urls import path

from evaluation.api import pair_values as api
from evaluation.api import preferences as preference_api
from evaluation.views import face_comparison, face_mistakes, faces, preferences

urlpatterns = [
    path("results/faces/", faces.faces, name="faces"),
    path("results/faces/comparison/", face_comparison.face_comparison, name="face-comparison"),
    path("results/faces/mistakes/", face_mistakes.face_mistakes, name="face-mistakes"),
    path("results/faces/votes/", preferences.preference_list, name="preference-list"),
    path("results/faces/votes/new/", preferences.preference_new, name="preference-new"),
    path("results/faces/votes/<uuid:test_id>/", preferences.preference_vote, name="preference-vote"),
    path("results/faces/votes/<uuid:test_id>/results/", preferences.preference_results, name="preference-results"),
    path("results/faces/votes/<uuid:test_id>/change/", preferences.preference_change, name="preference-change"),
    path(
        "results/faces/votes/<uuid:test_id>/<str:name>.csv", preferences.preference_download, name="preference-download"
    ),
    path(
        "results/faces/votes/<uuid:test_id>/pictures/<str:token>/<str:which>.png",
        preferences.preference_picture,
        name="preference-picture",
    ),
    path("evaluations/<uuid:evaluation_id>/pairs/<int:index>/<str:side>", faces.pair_picture, name="pair-picture"),
    path("evaluations/<uuid:evaluation_id>/pairs/<int:index>/maps/<str:kind>.png", faces.pair_map, name="pair-map"),
    path(
        "evaluations/<uuid:evaluation_id>/mistakes/<int:place>.png",
        face_mistakes.mistaken_picture,
        name="mistaken-picture",
    ),
]
api_urlpatterns = [
    path("evaluations/<uuid:evaluation_id>/images/", api.EvaluationPairsApi.as_view(), name="evaluation-images"),
    path("preferences/", preference_api.PreferenceListApi.as_view(), name="preference-list"),
    path("preferences/<uuid:test_id>/", preference_api.PreferenceDetailApi.as_view(), name="preference-detail"),
    path("preferences/<uuid:test_id>/votes/", preference_api.PreferenceVoteApi.as_view(), name="preference-votes"),
    path(
        "preferences/<uuid:test_id>/results/", preference_api.PreferenceResultsApi.as_view(), name="preference-results"
    ),
]
