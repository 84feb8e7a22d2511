"""What somebody can choose a set from: the lists behind the fields of the form."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from datasetviewer.models import ImageSet
from datasetviewer.selectors import image_set_visible_to
from evaluation.models import Checkpoint, PublishedResults, UploadedSet
from evaluation.selectors.paper_tables import published_visible_to
from evaluation.sets import Suggestion, checkpoints_usable_by, folder_suggestions
from workers.engine.stylizers.digests import known_drawers

LONGEST = 200  # entries of a list; whoever looks for more writes the name


class SetOffers:
    """The lists, each read when the page asks for it."""

    def __init__(self, user: Any) -> None:
        self.user = user

    @property
    def signed_in(self) -> bool:
        return bool(self.user is not None and self.user.is_authenticated)

    @cached_property
    def checkpoints(self) -> list[Checkpoint]:
        """Grouped by their run, the newest first."""
        return list(checkpoints_usable_by(self.user)[:LONGEST])

    @cached_property
    def image_sets(self) -> list[ImageSet]:
        return list(image_set_visible_to(self.user)[:LONGEST])

    @cached_property
    def uploads(self) -> list[UploadedSet]:
        if not self.signed_in:
            return []
        return list(UploadedSet.objects.filter(owner=self.user).defer("pictures")[:LONGEST])

    @property
    def stylizers(self) -> list[str]:
        return known_drawers()

    @cached_property
    def published(self) -> list[PublishedResults]:
        return list(published_visible_to(self.user)[:LONGEST])

    @cached_property
    def folders(self) -> list[Suggestion]:
        return folder_suggestions() if self.signed_in else []
