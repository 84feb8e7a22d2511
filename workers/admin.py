"""Jobs and workers in the administration, for looking only: a job is changed on its page, which keeps the rules."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from workers.models import Job, Worker


class ReadOnlyAdmin(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "title", "queue", "state", "attempt", "owner", "created", "finished")
    list_filter = ("state", "queue", "kind")
    list_select_related = ("owner",)
    search_fields = ("id", "title", "message")
    date_hierarchy = "created"


@admin.register(Worker)
class WorkerAdmin(ReadOnlyAdmin):
    list_display = ("id", "host", "pid", "queue", "state", "device", "code_version", "started", "last_seen")
    list_filter = ("state", "queue")
