"""Published results as somebody asks for them, on a page or over REST: where the files are, and for which pairs."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from datasetviewer.selectors import dataset_visible_to
from evaluation.models import PublishedResults, SizeRule, UploadedSet
from evaluation.services import published as services
from evaluation.sets.folders import folder_allowed, folder_pictures
from workers.engine.errors import InputError

DEFAULTS = {"split": "test", "modality": "sketch", "size": SizeRule.EXACT.value}


class PublishedRequest:
    """Reads the entries; nothing in them is trusted. InputError in words from `report` and `create`."""

    def __init__(self, given: Mapping[str, Any], user: Any) -> None:
        self.given, self.user = given, user

    def text(self, name: str) -> str:
        value = self.given.get(name)
        if value in (None, ""):
            return DEFAULTS.get(name, "")
        if not isinstance(value, str) or "\0" in value:
            raise InputError(_("%(name)s: give a text.") % {"name": name})
        return value.strip()

    @cached_property
    def selection(self) -> services.Selection:
        datasets = dataset_visible_to(self.user)
        dataset = datasets.filter(slug=self.text("dataset")).first()
        if dataset is None:
            text = _("dataset: there is no dataset %(name)s. Known: %(known)s.")
            known = ", ".join(datasets.values_list("slug", flat=True)) or _("none")
            raise InputError(text % {"name": repr(self.text("dataset"))[:80], "known": known})
        return services.Selection(dataset, self.text("split"), self.text("modality"), self.text("source"))

    @cached_property
    def files(self) -> list[services.SentFile]:
        upload, folder = self.text("upload"), self.text("folder")
        if bool(upload) == bool(folder):
            raise InputError(_("Name either an upload of yours or a folder of the server."))
        if folder:
            found = folder_allowed(folder, "folder")
            folder_pictures(found, "folder", confined=True)  # refuses links that lead out, and very many pictures
            return services.files_of_folder(found)
        try:
            number = uuid.UUID(upload)
        except ValueError:
            raise InputError(
                _("upload: %(given)s is no uploaded set's number.") % {"given": repr(upload)[:80]}
            ) from None
        uploaded = UploadedSet.objects.filter(owner=self.user.pk, pk=number).first()
        if uploaded is None:
            raise InputError(
                _("upload: there is no uploaded set %(id)s of yours; it may have expired.") % {"id": number}
            )
        return services.files_of_upload(uploaded)

    def report(self) -> services.Report:
        return services.report_of(self.files, self.selection, self.text("size"))

    def create(self) -> tuple[PublishedResults, bool]:
        said = services.Provenance(*(self.text(name) for name in ("name", "citation", "source_url", "licence")))
        return services.published_create(
            owner=self.user,
            files=self.files,
            selection=self.selection,
            provenance=said,
            size_rule=self.text("size"),
        )
