"""The protocol files of WebCaricature, below EvaluationProtocols/; each is read where it is there.

FaceVerification/Restricted/RestrictedView1_DevTrain.txt, ..._DevTest.txt, RestrictedView2.txt
    n, then n matched pairs `name C00001 P00001`, then n mismatched `name1 C00039 name2 P00006`; view 2: ten such folds
FaceVerification/UnRestricted/UnRestrictedView1_DevTrain.txt, ..._DevTest.txt, UnRestrictedView2.txt
    number of persons, then `name caricatures photos`; all pairs of these pictures are to be formed
FaceIdentification/FR_Train_dev.txt, FR_Train1.txt ...10: `name caricatures photos`
FaceIdentification/{C2P,P2C}/FR_{Gallery,Probe}_{C2P,P2C}{_dev,1...10}.txt: `name P00021`

Fields are separated by a tab (other white space is accepted); names hold spaces. A file of folds may begin with a line
with their number. View 1 is for tuning, view 2 for results. Pictures are named `Person Name/C00001`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from workers.engine.errors import InputError

from .listing import key_of, subfolder
from .records import TEST, TRAIN, Problem, ProtocolList

FOLDS = 10
MAX_BYTES = 100 * 1024 * 1024
SOURCE = "WebCaricature, EvaluationProtocols/{}"

_IMAGE = r"([CcPp]\d{1,6})(?:\.\w{1,5})?"
_MATCHED = re.compile(rf"(.{{1,200}}?)\s+{_IMAGE}\s+{_IMAGE}")
_MISMATCHED = re.compile(rf"(.{{1,200}}?)\s+{_IMAGE}\s+(.{{1,200}}?)\s+{_IMAGE}")
_COUNTS = re.compile(r"(.{1,200}?)\s+(\d{1,6})\s+(\d{1,6})")
_LISTED = re.compile(rf"(.{{1,200}}?)\s+{_IMAGE}")

Row = tuple[str, ...]


def read_protocols(root: Path, persons: Sequence[str]) -> Iterator[ProtocolList | Problem]:
    """All lists whose files are there; a file that cannot be read is a problem and its list is left out.

    persons  names of the persons of the dataset; WarpGAN tests on those that FR_Train_dev.txt does not name
    """
    folder = subfolder(root, "EvaluationProtocols", "Evaluation_Protocols")
    if folder is None:
        yield Problem("EvaluationProtocols", "is missing: no protocol came with the dataset.", skipped=False)
    else:
        verification = subfolder(folder, "FaceVerification")
        if verification:
            yield from _verification(root, verification)
        identification = subfolder(folder, "FaceIdentification")
        if identification:
            yield from _identification(root, identification)
    yield from _warpgan(root, folder, persons)


def _verification(root: Path, folder: Path) -> Iterator[ProtocolList | Problem]:
    for kind, unit, words in (
        ("Restricted", "image", "the listed pairs"),
        ("UnRestricted", "subject", "all pairs of the listed pictures"),
    ):
        place = subfolder(folder, kind)
        if place is None:
            continue
        for view, files in (
            (1, {TRAIN: f"{kind}View1_DevTrain.txt", TEST: f"{kind}View1_DevTest.txt"}),
            (2, {"": f"{kind}View2.txt"}),
        ):
            rows: list[Row] = []
            used: list[str] = []
            try:
                for part, name in files.items():
                    path = _file(place, name)
                    if path is not None:
                        used.append(key_of(path, root))
                        rows += _blocks(path, part, pairs=unit == "image")
            except InputError as error:
                yield Problem(used[-1], f"{error} This protocol was left out.", skipped=False)
                continue
            if rows:
                yield ProtocolList(
                    name=f"verification-{kind.casefold()}-view{view}",
                    kind="verification",
                    unit=unit,
                    title=f"Face verification, {kind.casefold()}, view {view}",
                    rows=tuple(rows),
                    source=", ".join(used),
                    description=_view_text(view, words),
                )


def _view_text(view: int, words: str) -> str:
    use = "for tuning only" if view == 1 else "for results: ten folds, nine to train and one to test, ten times"
    return f"View {view}, {use}; {words}."


def _blocks(path: Path, part: str, *, pairs: bool) -> Iterator[Row]:
    """The rows of a file of one block (part given) or of folds "1" ... (part ""); each block begins with its number."""
    lines = _lines(path)
    place = 0
    fold = 0
    # Two numbers in a row: the first is how many folds follow.
    if len(lines) > 1 and lines[0][1].isdigit() and lines[1][1].isdigit():
        place = 1
    while place < len(lines):
        number, text = lines[place]
        if not text.isdigit() or int(text) > 1_000_000:
            raise InputError(f"Line {number} must be the number of entries that follow, not {text[:60]!r}.")
        place += 1
        fold += 1
        name = part or str(fold)
        expected = int(text) * (2 if pairs else 1)
        block = lines[place : place + expected]
        if len(block) < expected:
            raise InputError(f"Line {number} announces {expected} entries, but only {len(block)} follow.")
        for index, (line, entry) in enumerate(block):
            yield _pair(line, entry, name, same=index < int(text)) if pairs else _counted(line, entry, name)
        place += expected
    if fold > 1 and part:
        raise InputError(f"There are {fold} blocks where one belongs.")


def _pair(line: int, text: str, part: str, *, same: bool) -> Row:
    match = (_MATCHED if same else _MISMATCHED).fullmatch(text)
    if match is None:
        wanted = "name, picture, picture" if same else "name, picture, name, picture"
        raise InputError(f"Line {line} is not {wanted}: {text[:80]!r}.")
    if same:
        name, first, second = match.groups()
        return part, _image(name, first), _image(name, second), "1"
    name, first, other, second = match.groups()
    return part, _image(name, first), _image(other, second), "0"


def _counted(line: int, text: str, part: str) -> Row:
    match = _COUNTS.fullmatch(text)
    if match is None:
        raise InputError(f"Line {line} is not name, caricatures, photos: {text[:80]!r}.")
    return part, _person(match[1]), str(int(match[2])), str(int(match[3]))


def _identification(root: Path, folder: Path) -> Iterator[ProtocolList | Problem]:
    for direction, words in (("C2P", "photos, probes are caricatures"), ("P2C", "caricatures, probes are photos")):
        for view in (1, 2):
            rows: list[Row] = []
            used: list[str] = []
            missing: list[str] = []
            try:
                for part in ["dev"] if view == 1 else [str(fold) for fold in range(1, FOLDS + 1)]:
                    ending = "_dev" if part == "dev" else part
                    for role, place, name in (
                        ("train", folder, f"FR_Train{ending}.txt"),
                        ("gallery", subfolder(folder, direction), f"FR_Gallery_{direction}{ending}.txt"),
                        ("probe", subfolder(folder, direction), f"FR_Probe_{direction}{ending}.txt"),
                    ):
                        path = _file(place, name)
                        if path is None:
                            missing.append(name)
                            continue
                        used.append(key_of(path, root))
                        rows += _identified(path, part, role)
            except InputError as error:
                yield Problem(used[-1], f"{error} This protocol was left out.", skipped=False)
                continue
            if not any(role != "train" for _part, role, _name in rows):
                continue  # training persons alone identify nobody
            if missing:
                reason = (
                    f"lacks {', '.join(missing[:4])}{' ...' if len(missing) > 4 else ''}; the protocol is incomplete."
                )
                yield Problem(key_of(folder, root), reason, skipped=False)
            yield ProtocolList(
                name=f"identification-{direction.casefold()}-view{view}",
                kind="identification",
                unit="image",
                title=f"Face identification {direction}, view {view}",
                rows=tuple(rows),
                source=f"{key_of(folder, root)}, {len(used)} files",
                description=f"{_view_text(view, f'the gallery holds {words}')} Training persons give all their pictures.",
            )


def _identified(path: Path, part: str, role: str) -> Iterator[Row]:
    for line, text in _lines(path):
        match = (_COUNTS if role == "train" else _LISTED).fullmatch(text)
        if match is None:
            wanted = "name, caricatures, photos" if role == "train" else "name, picture"
            raise InputError(f"Line {line} is not {wanted}: {text[:80]!r}.")
        yield part, role, f"{_person(match[1])}/*" if role == "train" else _image(match[1], match[2])


def _warpgan(root: Path, protocols: Path | None, persons: Sequence[str]) -> Iterator[ProtocolList | Problem]:
    """WarpGAN's split by person: training persons are those of FR_Train_dev.txt, the others are tested on."""
    lists = subfolder(root, "lists")
    train_file, test_file = _file(lists, "train.txt"), _file(lists, "test.txt")
    identification = subfolder(protocols, "FaceIdentification") if protocols else None
    dev = _file(identification, "FR_Train_dev.txt")
    rows: list[Row] = []
    try:
        if train_file and test_file:
            source = f"{key_of(train_file, root)}, {key_of(test_file, root)}"
            for split, path in ((TRAIN, train_file), (TEST, test_file)):
                names = dict.fromkeys(_person(text.rsplit("/", 1)[0]) for _line, text in _lines(path) if "/" in text)
                rows += [(split, name) for name in names]
        elif dev:
            source = f"{key_of(dev, root)}; the other persons of the dataset are the test"
            train = [_counted(line, text, TRAIN)[1] for line, text in _lines(dev)]
            known = {name.casefold() for name in train}
            rows = [(TRAIN, name) for name in train]
            rows += [(TEST, name) for name in persons if name.casefold() not in known]
        else:
            return
    except InputError as error:
        yield Problem("WarpGAN", f"{error} The split of persons was left out.", skipped=False)
        return
    yield ProtocolList(
        name="warpgan-126-126",
        kind="split",
        unit="subject",
        title="WarpGAN, 126 training and 126 testing persons",
        rows=tuple(rows),
        source=source,
        description="No person is in both parts; 6,128 and 5,888 pictures when the dataset is complete.",
        official={TRAIN: 126, TEST: 126},
    )


def _file(folder: Path | None, name: str) -> Path | None:
    """The file of this name in any case."""
    for entry in sorted(folder.iterdir()) if folder else ():
        if entry.name.casefold() == name.casefold() and entry.is_file():
            return entry
    return None


def _lines(path: Path) -> list[tuple[int, str]]:
    """Line numbers and texts, without empty lines."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError("The file is too large for a list.")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_text(encoding="latin-1")
    except OSError as error:
        raise InputError(f"The file cannot be opened: {error.strerror or error}.") from error
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), 1))
    return [(number, line[:600]) for number, line in lines if line]


def _person(name: str) -> str:
    return " ".join(name.replace("_", " ").split())


def _image(person: str, image: str) -> str:
    return f"{_person(person)}/{image[0].upper()}{int(image[1:]):05}"
