"""Fetch files of trained weights from their publishers: resumed where a connection broke, checked, then put in place.

Only http and https addresses of the table are opened, and redirects are followed to such addresses alone. What has arrived
lies in `.<filename>.part` in the weights folder until all of it is there and proves to be the right file.
"""

import errno
import fcntl
import http.client
import shutil
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workers.engine import catalogue, weights
from workers.engine.errors import InputError
from workers.engine.weights_adding import check_contents

Report = Callable[[int, int | None], None]  # bytes so far, bytes in all if known

CHUNK = 1 << 18
TRIES = 5  # connections that may break without a single new byte before we give up
PAUSE = 1.0  # seconds before the second of them; doubled each time
TIMEOUT = 30.0
_BROKEN = (TimeoutError, ConnectionError, ssl.SSLError, http.client.HTTPException, urllib.error.URLError)


@dataclass(frozen=True)
class Status:
    """A row of the table and whether its file is here: "present", "missing" or "damaged" (another file by that name)."""

    entry: catalogue.Weights
    state: str
    serves: tuple[str, ...]


def statuses(weights_dir: Path | None) -> list[Status]:
    """Every row of the table of weights, with the extractors that it serves."""
    found = []
    for entry in catalogue.WEIGHTS.values():
        path = weights.place(entry, weights_dir)
        here = path is not None and path.is_file()
        right = path is not None and here and entry.is_digest(weights.sha256_of(path))
        serves = tuple(name for name in catalogue.EXTRACTORS if entry in catalogue.serving(name))
        found.append(Status(entry, "present" if right else "damaged" if here else "missing", serves))
    return found


def to_fetch(name: str, weights_dir: Path) -> list[catalogue.Weights]:
    """The files that `name` (file stem or `extractor.layer`) lacks, one for each network it needs.

    Raises InputError for an unknown name and for a file that nobody offers at an address.
    """
    if name in catalogue.EXTRACTORS:
        needs: Sequence[Sequence[str]] = catalogue.extractor(name).weights
    else:
        needs = [[entry.stem for entry in catalogue.weights(name)]]
    lacking = []
    for stems in needs:
        try:
            weights.find_file(stems, weights_dir)
        except InputError as missing:
            offered = [catalogue.WEIGHTS[stem] for stem in stems if catalogue.WEIGHTS[stem].url]
            if not offered:
                raise InputError(f"{stems[0]} cannot be fetched. {missing}") from None
            lacking.append(offered[0])
    return lacking


def fetch(entry: catalogue.Weights, weights_dir: Path, report: Report | None = None) -> weights.WeightsFile:
    """Download the file, check digest and contents, and put it into `weights_dir`. A broken download is resumed, in this
    call and in a later one.

    `report(bytes, total)` may raise to stop; what has arrived is kept. Raises InputError for no network, a refusal of the
    server, another file than expected, and a full disk.
    """
    part = weights_dir / f".{entry.filename}.part"
    target = weights_dir / entry.filename
    try:
        weights_dir.mkdir(parents=True, exist_ok=True)
        with _alone(part, entry.filename):
            _download(entry.url, part, report or (lambda done, total: None))
            digest = _checked(entry, part)
            part.chmod(0o644)
            part.replace(target)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            room = shutil.disk_usage(weights_dir).free
            raise InputError(
                f"The disk of {weights_dir} is full: {entry.filename} needs {entry.bytes:,} bytes, {room:,} are free. "
                "Make room and run the command again; it goes on where it stopped."
            ) from error
        raise InputError(
            f"{entry.filename} could not be written to {weights_dir}: {error.strerror or error}."
        ) from error
    return weights.WeightsFile(entry, target, digest)


@contextmanager
def _alone(part: Path, filename: str) -> Iterator[None]:
    """Two that write to one file would spoil it. The lock goes with the process, however it ends."""
    with part.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(f"{filename} is being fetched by another process already.") from None
        try:
            yield
        finally:
            if part.exists() and not part.stat().st_size:
                part.unlink()


def _checked(entry: catalogue.Weights, part: Path) -> str:
    """The digest of what has arrived, once it proves to be the file; it is thrown away otherwise."""
    digest = weights.sha256_of(part)
    try:
        if not entry.is_digest(digest):
            raise InputError(
                f"What {entry.url} sends is not {entry.filename}: its SHA-256 begins with {weights.short(digest)}, not with "
                f"{weights.short(entry.sha256)}. It was thrown away; try again later, or add the file by hand."
            )
        check_contents(entry, part)
    except InputError:
        part.unlink()
        raise
    return digest


def _download(url: str, part: Path, report: Report) -> None:
    """Bring `part` to its full length; raises InputError when the server refuses or cannot be reached."""
    fruitless = 0
    while True:
        before = part.stat().st_size
        try:
            if _continued(url, part, report):
                return
            reason = "the connection broke"
        except urllib.error.HTTPError as error:
            raise InputError(_refused(url, error)) from error
        except _BROKEN as error:
            reason = _reason(error)
        kept = part.stat().st_size
        fruitless = 0 if kept > before else fruitless + 1
        if fruitless >= TRIES:
            raise InputError(
                f"{url} could not be read: {reason}. {kept:,} bytes are kept; run the command again to go on, or get the "
                "file elsewhere and add it: python manage.py add_weights NAME FILE"
            )
        time.sleep(PAUSE * 2 ** max(fruitless - 1, 0) if fruitless else 0)


def _continued(url: str, part: Path, report: Report) -> bool:
    """Ask for what is missing and append it; whether the file is whole now."""
    have = part.stat().st_size
    request = urllib.request.Request(url, headers={"Accept-Encoding": "identity"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        answer = _opener().open(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code == 416 and have:  # nothing lies behind what we have; the digest will tell whether that is all
            return True
        raise
    with answer:
        begins, total = _extent(answer, have)
        if begins not in (0, have):
            raise http.client.HTTPException(f"the server sent another part than the one from {have:,} on")
        with part.open("ab" if begins else "wb") as file:
            done = begins
            report(done, total)
            while chunk := answer.read1(CHUNK):
                file.write(chunk)
                done += len(chunk)
                report(done, total)
    return total is None or done == total


def _extent(answer: Any, have: int) -> tuple[int, int | None]:
    """Where the answer begins and how long the whole file is; a server that knows no ranges sends it from the start."""
    length = answer.headers.get("Content-Length")
    if answer.status != 206:
        return 0, int(length) if length else None
    begins, _, total = answer.headers.get("Content-Range", "").removeprefix("bytes ").partition("/")
    first = begins.partition("-")[0]
    whole = int(total) if total.isdecimal() else have + int(length) if length else None
    return (int(first) if first.isdecimal() else -1), whole


def _opener() -> urllib.request.OpenerDirector:
    opener = urllib.request.OpenerDirector()  # without handlers for file:, ftp: and data:, not after a redirect either
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPRedirectHandler(),
    ):
        opener.add_handler(handler)
    opener.addheaders = [("User-Agent", "face-sketch-workbench")]
    return opener


def _refused(url: str, error: urllib.error.HTTPError) -> str:
    if error.code == 404:
        return f"{url} is gone (404). Get the file elsewhere and add it: python manage.py add_weights NAME FILE"
    return f"{url} cannot be had: the server answers {error.code} {error.reason}."


def _reason(error: BaseException) -> str:
    inner = getattr(error, "reason", error)
    if isinstance(inner, socket.gaierror):
        return "there is no network, or no such server"
    if isinstance(inner, TimeoutError):
        return f"no answer within {TIMEOUT:g} seconds"
    return str(getattr(inner, "strerror", None) or inner or type(inner).__name__)
