from django.contrib import admin

from evaluation.models import Evaluation, PaperTable, PublishedResults, Result


class ResultInline(admin.TabularInline):
    model = Result
    fields = ("metric", "value", "low", "high", "floor", "n_reference", "n_candidate", "protocol", "created")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None) -> bool:
        return False  # numbers come from jobs alone


@admin.register(Evaluation)
class EvaluationAdmin(admin.ModelAdmin):
    list_display = ("__str__", "state", "owner", "created")
    list_filter = ("extractor", "job__state")
    list_select_related = ("job", "owner")
    inlines = (ResultInline,)

    @admin.display(ordering="job__state")
    def state(self, evaluation: Evaluation) -> str:
        return evaluation.job.get_state_display()

    def get_readonly_fields(self, request, obj=None) -> list[str]:
        return [field.name for field in Evaluation._meta.fields if field.name != "owner"]

    def has_add_permission(self, request) -> bool:
        return False


@admin.register(Result)
class ResultAdmin(admin.ModelAdmin):
    list_display = ("metric", "value", "extractor", "protocol", "n_reference", "n_candidate", "created")
    list_filter = ("metric", "extractor")
    search_fields = ("protocol",)

    def get_readonly_fields(self, request, obj=None) -> list[str]:
        return [field.name for field in Result._meta.fields]

    def has_add_permission(self, request) -> bool:
        return False


@admin.register(PaperTable)
class PaperTableAdmin(admin.ModelAdmin):
    list_display = ("name", "dataset", "public", "owner", "created")
    list_filter = ("public", "dataset")
    readonly_fields = ("dataset", "reference", "rows", "columns", "problems", "evaluations")

    def has_add_permission(self, request) -> bool:
        return False  # made where its choices are checked


@admin.register(PublishedResults)
class PublishedResultsAdmin(admin.ModelAdmin):
    list_display = ("name", "dataset", "split", "n", "n_pairs", "owner", "created")
    list_filter = ("dataset",)
    fields = ("name", "citation", "url", "licence", "owner")

    def has_add_permission(self, request) -> bool:
        return False
