"""Addresses of uploaded sets, folders and recomputing; urls.py puts them beside the others."""

from django.urls import path

from evaluation.api import results, uploads
from evaluation.views import sets

urlpatterns = [
    path("evaluations/uploads/", sets.upload_list, name="upload-list"),
    path("evaluations/uploads/new/", sets.upload_new, name="upload-new"),
    path("evaluations/uploads/<uuid:upload_id>/delete/", sets.upload_delete, name="upload-delete"),
    path("results/<int:result_id>/recompute/", sets.result_recompute, name="result-recompute"),
]
api_urlpatterns = [
    path("uploads/", uploads.UploadListApi.as_view(), name="upload-list"),
    path("uploads/<uuid:upload_id>/", uploads.UploadDetailApi.as_view(), name="upload-detail"),
    path("folders/", uploads.FolderListApi.as_view(), name="folder-list"),
    path("results/<int:result_id>/recompute/", results.ResultRecomputeApi.as_view(), name="result-recompute"),
]
