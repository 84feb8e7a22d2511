"""Administration: datasets can be edited and removed; pictures come and go with imports only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from .models import Dataset, DatasetImport, Image
from .services import dataset_remove


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Dataset)
class DatasetAdmin(admin.ModelAdmin):
    list_display = ("slug", "name", "layout", "public", "drawn", "owner", "created")
    list_filter = ("public", "drawn", "layout")
    search_fields = ("slug", "name")
    # The slug names the folder of the files, the layout the way they were read: neither can change afterwards.
    readonly_fields = ("slug", "layout", "drawn", "created")
    raw_id_fields = ("owner",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Pictures cannot be deleted one by one, but go with their dataset."""
        to_delete, counts, _needed, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, set(), protected

    def delete_model(self, request: HttpRequest, obj: Dataset) -> None:
        dataset_remove(dataset=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Dataset]) -> None:
        for dataset in queryset:
            dataset_remove(dataset=dataset)


@admin.register(Image)
class ImageAdmin(ReadOnly):
    list_display = ("key", "dataset", "modality", "split", "source", "width", "height")
    list_filter = ("dataset", "modality", "split")
    list_select_related = ("dataset",)
    search_fields = ("key", "sha256")
    raw_id_fields = ("subject", "pair")


@admin.register(DatasetImport)
class DatasetImportAdmin(ReadOnly):
    list_display = ("dataset", "layout", "path", "job", "created")
    list_select_related = ("dataset", "job")
