"""Files that are complete or not there: written under a name beside the right one, which they get at the end.

A reader never meets half a file, whether the writer is slow, killed, or out of disk. What a killed writer leaves has a name
that begins with a dot and ends in `.tmp`.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A stream whose content is the file at `path` once the body is done; nothing of it stays when the body fails.

    The folder must be there. Two writers of one file do each other no harm: the later one's file stays.
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        with temporary.open("xb") as stream:
            yield stream
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_whole(path: Path, content: bytes) -> None:
    """Write these bytes as a whole file; makes the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as stream:
        stream.write(content)
