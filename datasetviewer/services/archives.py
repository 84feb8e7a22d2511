"""Unpacking a zip that a stranger made: into a folder of its own, nothing outside it, and never more than was agreed.

What is refused as a whole: names that lead elsewhere or clash, links and devices, encryption, methods of packing that
take unbounded memory, too many files, too many bytes, a bomb. A member that is damaged is left out and named.
"""

from __future__ import annotations

import io
import shutil
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from workers.engine.errors import InputError

from ..layouts import Problem
from ..layouts.listing import is_ignored

GIB = 1024**3
_CHUNK = 256 * 1024
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What a damaged archive makes zipfile raise.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error, NotImplementedError, RuntimeError,
           OverflowError, IndexError, KeyError)  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """What an archive may hold.

    files      members at most; the official WebCaricature has 24,000
    directory  bytes of the table of contents, which is read into memory as a whole
    total      bytes of all files unpacked
    ratio      unpacked bytes for each packed byte, of the whole archive; pictures hardly shrink, lists and BMP do
    free       bytes that must stay free on the disk
    """

    files: int = 60_000
    directory: int = 12 * 1024**2
    total: int = 16 * GIB
    ratio: int = 100
    free: int = GIB // 2


class _Watched(io.BufferedReader):
    """A file of which no more than `most` bytes are read at once: a table of contents cannot announce gigabytes."""

    most = _CHUNK

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > self.most:
            raise InputError(_("The archive's table of contents is too large; pack the dataset again, or in parts."))
        return super().read(size)


def archive_unpack(
    archive: Path, into: Path, *, limits: Limits | None = None, report: Callable[[float, str], None] | None = None
) -> list[Problem]:
    """Unpack a zip into a new folder; returns the members that were left out because they are damaged.

    into    must not exist yet
    report  called with the part that is done (0 to 1) and a name, at least once for each 256 KiB; may raise to stop
    InputError says why an archive is refused; then nothing of it is left.
    """
    allowed = limits or Limits()
    into.mkdir(parents=True)
    try:
        with archive.open("rb", buffering=0) as raw, _Watched(raw, _CHUNK) as stream:
            stream.most = max(allowed.directory, _CHUNK)
            return list(_unpack(stream, archive.stat().st_size, into, allowed, report or (lambda done, name: None)))
    except BaseException:
        shutil.rmtree(into, ignore_errors=True)
        raise


def _unpack(
    stream: IO[bytes], size: int, into: Path, limits: Limits, report: Callable[[float, str], None]
) -> Iterator[Problem]:
    try:
        packed = zipfile.ZipFile(stream)
    except InputError:
        raise
    except MemoryError:
        raise InputError(_("The archive is damaged.")) from None
    except _BROKEN as error:
        raise InputError(
            _("The file is no zip archive, or it did not come in whole. Pack the folder as .zip and send it again.")
        ) from error
    with packed:
        members = _checked(packed.infolist(), size, limits)
        total = sum(info.file_size for info, _name in members)
        if shutil.disk_usage(into).free < total + limits.free:
            raise InputError(
                _("There is no room on the server: the archive unpacks to %(need).1f GB.") % {"need": total / 1e9}
            )
        written = 0
        for info, name in members:
            target = into / name
            # Never through a link: the folder is new, and only plain files and folders are written into it.
            target.parent.mkdir(parents=True, exist_ok=True)
            reason = ""
            try:
                with packed.open(info) as source, target.open("xb") as copy:
                    count = 0
                    while chunk := source.read(_CHUNK):
                        count += len(chunk)
                        written += len(chunk)
                        if count > info.file_size:
                            raise zipfile.BadZipFile("longer than announced")
                        copy.write(chunk)
                        report(min(written / max(total, 1), 1.0), name)
            except InputError as error:
                reason = str(error)
            except OSError as error:
                if error.errno is not None:  # ours, the disk's: not a fault of the member
                    raise InputError(
                        _("The archive cannot be unpacked on the server: %(why)s.") % {"why": error.strerror or error}
                    ) from error
                reason = _("It is damaged in the archive.")
            except MemoryError:
                reason = _("It is damaged in the archive.")
            except _BROKEN:
                reason = _("It is damaged in the archive.")
            if reason:
                target.unlink(missing_ok=True)
                yield Problem(name, reason)
            report(min(written / max(total, 1), 1.0), name)


def _checked(infos: list[zipfile.ZipInfo], size: int, limits: Limits) -> list[tuple[zipfile.ZipInfo, str]]:
    """The members to unpack with their names below the folder; InputError when one of them is not acceptable."""
    if len(infos) > limits.files:
        raise InputError(
            _("The archive has %(n)d files; at most %(most)d are taken. Send it in parts.")
            % {"n": len(infos), "most": limits.files}
        )
    members: list[tuple[zipfile.ZipInfo, str]] = []
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    total = 0
    for info in infos:
        name = _safe_name(info)
        _check_kind(info, name)
        if any(is_ignored(part) for part in name.split("/")):
            continue
        parts = name.split("/")
        for depth in range(1, len(parts) + info.is_dir()):
            _claim("/".join(parts[:depth]), folders, files)
        if info.is_dir():
            continue
        folded = _folded(name)
        if folded in files or folded in folders:
            raise InputError(
                _("The archive names %(name)s and %(other)s, which are the same file on some systems. Rename one.")
                % {"name": repr(name), "other": repr(files.get(folded) or folders.get(folded))}
            )
        files[folded] = name
        total += info.file_size
        if total > limits.total:
            raise InputError(_("The archive unpacks to more than %(most).1f GB.") % {"most": limits.total / 1e9})
        members.append((info, name))
    # Small files may shrink as they like; from a mebibyte on, more than a hundred to one is no dataset.
    if total > 1024**2 and total > limits.ratio * size:
        raise InputError(
            _("The archive unpacks to %(n)d times its size, as no set of pictures does; it was refused.")
            % {"n": total // max(size, 1)}
        )
    if not members:
        raise InputError(_("The archive has no files."))
    return members


def _claim(folder: str, folders: dict[str, str], files: dict[str, str]) -> None:
    """Note a folder; InputError when another spelling of it, or a file of its name, is there."""
    folded = _folded(folder)
    other = files.get(folded) or folders.setdefault(folded, folder)
    if other != folder or folded in files:
        raise InputError(
            _("The archive names %(name)s and %(other)s, which are the same on some systems. Rename one.")
            % {"name": repr(folder), "other": repr(other)}
        )


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _safe_name(info: zipfile.ZipInfo) -> str:
    """The member's path below the folder; InputError when it leads anywhere else or cannot be written."""
    name = info.filename.replace("\\", "/")
    plain = name[:-1] if name.endswith("/") else name
    parts = plain.split("/")
    leads_out = name.startswith("/") or ".." in parts or (len(name) > 1 and name[1] == ":")
    if leads_out:
        raise InputError(
            _("The archive has a file whose name leads out of it, %(name)s; it was refused as a whole.")
            % {"name": repr(info.filename[:100])}
        )
    unusable = (
        not plain
        or any(part in ("", ".") or len(part.encode("utf-8", "replace")) > 250 for part in parts)
        or len(plain.encode("utf-8", "replace")) > 1000
        or len(parts) > 20
        or any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in plain)
        or "\x00" in info.orig_filename
    )
    if unusable:
        raise InputError(_("The archive has a file with an unusable name, %(name)s.") % {"name": repr(plain[:100])})
    return plain


def _check_kind(info: zipfile.ZipInfo, name: str) -> None:
    """Only plain files and folders, packed in a way that takes little memory."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR) or (kind == stat.S_IFDIR and not info.is_dir()):
        raise InputError(
            _("The archive has a link or a device, %(name)s; only plain files are taken.") % {"name": repr(name[:100])}
        )
    if info.flag_bits & 0x1:
        raise InputError(_("The archive is encrypted; send it without a password."))
    if info.compress_type not in _METHODS and not info.is_dir():
        raise InputError(
            _("%(name)s is packed in a way that is not taken here; pack the folder as ordinary zip (deflate).")
            % {"name": repr(name[:100])}
        )


def remove_folder(folder: Path) -> None:
    """Remove an unpacked folder, also one whose files were made unreadable."""
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder, onerror=_make_writable)


def _make_writable(function: Callable[[str], object], path: str, _error: object) -> None:
    try:
        Path(path).chmod(0o700)
        function(path)
    except OSError:
        pass
