"""From a checkpoint to a model that ships, and which of those are really there."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tests.engine.drawing import blobs
from tests.engine.untrained import untrained_checkpoint
from workers.engine.__main__ import main
from workers.engine.catalogue import SHIPPED, Shipped
from workers.engine.errors import InputError
from workers.engine.families.checkpoint_file import checkpoint_meta
from workers.engine.families.use import open_checkpoint
from workers.engine.shipped import making
from workers.engine.shipped.making import ship
from workers.engine.shipped.shelf import meta_on_shelf

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkpoint(tmp_path):
    return untrained_checkpoint(tmp_path / "000000000000")


class On:
    """A shelf place in a folder of the test's own."""

    def __new__(cls, folder: Path) -> Shipped:
        class Place(Shipped):
            @property
            def folder(self) -> Path:
                return folder

        return Place("test.tiny", "Test", (("photo", "sketch"),), "note", "terms")


def test_it_ships_in_half_precision_under_its_own_digest_and_draws_the_same(checkpoint, tmp_path, capsys):
    out = tmp_path / "shelf" / "tiny"
    assert main(["ship", str(checkpoint), str(out), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    before, after = checkpoint_meta(checkpoint), checkpoint_meta(out)
    assert after == replace(before, digest=answer["digest"]) and after.digest != before.digest
    assert {one.dtype for one in load_file(out / "generator.safetensors").values() if one.is_floating_point()} == {
        torch.float16
    }
    assert answer["bytes"] == (out / "generator.safetensors").stat().st_size
    assert answer["bytes"] < 0.6 * (checkpoint / "generator.safetensors").stat().st_size
    assert answer["card"] is False
    (full,), (half,) = (open_checkpoint(folder, "cpu").apply([blobs(1)]) for folder in (checkpoint, out))
    assert np.abs(full.astype(int) - half.astype(int)).max() <= 2
    assert answer["largest_difference"] <= 2
    assert sorted(path.name for path in out.iterdir()) == ["checkpoint.json", "generator.safetensors"]


def test_shipping_again_replaces_the_files_and_keeps_the_card(checkpoint, tmp_path, capsys):
    out = tmp_path / "tiny"
    ship(untrained_checkpoint(tmp_path / "000000000001", seed=1), out)
    (out / "README.md").write_text("# card")
    assert main(["ship", str(checkpoint), str(out)]) == 0
    assert "write the model card" not in capsys.readouterr().out
    assert (out / "README.md").read_text() == "# card"
    assert checkpoint_meta(out).id == "000000000000"
    assert meta_on_shelf(On(out)) == checkpoint_meta(out)


@pytest.mark.parametrize("damage", ["missing", "other weights", "no description"])
def test_a_damaged_checkpoint_ships_nothing(checkpoint, tmp_path, capsys, damage):
    if damage == "missing":
        checkpoint = tmp_path / "nowhere"
    elif damage == "other weights":
        (checkpoint / "generator.safetensors").write_bytes(b"something else")
    else:
        (checkpoint / "checkpoint.json").write_text("{")
    assert main(["ship", str(checkpoint), str(tmp_path / "out")]) == 2
    assert "checkpoint" in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_weights_that_half_precision_cannot_hold_are_refused(tmp_path):
    huge = untrained_checkpoint(tmp_path / "000000000002", scale=1e9)
    with pytest.raises(InputError, match="too large for half precision"):
        ship(huge, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_model_that_is_too_large_is_refused_with_its_size(checkpoint, tmp_path, monkeypatch):
    monkeypatch.setattr(making, "MAX_BYTES", 10_000)
    with pytest.raises(InputError, match=r"MiB; a model that ships has at most"):
        ship(checkpoint, tmp_path / "out")


@pytest.mark.parametrize("out", ["file", "itself"])
def test_the_folder_must_be_another_one(checkpoint, tmp_path, out):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="must be another folder"):
        ship(checkpoint, checkpoint if out == "itself" else tmp_path / "file")
    assert checkpoint_meta(checkpoint).digest and len(list(checkpoint.iterdir())) == 2


class TestShelf:
    def test_a_model_is_there_when_its_digest_fits(self, checkpoint, tmp_path):
        assert meta_on_shelf(On(tmp_path / "empty")) is None
        ship(checkpoint, tmp_path / "tiny")
        assert meta_on_shelf(On(tmp_path / "tiny")).preset == "pix2pix.tiny"

    def test_another_file_under_its_name_is_no_model(self, checkpoint, tmp_path):
        ship(checkpoint, out := tmp_path / "tiny")
        assert meta_on_shelf(On(out)) is not None
        (out / "generator.safetensors").write_bytes(b"a pointer of some large file storage")
        assert meta_on_shelf(On(out)) is None

    def test_neither_is_one_of_another_direction(self, checkpoint, tmp_path):
        ship(checkpoint, out := tmp_path / "tiny")
        text = (out / "checkpoint.json").read_text()
        turned = text.replace('"photo",\n  "sketch"', '"sketch",\n  "photo"')
        assert turned != text
        (out / "checkpoint.json").write_text(turned)
        assert meta_on_shelf(On(out)) is None

    @pytest.mark.parametrize("name", SHIPPED)
    def test_what_lies_in_the_repository_is_whole(self, name):
        shipped = SHIPPED[name]
        if not shipped.folder.is_dir():
            pytest.skip(f"{name} is not in the repository yet")
        meta = meta_on_shelf(shipped)
        assert meta is not None, "the weights are not the ones that checkpoint.json describes: run ship again"
        assert (shipped.folder / "generator.safetensors").stat().st_size <= 16 * 1024 * 1024
        card = shipped.card.read_text()
        assert len(card) > 500 and "research" in card.lower()

    def test_nothing_hides_it_from_git(self):
        import subprocess

        path = "workers/engine/shipped/cufs.modern/generator.safetensors"
        done = subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT)
        assert done.returncode == 1, ".gitignore would leave the shipped weights out"


def test_a_grey_one_draws_the_same_lines_without_colour(tmp_path, capsys):
    checkpoint = untrained_checkpoint(tmp_path / "000000000002", preset="pix2pix.modern")
    assert main(["ship", str(checkpoint), str(tmp_path / "coloured")]) == 0
    assert main(["ship", str(checkpoint), str(tmp_path / "grey"), "--grey", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["largest_difference"] <= 2
    picture = blobs(1, (200, 250))
    (coloured,), (grey,) = (open_checkpoint(tmp_path / name, "cpu").apply([picture]) for name in ("coloured", "grey"))
    assert np.ptp(coloured, axis=2).max() > 0 and np.ptp(grey, axis=2).max() == 0
    assert np.corrcoef(coloured.mean(axis=2).ravel(), grey[..., 0].ravel())[0, 1] > 0.9


def test_only_the_modern_network_can_be_made_grey(checkpoint, tmp_path):
    with pytest.raises(InputError, match="can be made grey"):
        ship(checkpoint, tmp_path / "out", grey=True)
    assert not (tmp_path / "out").exists()
