"""Addresses of the pages, and of this app's part of the REST API (which mysite puts below /api/v1/)."""

from django.urls import path

from . import alignment_urls, import_urls, views
from .api import browse, insight, sets

app_name = "datasetviewer"

urlpatterns = [
    path("datasets/", views.dataset_list, name="dataset-list"),
    *import_urls.urlpatterns,
    path("datasets/<slug:slug>/", views.dataset_detail, name="dataset-detail"),
    path("datasets/<slug:slug>/images.csv", views.dataset_images_csv, name="dataset-images-csv"),
    path("datasets/<slug:slug>/select/", views.dataset_select, name="dataset-select"),
    path("datasets/<slug:slug>/statistics/", views.dataset_statistics, name="dataset-statistics"),
    path("datasets/<slug:slug>/duplicates/", views.dataset_duplicates, name="dataset-duplicates"),
    path("sets/", views.image_set_list, name="image-set-list"),
    path("sets/<slug:slug>/", views.image_set_detail, name="image-set-detail"),
    path("sets/<slug:slug>/images.csv", views.image_set_csv, name="image-set-csv"),
    path("sets/<slug:slug>/delete/", views.image_set_delete, name="image-set-delete"),
    path("sets/<slug:slug>/restore/", views.image_set_restore, name="image-set-restore"),
    path("datasets/<slug:slug>/publish/", views.dataset_publish, name="dataset-publish"),
    path("datasets/<slug:slug>/subjects/<str:name>/", views.subject_detail, name="subject-detail"),
    path("datasets/<slug:slug>/images/<int:image_id>/", views.image_detail, name="image-detail"),
    path("datasets/<slug:slug>/images/<int:image_id>/file", views.image_file, name="image-file"),
    path(
        "datasets/<slug:slug>/images/<int:image_id>/thumbnail/<int:size>", views.image_thumbnail, name="image-thumbnail"
    ),
    *alignment_urls.urlpatterns,
]

api_urlpatterns = [
    path("datasets/", browse.DatasetListApi.as_view(), name="dataset-list"),
    *import_urls.api_urlpatterns,
    path("datasets/<slug:slug>/", browse.DatasetDetailApi.as_view(), name="dataset-detail"),
    path("datasets/<slug:slug>/statistics/", insight.DatasetStatisticsApi.as_view(), name="dataset-statistics"),
    path("datasets/<slug:slug>/duplicates/", insight.DatasetDuplicatesApi.as_view(), name="dataset-duplicates"),
    path("image-sets/", sets.ImageSetListApi.as_view(), name="image-set-list"),
    path("image-sets/<slug:slug>/", sets.ImageSetDetailApi.as_view(), name="image-set-detail"),
    path("image-sets/<slug:slug>/restore/", sets.ImageSetRestoreApi.as_view(), name="image-set-restore"),
    path("images/", browse.ImageListApi.as_view(), name="image-list"),
    path("images/<int:image_id>/", browse.ImageDetailApi.as_view(), name="image-detail"),
    path("images/<int:image_id>/file/", browse.ImageFileApi.as_view(), name="image-file"),
    path("images/<int:image_id>/thumbnails/<int:size>/", browse.ImageThumbnailApi.as_view(), name="image-thumbnail"),
    *alignment_urls.api_urlpatterns,
]
