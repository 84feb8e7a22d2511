"""Addresses of imports and protocols, pages and REST; urls.py puts them before those of single datasets."""

from django.urls import path

from . import import_api, protocol_api
from .views import imports, protocols

urlpatterns = [
    path("datasets/import/", imports.dataset_import, name="dataset-import"),
    path("datasets/import/upload/", imports.dataset_import_upload, name="dataset-import-upload"),
    path("datasets/<slug:slug>/imports/", imports.import_list, name="dataset-import-list"),
    path("datasets/<slug:slug>/imports/<int:import_id>/", imports.import_detail, name="dataset-import-detail"),
    path("datasets/<slug:slug>/imports/<int:import_id>/cancel/", imports.import_cancel, name="dataset-import-cancel"),
    path("datasets/<slug:slug>/protocols/", protocols.protocol_list, name="protocol-list"),
    path("datasets/<slug:slug>/protocols/<slug:name>/", protocols.protocol_detail, name="protocol-detail"),
    path("datasets/<slug:slug>/protocols/<slug:name>/v<int:version>.csv", protocols.protocol_csv, name="protocol-csv"),
    path("datasets/<slug:slug>/protocols/<slug:name>/apply/", protocols.protocol_apply, name="protocol-apply"),
    path(
        "datasets/<slug:slug>/protocols/<slug:name>/validation/",
        protocols.protocol_validation,
        name="protocol-validation",
    ),
]

api_urlpatterns = [
    path("datasets/imports/", import_api.ImportListApi.as_view(), name="import-list"),
    path("datasets/imports/<int:import_id>/", import_api.ImportDetailApi.as_view(), name="import-detail"),
    path("datasets/imports/<int:import_id>/cancel/", import_api.ImportCancelApi.as_view(), name="import-cancel"),
    path("datasets/imports/<int:import_id>/files/", import_api.ImportFilesApi.as_view(), name="import-files"),
    path("datasets/<slug:slug>/protocols/", protocol_api.ProtocolListApi.as_view(), name="protocol-list"),
    path(
        "datasets/<slug:slug>/protocols/<slug:name>/", protocol_api.ProtocolDetailApi.as_view(), name="protocol-detail"
    ),
    path(
        "datasets/<slug:slug>/protocols/<slug:name>/entries/",
        protocol_api.ProtocolEntriesApi.as_view(),
        name="protocol-entries",
    ),
    path(
        "datasets/<slug:slug>/protocols/<slug:name>/apply/",
        protocol_api.ProtocolApplyApi.as_view(),
        name="protocol-apply",
    ),
    path(
        "datasets/<slug:slug>/protocols/<slug:name>/validation/",
        protocol_api.ProtocolValidationApi.as_view(),
        name="protocol-validation",
    ),
]
