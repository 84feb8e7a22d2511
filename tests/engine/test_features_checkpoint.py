"""Networks of checkpoints as extractors, with tiny ones that were made here and never trained."""

import dataclasses

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from tests.engine.drawing import folder_of_blobs
from workers.engine import catalogue, weights
from workers.engine.errors import InputError
from workers.engine.families import build, canvas
from workers.engine.families.checkpoint_file import GENERATOR, CheckpointMeta, write_meta
from workers.engine.features.extract import extract

UNET, VAE, MODERN = "0" * 12, "1" * 12, "2" * 12
PRESETS = {UNET: "pix2pix.tiny", VAE: "vae.tiny", MODERN: "pix2pix.modern"}


def checkpoint(folder, id):
    """A checkpoint of the preset with seeded weights, as a training leaves it behind; returns its generator."""
    preset = PRESETS[id]
    torch.manual_seed(int(id[0]))
    options = catalogue.options_checked(preset, {})
    network = build.family(preset, options).generator().eval() if id != MODERN else torch.nn.Linear(1, 1)
    (folder / id).mkdir(parents=True)
    save_file({key: value.contiguous() for key, value in network.state_dict().items()}, folder / id / GENERATOR)
    meta = CheckpointMeta(
        id=id, run_id="run", preset=preset, family=catalogue.preset(preset).family, options=options,
        direction=("photo", "sketch"), epoch=1, step=1, digest=weights.sha256_of(folder / id / GENERATOR), seed=0,
        train_digest="", code_version="", loss_networks=(),
    )  # fmt: skip
    write_meta(folder / id, meta)
    return network, meta


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    return folder, {id: checkpoint(folder, id) for id in PRESETS}


def inputs_of(paths, size):
    from workers.engine.features.pictures import read_picture

    squares = [canvas.square(read_picture(path), size)[0] for path in paths]
    return torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2).float() / 127.5 - 1


def test_each_encoder_layer_is_flattened_when_small_and_averaged_otherwise(made, tmp_path):
    folder, networks = made
    network, meta = networks[UNET]
    paths = folder_of_blobs(tmp_path, range(3), size=(28, 20))
    expected = inputs_of(paths, meta.options["size"])
    levels = len(network.encoder)
    assert levels == 5  # 32 pixels
    for level in range(1, levels + 1):
        with torch.inference_mode():
            expected = network.encoder[f"en{level}"](expected)
        rows = expected.flatten(1) if expected.shape[2] <= 2 else expected.mean(dim=(2, 3))
        found = extract(paths, f"pix2pix.en{level}@{UNET}", checkpoints_dir=folder, batch_size=2)
        assert found.weights_digest == meta.digest
        np.testing.assert_allclose(found.features, rows, rtol=1e-3, atol=1e-5)


def test_the_code_of_a_vae_is_its_mean(made, tmp_path):
    folder, networks = made
    network, meta = networks[VAE]
    paths = folder_of_blobs(tmp_path, range(3))
    with torch.inference_mode():
        mean, _ = network.encode(inputs_of(paths, meta.options["size"]))
    found = extract(paths, f"vae.mu@{VAE}", checkpoints_dir=folder, store_dir=tmp_path / "store")
    np.testing.assert_allclose(found.features, mean, rtol=1e-3, atol=1e-5)
    again = extract(paths, f"vae.mu@{VAE}", checkpoints_dir=folder, store_dir=tmp_path / "store")
    np.testing.assert_array_equal(again.features, found.features)


def test_the_published_sizes_are_those_of_the_table():
    from workers.engine.families.build import family

    with torch.device("meta"):
        network = family("pix2pix.unet256", {}).generator().eval()
        planes = network.encode(torch.empty(1, 3, 256, 256))
        code = family("vae.seed", {}).generator().code
    for name, plane in planes.items():
        numbers = plane[0].numel() if plane.shape[2] <= 2 else plane.shape[1]
        assert catalogue.CHECKPOINT_EXTRACTORS[f"pix2pix.{name}"].dimension == numbers
    assert len(planes) == 8
    assert catalogue.CHECKPOINT_EXTRACTORS["vae.mu"].dimension == code


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (f"pix2pix.en6@{UNET}", r"\(pix2pix.tiny\) has no layer pix2pix\.en6; it has pix2pix\.en1, .*pix2pix\.en5"),
        (f"vae.mu@{UNET}", r"has no layer vae\.mu"),
        (f"pix2pix.en1@{VAE}", r"has no layer pix2pix\.en1; it has vae\.mu"),
        (f"pix2pix.en1@{MODERN}", r"\(pix2pix.modern\) has no layer .* it has no layers that measure"),
        ("pix2pix.en1@fffffffffff0", "There is no checkpoint fffffffffff0"),
        ("pix2pix.en1@mine", "'mine' is no checkpoint; its id has 12 digits"),
    ],
)
def test_a_layer_that_a_checkpoint_has_not_is_refused(name, said, made):
    with pytest.raises(InputError, match=said):
        weights.find(name, None, made[0])


def test_the_folder_of_checkpoints_must_be_given():
    with pytest.raises(InputError, match="no folder of checkpoints was given"):
        weights.find(f"vae.mu@{VAE}", None)


def test_a_changed_file_is_not_used(tmp_path):
    _, meta = checkpoint(tmp_path, VAE)
    write_meta(tmp_path / VAE, dataclasses.replace(meta, digest="0" * 64))
    with pytest.raises(InputError, match="is not the file that was written"):
        weights.find(f"vae.mu@{VAE}", None, tmp_path)
    (tmp_path / VAE / GENERATOR).unlink()
    with pytest.raises(InputError, match="cannot be read"):
        weights.find(f"vae.mu@{VAE}", None, tmp_path)


def test_broken_weights_give_no_features(tmp_path):
    network, meta = checkpoint(tmp_path, VAE)
    state = {key: value.clone() for key, value in network.state_dict().items()}
    state["mean.bias"][0] = float("nan")
    save_file(state, tmp_path / VAE / GENERATOR)
    digest = weights.sha256_of(tmp_path / VAE / GENERATOR)
    write_meta(tmp_path / VAE, dataclasses.replace(meta, digest=digest))
    with pytest.raises(InputError, match="gives no numbers"):
        extract(folder_of_blobs(tmp_path / "set", range(2)), f"vae.mu@{VAE}", checkpoints_dir=tmp_path)


def test_tiny_pictures_are_skipped_with_the_reason(made, tmp_path):
    paths = folder_of_blobs(tmp_path, range(2))
    (small,) = folder_of_blobs(tmp_path / "small", [9], size=(5, 5))
    found = extract([*paths, small], f"vae.mu@{VAE}", checkpoints_dir=made[0])
    assert [(skip.key, skip.reason[:23]) for skip in found.skipped] == [(str(small), "The picture has 5x5 pix")]
