"""Writing preference tests: making one with copies of its pictures, closing it, letting it go.

DATA_DIR/preferences/<id>/<face>-photo.png, <face>-<candidate>.png   whole before there is a row
DATA_DIR/preferences/.<id>.part/                                     one that is being made
"""

from __future__ import annotations

import random
import shutil
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from evaluation.models import PreferenceTest, Question, preferences_folder
from evaluation.set_titles import set_titles
from evaluation.sets import Contents, DatasetSet, SetSpec, contents, label, matched, to_json
from workers.engine.errors import InputError
from workers.engine.features.pictures import read_picture

FEWEST_CANDIDATES, MOST_CANDIDATES = 2, 8
FEWEST_FACES, MOST_FACES = 2, 60
MOST_QUESTIONS = 500  # of one voter
LONGEST_SIDE = 640  # pixels of a copy
MOST_TESTS = 100  # of one person at a time
NAME_LENGTH = 100
MOST_SEED = 2**31 - 1
ABANDONED_SECONDS = 3600  # a folder without a row that is older than this belongs to nobody


def preference_create(
    *,
    user: Any,
    question: str,
    photos: SetSpec,
    candidates: Sequence[SetSpec],
    name: str = "",
    faces: int = 20,
    per_voter: int = 40,
    show_photo: bool = True,
    seed: int = 0,
) -> PreferenceTest:
    """A new test over faces that all sets have. InputError when it cannot be; then nothing of it is left."""
    question = _question(question)
    _between(_("faces"), faces, FEWEST_FACES, MOST_FACES)
    _between(_("questions for each voter"), per_voter, 1, MOST_QUESTIONS)
    _between(_("seed"), seed, 0, MOST_SEED)
    if not isinstance(photos, DatasetSet):
        raise InputError(_("photos: name a part of a dataset, e.g. cufs:test:photo; its photos are what voters see."))
    candidates = list(dict.fromkeys(candidates))
    if not FEWEST_CANDIDATES <= len(candidates) <= MOST_CANDIDATES:
        text = _("candidates: choose %(low)s to %(high)s different sets; these are %(n)s.")
        raise InputError(text % {"low": FEWEST_CANDIDATES, "high": MOST_CANDIDATES, "n": len(candidates)})
    if PreferenceTest.objects.filter(owner=user).count() >= MOST_TESTS:
        raise InputError(_("You have %(n)s preference tests; delete one first.") % {"n": MOST_TESTS})
    shown = contents(photos, "photos", user=user)
    sets = [contents(spec, f"candidate {place}", user=user) for place, spec in enumerate(candidates, start=1)]
    assert shown.dataset is not None
    chosen = _faces_chosen(shown, sets, faces, seed)
    titles = set_titles(each.spec for each in sets)
    test = PreferenceTest(
        name=_name(name) or str(Question(question).label),
        question=question,
        # Who is to judge the likeness has to see the person.
        show_photo=show_photo or question == Question.PERSON,
        dataset=shown.dataset,
        photos=to_json(photos),
        candidates=[{"label": titles[each.spec], "set": to_json(each.spec)} for each in sets],
        faces=[key for key, _paths in chosen],
        per_voter=per_voter,
        seed=seed,
        visitors=all(each.public for each in (shown, *sets)),
        owner=user,
    )
    _copy([paths for _key, paths in chosen], test)
    try:
        test.save(force_insert=True)
    except BaseException:
        shutil.rmtree(test.folder, ignore_errors=True)
        raise
    return test


def preference_close(*, test: PreferenceTest, closed: bool) -> None:
    """No more votes, and the results are for everybody who may see the test; or open again."""
    test.closed = (test.closed or timezone.now()) if closed else None
    test.save(update_fields=["closed"])


def preference_delete(*, test: PreferenceTest) -> None:
    """With all votes and pictures."""
    folder = test.folder
    test.delete()
    shutil.rmtree(folder, ignore_errors=True)


def preferences_expire() -> int:
    """Delete folders whose test is gone, with its dataset say; returns how many."""
    gone = 0
    for folder in preferences_folder().iterdir() if preferences_folder().is_dir() else ():
        try:
            number = uuid.UUID(folder.name.strip(".").removesuffix(".part"))
            old = time.time() - folder.stat().st_mtime > ABANDONED_SECONDS
        except (ValueError, OSError):
            continue
        if old and (folder.name.startswith(".") or not PreferenceTest.objects.filter(pk=number).exists()):
            shutil.rmtree(folder, ignore_errors=True)
            gone += 1
    return gone


def _name(name: str) -> str:
    return "".join(letter for letter in name if letter.isprintable()).strip()[:NAME_LENGTH]


def _question(question: str) -> str:
    if question not in Question.values:
        text = _("question: there is no %(given)s. Known: %(known)s.")
        raise InputError(text % {"given": repr(question)[:80], "known": ", ".join(Question.values)})
    return question


def _between(what: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        text = _("%(what)s: %(value)s is not between %(low)s and %(high)s.")
        raise InputError(text % {"what": what, "value": value, "low": low, "high": high})


def _faces_chosen(
    shown: Contents, sets: Sequence[Contents], count: int, seed: int
) -> list[tuple[str, tuple[Path, ...]]]:
    """Some of the faces that all sets have, each with the paths of its photo and drawings."""
    partner: dict[Path, list[Path]] = {path: [] for path in shown.paths}
    key_of = dict(zip(shown.paths, shown.pair_keys, strict=True))
    for place, each in enumerate(sets, start=1):
        found = matched(shown, each)
        there = [(photo, path) for photo, path in zip(found.reference, found.candidate, strict=True) if path.is_file()]
        if len(there) < FEWEST_FACES:
            raise InputError(_too_few(place, each, found.candidate))
        for photo, path in there:
            partner[photo].append(path)
    shared = sorted(
        ((key_of[photo], (photo, *paths)) for photo, paths in partner.items() if len(paths) == len(sets)),
        key=lambda face: face[0],
    )
    if len(shared) < FEWEST_FACES:
        text = _("The photos and the candidates have %(n)s faces in common; at least %(least)s are needed.")
        raise InputError(text % {"n": len(shared), "least": FEWEST_FACES})
    return random.Random(seed).sample(shared, min(count, len(shared)))


def _too_few(place: int, each: Contents, found: Sequence[Path]) -> str:
    if each.sources and found:
        text = _("candidate %(place)s: %(set)s is not drawn yet. Measure it on this part first.")
    else:
        text = _(
            "candidate %(place)s: fewer than two pictures of %(set)s belong to the photos. They are matched by the keys "
            "of their pairs, or by their names."
        )
    return text % {"place": place, "set": label(each.spec)}


def _copy(faces: Sequence[Sequence[Path]], test: PreferenceTest) -> None:
    """Every picture as a PNG of its photo's size and without anything beside the pixels: nothing may tell who drew it."""
    incoming = preferences_folder() / f".{test.id}.part"
    incoming.mkdir(parents=True)
    try:
        for number, (photo, *drawings) in enumerate(faces):
            whole = Image.fromarray(read_picture(photo, photo.name))
            whole.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
            whole.save(incoming / f"{number}-photo.png")
            for place, path in enumerate(drawings):
                drawing = Image.fromarray(read_picture(path, path.name))
                if drawing.size != whole.size:
                    drawing = ImageOps.pad(drawing, whole.size, Image.Resampling.LANCZOS, color="white")
                drawing.save(incoming / f"{number}-{place}.png")
        incoming.rename(test.folder)
    except BaseException:
        shutil.rmtree(incoming, ignore_errors=True)
        raise
