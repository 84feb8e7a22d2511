"""Addresses of imports and protocols, pages and REST; urls.py puts them before those of single datasets."""

from django.urls import path

from .api import imports as imports_api
from .api import protocols as protocols_api
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
    path("datasets/imports/", imports_api.ImportListApi.as_view(), name="import-list"),
    path("datasets/imports/<int:import_id>/", imports_api.ImportDetailApi.as_view(), name="import-detail"),
    path("datasets/imports/<int:import_id>/cancel/", imports_api.ImportCancelApi.as_view(), name="import-cancel"),
    path("datasets/imports/<int:import_id>/files/", imports_api.ImportFilesApi.as_view(), name="import-files"),
    path("datasets/<slug:slug>/protocols/", protocols_api.ProtocolListApi.as_view(), name="protocol-list"),
    path(
        "datasets/<slug:slug>/protocols/<slug:name>/", protocols_api.ProtocolDetailApi.as_view(), name="protocol-detail"
    ),
    path(
        "datasets/<slug:slug>/protocols/<slug:name>/entries/",
        protocols_api.ProtocolEntriesApi.as_view(),
        name="protocol-entries",
    ),
    path(
        "datasets/<slug:slug>/protocols/<slug:name>/apply/",
        protocols_api.ProtocolApplyApi.as_view(),
        name="protocol-apply",
    ),
    path(
        "datasets/<slug:slug>/protocols/<slug:name>/validation/",
        protocols_api.ProtocolValidationApi.as_view(),
        name="protocol-validation",
    ),
]
