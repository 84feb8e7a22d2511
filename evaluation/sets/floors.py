"""The other real pictures that a reference set is held against: its training part for a test set, and the reverse."""

from __future__ import annotations

from datasetviewer.models import Dataset, Split
from datasetviewer.selectors import image_path
from evaluation.sets.contents import Contents, images_of, name_of
from evaluation.sets.specs import DatasetSet
from workers.engine.errors import InputError
from workers.engine.protocol import set_digest

MOST = 2_000  # pictures of the other part; more would cost time and hardly move the floor
OTHER = {
    Split.TEST.value: Split.TRAIN.value,
    Split.VALIDATION.value: Split.TRAIN.value,
    Split.TRAIN.value: Split.TEST.value,
}


def other_part(reference: Contents) -> Contents | None:
    """The part of the reference's dataset that it does not hold, of the same modality and source; None without one.

    How far these are from the reference is what a perfect generator would reach that learned from the other part. Of
    very many pictures those with the smallest digests are taken, which is a choice at random that never changes.
    """
    spec, dataset = reference.spec, reference.dataset
    if not isinstance(spec, DatasetSet) or dataset is None or spec.split not in OTHER:
        return None
    other = DatasetSet(spec.dataset, OTHER[spec.split], spec.modality, spec.source)
    try:
        _dataset, found = images_of(other, "reference", Dataset.objects.filter(pk=dataset.pk))
    except InputError:
        return None
    images = list(found.select_related("dataset", "pair").order_by("sha256", "key")[:MOST])
    images = [image for image in images if image_path(image).is_file()]  # a lost one is no reason to fail
    if len(images) < 2:
        return None
    return Contents(
        other,
        dataset,
        tuple(image_path(image) for image in images),
        tuple(name_of(image) for image in images),
        set_digest(image.sha256 for image in images),
        tuple(image.pair.key if image.pair else image.key for image in images),
    )
