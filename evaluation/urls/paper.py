"""Addresses of paper tables and published results: pages and REST."""

from django.urls import path

from evaluation.api import paper_tables as api
from evaluation.api import published as published_api
from evaluation.views import paper_tables as pages
from evaluation.views import published as published_pages

urlpatterns = [
    path("results/table/", pages.table_list, name="table-list"),
    path("results/table/<uuid:table_id>/", pages.table_detail, name="table-detail"),
    path("results/table/<uuid:table_id>/edit/", pages.table_edit, name="table-edit"),
    path("results/table/<uuid:table_id>/change/", pages.table_change, name="table-change"),
    path("results/table/<uuid:table_id>/measure/", pages.table_measure, name="table-measure"),
    path("results/table/<uuid:table_id>/cancel/", pages.table_cancel, name="table-cancel"),
    path("results/table/<uuid:table_id>/duplicate/", pages.table_duplicate, name="table-duplicate"),
    path("results/table/<uuid:table_id>/delete/", pages.table_delete, name="table-delete"),
    path("results/published/", published_pages.published_list, name="published-list"),
    path("results/published/new/", published_pages.published_new, name="published-new"),
    path("results/published/<uuid:published_id>/delete/", published_pages.published_delete, name="published-delete"),
]
api_urlpatterns = [
    path("tables/", api.TableListApi.as_view(), name="table-list"),
    path("tables/<uuid:table_id>/", api.TableDetailApi.as_view(), name="table-detail"),
    path("tables/<uuid:table_id>/measure/", api.TableMeasureApi.as_view(), name="table-measure"),
    path("tables/<uuid:table_id>/cancel/", api.TableCancelApi.as_view(), name="table-cancel"),
    path("tables/<uuid:table_id>/duplicate/", api.TableDuplicateApi.as_view(), name="table-duplicate"),
    path("published-results/", published_api.PublishedListApi.as_view(), name="published-list"),
    path("published-results/<uuid:published_id>/", published_api.PublishedDetailApi.as_view(), name="published-detail"),
]
