"""Near duplicates, in groups of pictures that look the same."""

from __future__ import annotations

from dataclasses import dataclass

from ..models import Dataset, DuplicateSearch, Image, NearDuplicate

PAIRS_READ = 20_000


@dataclass(frozen=True)
class DuplicateGroup:
    """Pictures that are linked by being alike: each is within the distance of at least one other.

    nearest, farthest  smallest and largest distance of its links, in bits of 256
    persons            how many persons are in it; more than one is either a mistake in the data or a mere likeness
    """

    images: tuple[Image, ...]
    nearest: int
    farthest: int
    persons: int
    splits: int

    @property
    def across_persons(self) -> bool:
        return self.persons > 1

    @property
    def across_splits(self) -> bool:
        return self.splits > 1


def last_duplicate_search(dataset: Dataset) -> DuplicateSearch | None:
    return DuplicateSearch.objects.filter(dataset=dataset).select_related("job").first()


def duplicate_groups(dataset: Dataset, distance: int) -> tuple[list[DuplicateGroup], bool]:
    """The groups at most `distance` bits apart, those across persons first; and whether there were too many to read."""
    links = NearDuplicate.objects.filter(dataset=dataset, distance__lte=distance).order_by("distance", "pk")
    rows = list(links.values_list("first_id", "second_id", "distance")[: PAIRS_READ + 1])
    cut = len(rows) > PAIRS_READ
    rows = rows[:PAIRS_READ]
    parent: dict[int, int] = {}

    def root(key: int) -> int:
        parent.setdefault(key, key)
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for first, second, _distance in rows:
        parent[root(first)] = root(second)
    images = Image.objects.select_related("subject").in_bulk(list(parent))
    members: dict[int, list[Image]] = {}
    for key in sorted(parent):
        if key in images:
            images[key].dataset = dataset
            members.setdefault(root(key), []).append(images[key])
    spans: dict[int, list[int]] = {}
    for first, _second, far in rows:
        spans.setdefault(root(first), []).append(far)
    groups = [
        DuplicateGroup(
            images=tuple(sorted(found, key=lambda image: image.key)),
            nearest=min(spans[key]),
            farthest=max(spans[key]),
            persons=len({image.subject_id for image in found}),
            splits=len({image.split for image in found}),
        )
        for key, found in members.items()
        if len(found) > 1
    ]
    groups.sort(key=lambda group: (not group.across_persons, group.nearest, group.images[0].key))
    return groups, cut
