"""Addresses of the pages, and of this app's part of the REST API (which mysite puts below /api/v1/)."""

from django.urls import path

from . import api, views

app_name = "datasetviewer"

urlpatterns = [
    path("datasets/", views.dataset_list, name="dataset-list"),
    path("datasets/import/", views.dataset_import, name="dataset-import"),
    path("datasets/<slug:slug>/", views.dataset_detail, name="dataset-detail"),
    path("datasets/<slug:slug>/publish/", views.dataset_publish, name="dataset-publish"),
    path("datasets/<slug:slug>/subjects/<str:name>/", views.subject_detail, name="subject-detail"),
    path("datasets/<slug:slug>/images/<int:image_id>/", views.image_detail, name="image-detail"),
    path("datasets/<slug:slug>/images/<int:image_id>/file", views.image_file, name="image-file"),
    path(
        "datasets/<slug:slug>/images/<int:image_id>/thumbnail/<int:size>", views.image_thumbnail, name="image-thumbnail"
    ),
]

api_urlpatterns = [
    path("datasets/", api.DatasetListApi.as_view(), name="dataset-list"),
    path("datasets/<slug:slug>/", api.DatasetDetailApi.as_view(), name="dataset-detail"),
    path("images/", api.ImageListApi.as_view(), name="image-list"),
    path("images/<int:image_id>/", api.ImageDetailApi.as_view(), name="image-detail"),
    path("images/<int:image_id>/file/", api.ImageFileApi.as_view(), name="image-file"),
    path("images/<int:image_id>/thumbnails/<int:size>/", api.ImageThumbnailApi.as_view(), name="image-thumbnail"),
]
