"""A file that is written whole or not at all."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from workers.engine.whole_files import whole_file, write_whole


def test_a_reader_sees_the_old_content_until_the_new_one_is_complete(tmp_path):
    path = tmp_path / "scores.json"
    write_whole(path, b"old")
    with whole_file(path) as stream:
        stream.write(b"ne")
        stream.flush()
        assert path.read_bytes() == b"old"
        stream.write(b"w")
    assert path.read_bytes() == b"new" and list(tmp_path.iterdir()) == [path]


def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "scores.json"
    write_whole(path, b"old")
    with pytest.raises(KeyboardInterrupt), whole_file(path) as stream:
        stream.write(b"half")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_a_stream_needs_its_folder_and_bytes_make_it(tmp_path):
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "new" / "a"):
        pass
    write_whole(tmp_path / "new" / "a", b"x")
    assert (tmp_path / "new" / "a").read_bytes() == b"x"


def test_a_file_can_be_read_by_whom_the_users_mask_allows(tmp_path):
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "a", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


def test_of_many_writers_at_once_one_stays_whole(tmp_path):
    contents = [bytes([number]) * 200_000 for number in range(16)]
    with ThreadPoolExecutor(8) as writers:
        list(writers.map(lambda content: write_whole(tmp_path / "a", content), contents))
    assert (tmp_path / "a").read_bytes() in contents and len(list(tmp_path.iterdir())) == 1
