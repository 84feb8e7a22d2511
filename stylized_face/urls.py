from django.urls import path, re_path

from . import api, views

app_name = "stylized_face"

urlpatterns = [
    path("sketch/", views.sketch_new, name="sketch-new"),
    path("sketch/<uuid:id>/", views.sketch_detail, name="sketch-detail"),
    path("sketch/<uuid:id>/live/", views.sketch_live, name="sketch-live"),
    path("sketch/<uuid:id>/cancel/", views.sketch_cancel, name="sketch-cancel"),
    path("sketch/<uuid:id>/delete/", views.sketch_delete, name="sketch-delete"),
    re_path(
        r"^sketch/(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/files/(?P<name>photo|aligned|sketch)\.png$",
        views.sketch_file,
        name="sketch-file",
    ),
]

api_urlpatterns = [
    path("models/", api.ModelListApi.as_view(), name="model-list"),
    path("stylizations/", api.StylizationCreateApi.as_view(), name="stylization-list"),
    path("stylizations/<uuid:id>/", api.StylizationDetailApi.as_view(), name="stylization-detail"),
    path("stylizations/<uuid:id>/cancel/", api.StylizationCancelApi.as_view(), name="stylization-cancel"),
]
