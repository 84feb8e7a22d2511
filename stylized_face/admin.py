from django.contrib import admin

from .models import Stylization


@admin.register(Stylization)
class StylizationAdmin(admin.ModelAdmin):
    """Read only: what visitors sent is theirs, and its state is the job's."""

    list_display = ("id", "model", "state", "owner", "created", "expires_at", "removed")
    list_filter = ("model", "job__state", "created")
    list_select_related = ("job", "owner")
    search_fields = ("id", "owner__username")
    exclude = ("visitor",)
    date_hierarchy = "created"

    @admin.display(ordering="job__state")
    def state(self, stylization: Stylization) -> str:
        return stylization.job.get_state_display()

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        # Deleting a row alone would leave its files; the page's delete button, open to staff, does both.
        return False
