"""Writing uploaded sets: taking them in, keeping them while they are used, and letting them go.

DATA_DIR/uploads/<id>/<sha256>.<ending>   the pictures of a set, whole before there is a row
DATA_DIR/uploads/.<id>.part/              one that is coming in
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
import unicodedata
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from datasetviewer.services import IncomingArchive
from datasetviewer.services.uploads import archive_name
from evaluation.models import Evaluation, RecognitionTest, UploadedSet, uploads_folder
from evaluation.services.upload_reading import Taken, pictures_take
from evaluation.sets import SetSpec, UploadSpec
from workers.engine.errors import InputError
from workers.engine.protocol import set_digest
from workers.models import LIVE_STATES

MOST_SETS = 50  # of one person at a time
NAME_LENGTH = 200
ABANDONED_SECONDS = 3600  # a folder without a row that is older than this belongs to nobody


class UploadInUse(InputError):
    """The set cannot go now."""


def upload_create(*, owner: Any, sent: Sequence[IncomingArchive], name: str = "") -> tuple[UploadedSet, bool]:
    """Keep the pictures of one zip, or of several picture files, as a set; returns it and whether it is new.

    The same pictures under the same names sent again by the same person are the set that is there. InputError when the
    files are no set; then nothing of them is left.
    """
    name = _name(name)
    if not sent:
        raise InputError(_("No file was sent. Send one zip archive, or several pictures (JPEG, PNG, WebP)."))
    if UploadedSet.objects.filter(owner=owner).count() >= MOST_SETS:
        raise InputError(_("You have %(n)s uploaded sets; delete one first.") % {"n": MOST_SETS})
    number = uuid.uuid4()
    incoming = uploads_folder() / f".{number}.part"
    lasting = uploads_folder() / str(number)
    try:
        taken = pictures_take(sent, incoming)
        name = name or _default_name(sent, taken)
        existing = _same(owner, name, taken)
        if existing is not None:
            return existing, False
        incoming.rename(lasting)
        try:
            return _write(number, owner, name, taken), True
        except BaseException:
            shutil.rmtree(lasting, ignore_errors=True)
            raise
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def _write(number: uuid.UUID, owner: Any, name: str, taken: Taken) -> UploadedSet:
    return UploadedSet.objects.create(
        id=number,
        name=name,
        owner=owner,
        n=len(taken.pictures),
        bytes=taken.bytes,
        digest=set_digest(sha256 for _key, sha256, _kind in taken.pictures),
        fingerprint=_fingerprint(name, taken),
        pictures=taken.pictures,
        sizes=dict(taken.sizes.most_common()),
        refused=taken.refused,
        expires=_expiry(),
    )


def _same(owner: Any, name: str, taken: Taken) -> UploadedSet | None:
    """The set of the same pictures that the person has already; it is kept for as long again."""
    found = UploadedSet.objects.filter(owner=owner, fingerprint=_fingerprint(name, taken)).first()
    if found is None or not UploadedSet.objects.filter(id=found.id).update(expires=_expiry()):
        return None
    found.refresh_from_db()
    return found


def _fingerprint(name: str, taken: Taken) -> str:
    return hashlib.sha256(json.dumps([name, sorted(taken.pictures)]).encode()).hexdigest()


def _expiry() -> datetime:
    return timezone.now() + timedelta(hours=float(settings.UPLOAD_RETENTION_HOURS))


def _name(name: Any) -> str:
    if not isinstance(name, str):
        raise InputError(_("name: give a text."))
    plain = "".join(c for c in name if unicodedata.category(c)[0] != "C").strip()
    if len(plain) > NAME_LENGTH:
        raise InputError(_("name: at most %(n)s characters.") % {"n": NAME_LENGTH})
    return plain


def _default_name(sent: Sequence[IncomingArchive], taken: Taken) -> str:
    if len(sent) == 1:
        return PurePosixPath(archive_name(sent[0].name)).stem
    n = len(taken.pictures)
    return ngettext("%(n)s picture", "%(n)s pictures", n) % {"n": n}


def uploads_renew(specs: Iterable[SetSpec]) -> None:
    """Keep the uploaded sets among these for the whole time again, because they are used."""
    numbers = [spec.upload for spec in specs if isinstance(spec, UploadSpec)]
    if numbers:
        UploadedSet.objects.filter(pk__in=numbers).update(expires=_expiry())


def upload_delete(*, uploaded: UploadedSet) -> None:
    """Remove the set and its pictures; numbers measured on it stay. UploadInUse while an evaluation needs it."""
    if _in_use(uploaded):
        text = _("An evaluation that is queued or running needs this set; cancel it first, or wait.")
        raise UploadInUse(text)
    UploadedSet.objects.filter(pk=uploaded.pk).delete()
    shutil.rmtree(uploaded.folder, ignore_errors=True)


def _in_use(uploaded: UploadedSet) -> bool:
    number = str(uploaded.id)
    live = Evaluation.objects.filter(job__state__in=LIVE_STATES)
    tests = RecognitionTest.objects.filter(job__state__in=LIVE_STATES)
    return (
        live.filter(Q(reference__upload=number) | Q(candidate__upload=number)).exists()
        or tests.filter(Q(task__probe__upload=number) | Q(task__gallery__upload=number)).exists()
    )


def uploads_expire() -> int:
    """A chore of the sweeper: remove sets whose time is over, and folders that nobody owns; returns how many."""
    removed = 0
    for uploaded in UploadedSet.objects.filter(expires__lt=timezone.now()).defer("pictures", "refused"):
        if _in_use(uploaded):
            continue
        # Somebody may submit it in this moment and keep it for longer: only what is still over goes.
        if UploadedSet.objects.filter(pk=uploaded.pk, expires=uploaded.expires).delete()[0]:
            shutil.rmtree(uploaded.folder, ignore_errors=True)
            removed += 1
    return removed + _abandoned_remove()


def _abandoned_remove() -> int:
    if not uploads_folder().is_dir():
        return 0
    limit = time.time() - ABANDONED_SECONDS
    folders = [folder for folder in uploads_folder().iterdir() if folder.is_dir() and folder.stat().st_mtime < limit]
    known = set(map(str, UploadedSet.objects.values_list("pk", flat=True)))
    abandoned = [folder for folder in folders if folder.name not in known]
    for folder in abandoned:
        shutil.rmtree(folder, ignore_errors=True)
    return len(abandoned)
