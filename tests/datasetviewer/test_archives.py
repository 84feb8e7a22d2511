import os
import stat
import zipfile
from pathlib import Path

import pytest

from datasetviewer.services.archives import Limits, archive_unpack
from workers.engine.errors import InputError


def pack(path: Path, files: dict[str, bytes], **attributes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            for key, value in attributes.items():
                setattr(info, key, value)
            packed.writestr(info, content)
    return path


def test_files_and_folders_come_out_as_they_were(tmp_path):
    archive = pack(
        tmp_path / "a.zip",
        {"set/photos/a.jpg": b"1", "set/sketches/a.jpg": b"22", "__MACOSX/x": b"3", "set/.DS_Store": b"4"},
    )
    assert archive_unpack(archive, tmp_path / "out") == []
    files = {
        path.relative_to(tmp_path / "out").as_posix(): path.read_bytes()
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    }
    assert files == {"set/photos/a.jpg": b"1", "set/sketches/a.jpg": b"22"}


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["../out.jpg"], "leads out"), (["a/../../out.jpg"], "leads out"), (["/etc/passwd"], "leads out"),
        (["C:/out.jpg"], "leads out"), (["..\\out.jpg"], "leads out"), (["a//b.jpg"], "unusable name"),
        (["a/./b.jpg"], "unusable name"), (["x" * 300], "unusable name"), (["a/" * 30 + "b"], "unusable name"),
        (["a\nb.jpg"], "unusable name"), (["a.jpg", "A.jpg"], "same file on some systems"),
        (["e\u0301.jpg", "é.jpg"], "same file on some systems"), (["p/a.jpg", "P/b.jpg"], "the same on some systems"),
        (["a", "a/b.jpg"], "the same on some systems"), (["a/b.jpg", "a"], "same file on some systems"), ([], "no files"),
    ],
)  # fmt: skip
def test_names_that_lead_out_or_clash_are_refused_as_a_whole(tmp_path, names, words):
    (tmp_path / "box").mkdir()
    archive = pack(tmp_path / "box/a.zip", dict.fromkeys(names, b"x"))
    with pytest.raises(InputError, match=words):
        archive_unpack(archive, tmp_path / "box/out")
    assert sorted(path.name for path in (tmp_path / "box").iterdir()) == ["a.zip"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("a.jpg", b"1")
        packed.writestr("a.jpg", b"2")
    with pytest.raises(InputError, match="same file"):
        archive_unpack(tmp_path / "a.zip", tmp_path / "out")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_are_refused(tmp_path, kind):
    archive = pack(tmp_path / "a.zip", {"a.jpg": b"/etc/passwd"}, external_attr=(kind | 0o777) << 16)
    with pytest.raises(InputError, match="a link or a device"):
        archive_unpack(archive, tmp_path / "out")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    archive = pack(tmp_path / "a.zip", {"a.bmp": bytes(50_000_000)})
    with pytest.raises(InputError, match="times its size"):
        archive_unpack(archive, tmp_path / "out")
    with pytest.raises(InputError, match=r"more than 0.0 GB"):
        archive_unpack(archive, tmp_path / "out", limits=Limits(total=1000))
    many = pack(tmp_path / "b.zip", {f"{n}.jpg": b"x" for n in range(30)})
    with pytest.raises(InputError, match="has 30 files; at most 20"):
        archive_unpack(many, tmp_path / "out", limits=Limits(files=20))
    with pytest.raises(InputError, match="no room on the server"):
        archive_unpack(many, tmp_path / "out", limits=Limits(free=10**18))


def test_a_table_of_contents_is_not_read_beyond_its_limit(tmp_path):
    archive = pack(tmp_path / "a.zip", {f"{n:05}{'x' * 190}.jpg": b"x" for n in range(3000)})
    with pytest.raises(InputError, match="table of contents is too large"):
        archive_unpack(archive, tmp_path / "out", limits=Limits(directory=300_000))


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "no zip"), (b"PK\x03\x04", "no zip"), (b"<html>", "no zip"), (b"PK\x05\x06" + bytes(18), "no files")],
)
def test_what_is_no_zip_is_refused_with_a_sentence(tmp_path, content, words):
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(InputError, match=words):
        archive_unpack(tmp_path / "a.zip", tmp_path / "out")


def test_passwords_and_other_ways_of_packing_are_refused(tmp_path):
    archive = pack(tmp_path / "a.zip", {"a.jpg": b"x" * 50})
    data = bytearray(archive.read_bytes())
    place = data.index(b"PK\x01\x02")
    data[place + 8] |= 1
    archive.write_bytes(data)
    with pytest.raises(InputError, match="encrypted"):
        archive_unpack(archive, tmp_path / "out")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_LZMA) as packed:
        packed.writestr("a.jpg", b"x")
    with pytest.raises(InputError, match="packed in a way"):
        archive_unpack(archive, tmp_path / "out")


def test_a_damaged_member_is_named_and_the_others_come_out(tmp_path):
    archive = pack(tmp_path / "a.zip", {"a.jpg": os.urandom(5000), "b.jpg": b"fine"})
    data = bytearray(archive.read_bytes())
    data[200] ^= 0xFF
    archive.write_bytes(data)
    (problem,) = archive_unpack(archive, tmp_path / "out")
    assert (problem.path, problem.skipped) == ("a.jpg", True) and "damaged" in problem.reason
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.jpg"]


def test_unpacking_that_is_stopped_leaves_nothing(tmp_path):
    class Stop(BaseException):
        pass

    def report(done, name):
        raise Stop

    archive = pack(tmp_path / "a.zip", {"a.jpg": b"x"})
    with pytest.raises(Stop):
        archive_unpack(archive, tmp_path / "out", report=report)
    assert not (tmp_path / "out").exists()
