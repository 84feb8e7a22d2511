"""CLIP and DINOv2 against torch's own transformer with the same seeded random weights; none of these numbers is a metric."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from tests.engine.drawing import blobs
from tests.engine.state_dicts import filled, picture_of, seeded, shapes_of
from workers.engine import catalogue
from workers.engine.features import clip as clip_features
from workers.engine.networks import clip, dinov2


def transformer(blocks, width, heads, activation, epsilon, parts):
    """torch's own encoder, filled block by block by `parts(number)` -> its state dict."""
    layers = []
    for number in range(blocks):
        layer = nn.TransformerEncoderLayer(
            width, heads, 4 * width, 0.0, activation, epsilon, batch_first=True, norm_first=True
        )
        layer.load_state_dict(parts(number))
        layers.append(layer.eval())
    return nn.Sequential(*layers)


@torch.inference_mode()
def test_dinov2_equals_torchs_own_transformer():
    ours = dinov2.DinoV2(width=24, depth=2, heads=3, trained_side=5)
    state = seeded(shapes_of(ours))
    filled(ours, state)

    def parts(number):
        """The learned scales are folded into the layers before them."""
        own = {
            key.removeprefix(f"blocks.{number}."): value for key, value in state.items() if f"blocks.{number}." in key
        }
        first, second = own["ls1.gamma"], own["ls2.gamma"]
        return {
            "self_attn.in_proj_weight": own["attn.qkv.weight"], "self_attn.in_proj_bias": own["attn.qkv.bias"],
            "self_attn.out_proj.weight": own["attn.proj.weight"] * first[:, None],
            "self_attn.out_proj.bias": own["attn.proj.bias"] * first,
            "linear1.weight": own["mlp.fc1.weight"], "linear1.bias": own["mlp.fc1.bias"],
            "linear2.weight": own["mlp.fc2.weight"] * second[:, None], "linear2.bias": own["mlp.fc2.bias"] * second,
            "norm1.weight": own["norm1.weight"], "norm1.bias": own["norm1.bias"],
            "norm2.weight": own["norm2.weight"], "norm2.bias": own["norm2.bias"],
        }  # fmt: skip

    inputs = picture_of(70)
    patches = nn.functional.unfold(inputs, 14, stride=14).transpose(1, 2)  # (n, 25, 3 * 14 * 14)
    tokens = patches @ state["patch_embed.proj.weight"].flatten(1).T + state["patch_embed.proj.bias"]
    tokens = torch.cat([state["cls_token"].expand(2, -1, -1), tokens], dim=1) + state["pos_embed"]
    tokens = transformer(2, 24, 3, nn.functional.gelu, 1e-6, parts)(tokens)
    expected = nn.functional.layer_norm(tokens[:, 0], (24,), state["norm.weight"], state["norm.bias"], 1e-6)
    torch.testing.assert_close(ours(inputs), expected, rtol=1e-4, atol=1e-5)


def test_positions_of_dinov2_are_resized_for_other_pictures():
    network = dinov2.DinoV2(width=4, depth=0, heads=1, trained_side=5)
    ramp = torch.arange(5.0).repeat_interleave(5)  # the row of each place
    network.pos_embed.data[0, 1:] = ramp[:, None]
    network.pos_embed.data[0, 0] = 9
    positions = network._positions(10, 15)[0].detach()
    assert positions.shape == (1 + 10 * 15, 4)
    assert (positions[0] == 9).all()
    rows = positions[1:, 0].reshape(10, 15)
    torch.testing.assert_close(rows, rows[:, :1].expand(-1, 15))
    # Half-pixel centres on a grid 10.1 / 5 times as fine, as the authors' program has it; torch's bicubic has a = -0.75.
    for row in range(10):
        place = (row + 0.5) * 5 / 10.1 - 0.5
        near = [math.floor(place) + step for step in (-1, 0, 1, 2)]
        expected = sum(keys_kernel(place - each, -0.75) * min(max(each, 0), 4) for each in near)
        assert float(rows[row, 0]) == pytest.approx(expected, abs=1e-4)


def keys_kernel(offset, a):
    """Keys 1981, "Cubic convolution interpolation", eq. 4 with its free parameter."""
    x = abs(offset)
    if x <= 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * (x**3 - 5 * x**2 + 8 * x - 4) if x < 2 else 0.0


@torch.inference_mode()
def test_clip_equals_torchs_own_transformer():
    size = clip.Size(side=64, patch=32, width=24, depth=2, heads=3, outputs=10)
    ours = clip.ClipImages(size)
    state = seeded(shapes_of(ours))
    filled(ours, state)

    def parts(number):
        start = f"vision_model.encoder.layers.{number}."
        own = {key.removeprefix(start): value for key, value in state.items() if key.startswith(start)}
        found = {
            f"self_attn.in_proj_{part}": torch.cat([own[f"self_attn.{name}_proj.{part}"] for name in "qkv"])
            for part in ("weight", "bias")
        }
        names = {"self_attn.out_proj": "self_attn.out_proj", "linear1": "mlp.fc1", "linear2": "mlp.fc2",
                 "norm1": "layer_norm1", "norm2": "layer_norm2"}  # fmt: skip
        return found | {
            f"{theirs}.{part}": own[f"{name}.{part}"] for theirs, name in names.items() for part in ("weight", "bias")
        }

    def norm(tokens, name):
        weight, bias = (state[f"vision_model.{name}.{part}"] for part in ("weight", "bias"))
        return nn.functional.layer_norm(tokens, (24,), weight, bias, 1e-5)

    inputs = picture_of(64)
    patches = nn.functional.unfold(inputs, 32, stride=32).transpose(1, 2)
    tokens = patches @ state["vision_model.embeddings.patch_embedding.weight"].flatten(1).T
    first = state["vision_model.embeddings.class_embedding"].expand(2, 1, -1)
    tokens = torch.cat([first, tokens], dim=1) + state["vision_model.embeddings.position_embedding.weight"]
    tokens = transformer(2, 24, 3, lambda x: x * torch.sigmoid(1.702 * x), 1e-5, parts)(norm(tokens, "pre_layrnorm"))
    expected = norm(tokens[:, 0], "post_layernorm") @ state["visual_projection.weight"].T
    expected = expected / expected.norm(dim=1, keepdim=True)
    torch.testing.assert_close(ours(inputs), expected, rtol=1e-4, atol=1e-6)


def test_the_transformers_have_their_published_sizes():
    count = {
        name: sum(int(np.prod(shape)) for shape in shapes.values())
        for name, shapes in (
            ("dinov2", dinov2.shapes()), ("b32", clip.shapes_b32()), ("l14_336", clip.shapes_l14_336())
        )
    }  # fmt: skip
    # facebookresearch/dinov2 (with the mask token); transformers' CLIPVisionModelWithProjection.
    assert count == {"dinov2": 22_056_576, "b32": 87_849_216, "l14_336": 304_293_888}


def test_clip_and_dinov2_take_the_sizes_of_the_catalogue():
    for row in (clip_features.ClipVitB32, clip_features.ClipVitL14At336):
        name = {"ClipVitB32": "clip.vitb32", "ClipVitL14At336": "clip.vitl14_336"}[row.__name__]
        prepared = row.prepare(object.__new__(row), blobs(1).copy())
        entry = catalogue.extractor(name)
        assert (prepared.shape[2], prepared.shape[1]) == entry.preprocessing.input_size
        assert row.size.outputs == entry.dimension
