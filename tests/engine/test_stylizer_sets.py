"""A stylizer applied to a set of pictures, and what its drawings are kept under."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

from tests.engine.drawing import blobs, folder_of_blobs
from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.engine.features.pictures import read_picture
from workers.engine.stylizers import digests
from workers.engine.stylizers.digests import drawer_directions, known_drawers, stylizer_digest
from workers.engine.stylizers.drawing import stylize_set
from workers.engine.stylizers.pencil import pencil
from workers.engine.weights import sha256_of


def test_every_picture_is_drawn_as_the_stylizer_draws_it_under_the_digest_of_its_source(tmp_path):
    paths = folder_of_blobs(tmp_path / "in", range(2))
    told = []
    drawn = stylize_set("pencil", paths, ["a", "b"], tmp_path / "out", report=lambda done, of: told.append((done, of)))
    assert [path.name for path in drawn] == [f"{sha256_of(path)}.png" for path in paths]
    for number, path in enumerate(drawn):
        expected = np.asarray(pencil(Image.fromarray(blobs(number))))
        assert np.array_equal(read_picture(path)[..., 0], expected)
    assert told[-1] == (2, 2)


def test_what_is_there_is_not_drawn_again(tmp_path):
    paths = folder_of_blobs(tmp_path / "in", range(2))
    first = stylize_set("pencil", paths, ["a", "b"], tmp_path / "out")
    first[0].write_bytes(b"as it was")
    stylize_set("pencil", paths, ["a", "b"], tmp_path / "out")
    assert first[0].read_bytes() == b"as it was"


def test_a_stop_leaves_whole_files(tmp_path):
    paths = folder_of_blobs(tmp_path / "in", range(3))

    def stop(done, of):
        if done == 1:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        stylize_set("pencil", paths, ["a", "b", "c"], tmp_path / "out", report=stop)
    (only,) = (tmp_path / "out").iterdir()
    assert read_picture(only).shape == (50, 40, 3)


@pytest.mark.parametrize(("name", "why"), [("crayon", "crayon"), (None, "None")])
def test_an_unknown_stylizer_is_refused_by_name(tmp_path, name, why):
    with pytest.raises(InputError, match=why):
        stylize_set(name, [], [], tmp_path / "out")


def test_an_unreadable_picture_is_named(tmp_path):
    (tmp_path / "x.png").write_bytes(b"nonsense")
    with pytest.raises(InputError, match="somebody"):
        stylize_set("pencil", [tmp_path / "x.png"], ["somebody"], tmp_path / "out")
    with pytest.raises(InputError, match="gone"):
        stylize_set("pencil", [tmp_path / "y.png"], ["gone"], tmp_path / "out")


def test_other_code_or_another_name_gives_another_digest(tmp_path, monkeypatch):
    first = stylizer_digest("pencil")
    assert len(first) == 64 and first == stylizer_digest("pencil")
    monkeypatch.setitem(catalogue.STYLIZERS, "other", dataclasses.replace(catalogue.stylizer("pencil"), name="other"))
    assert stylizer_digest("other") != first
    (tmp_path / "drawn").mkdir()
    (tmp_path / "drawn" / "own.py").write_text("one")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(
        catalogue.STYLIZERS, "own", dataclasses.replace(catalogue.stylizer("pencil"), name="own", module="drawn.own")
    )
    one = stylizer_digest("own")
    (tmp_path / "drawn" / "own.py").write_text("two")
    digests._code_digest.cache_clear()
    assert stylizer_digest("own") != one


def test_a_shipped_model_without_its_files_is_no_drawer(tmp_path, monkeypatch):
    @dataclasses.dataclass(frozen=True)
    class Elsewhere(catalogue.Shipped):
        @property
        def folder(self):
            return tmp_path / self.name

    monkeypatch.setitem(
        catalogue.SHIPPED, "tests.model", Elsewhere("tests.model", "t", (("photo", "sketch"),), "n", "terms")
    )
    assert "tests.model" not in known_drawers() and "pencil" in known_drawers()
    assert drawer_directions("tests.model") == drawer_directions("pencil") == (("photo", "sketch"),)
    with pytest.raises(InputError, match=r"files of the shipped model .* are not here"):
        stylizer_digest("tests.model")
