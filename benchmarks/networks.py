"""Whether the networks written here are those of timm and open_clip, with the same seeded random weights.

    peers/bin/pip install --no-deps timm open_clip_torch huggingface_hub ftfy
    peers/bin/python benchmarks/networks.py [--json]

EdgeFace-XS and DINOv2 against timm, the image encoders of CLIP against open_clip. Printed is the largest difference of an output
relative to the largest output. Ends with 1 when it is above 1e-4.
"""

import argparse
import json
import sys

import peers
import torch

from workers.engine.networks import clip, dinov2, edgeface

BOUND = 1e-4


def seeded(shapes, seed=0):
    """Small random numbers; about 1 for what scales."""
    generator = torch.Generator().manual_seed(seed)
    scales = ("norm.weight", "norm1.weight", "norm2.weight", "gamma", "gamma_xca", "temperature")
    return {
        key: torch.randn(shapes[key], generator=generator) * (0.02 if len(shapes[key]) > 1 else 0.1)
        + key.endswith(scales)
        for key in sorted(shapes)
    }


def compared(ours, theirs, side):
    inputs = torch.rand(2, 3, side, side, generator=torch.Generator().manual_seed(3)) * 2 - 1
    with torch.inference_mode():
        found, expected = ours.eval()(inputs), theirs.eval()(inputs)
    return float((found - expected).abs().max() / expected.abs().max())


def by_timm():
    timm = peers.peer("timm")
    if timm is None:
        return
    state = seeded(edgeface.shapes())
    ours, theirs = edgeface.EdgeFaceXs(), timm.create_model("edgenext_x_small")
    theirs.reset_classifier(edgeface.OUTPUTS)
    for network in (ours, theirs):
        network.load_state_dict(state)
    yield "edgeface xs, timm", compared(ours, theirs, 112)
    state = seeded(dinov2.shapes())
    ours, theirs = dinov2.DinoV2(), timm.create_model("vit_small_patch14_dinov2", num_classes=0, img_size=518)
    ours.load_state_dict(state)
    del state["mask_token"]
    theirs.load_state_dict(state)
    yield "dinov2 vits14 at 518 pixels, timm", compared(ours, theirs, 518)


def by_open_clip():
    open_clip = peers.peer("open_clip")
    if open_clip is None:
        return
    for name, size in (("ViT-B-32-quickgelu", clip.VIT_B32), ("ViT-L-14-336-quickgelu", clip.VIT_L14_336)):
        ours = clip.ClipImages(size)
        state = seeded({key: tuple(value.shape) for key, value in ours.state_dict().items()})
        ours.load_state_dict(state)
        theirs = open_clip.create_model(name, pretrained=None).visual
        theirs.load_state_dict(dict(renamed(state, size.depth)))
        yield f"clip {name}, open_clip", compared(ours, Normalised(theirs), size.side)


class Normalised(torch.nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, inputs):
        return torch.nn.functional.normalize(self.network(inputs), dim=-1)


def renamed(state, depth):
    """The keys of the published files -> those of the paper's program, which open_clip has kept."""
    embeddings = "vision_model.embeddings."
    yield "class_embedding", state[f"{embeddings}class_embedding"]
    yield "positional_embedding", state[f"{embeddings}position_embedding.weight"]
    yield "conv1.weight", state[f"{embeddings}patch_embedding.weight"]
    yield "proj", state["visual_projection.weight"].T
    layers = {"attn.out_proj": "self_attn.out_proj", "ln_1": "layer_norm1", "ln_2": "layer_norm2", "mlp.c_fc": "mlp.fc1",
              "mlp.c_proj": "mlp.fc2"}  # fmt: skip
    for part in ("weight", "bias"):
        yield f"ln_pre.{part}", state[f"vision_model.pre_layrnorm.{part}"]
        yield f"ln_post.{part}", state[f"vision_model.post_layernorm.{part}"]
        for block in range(depth):
            old, new = f"vision_model.encoder.layers.{block}.", f"transformer.resblocks.{block}."
            three = [state[f"{old}self_attn.{each}_proj.{part}"] for each in "qkv"]
            yield f"{new}attn.in_proj_{part}", torch.cat(three)
            for theirs, ours in layers.items():
                yield f"{new}{theirs}.{part}", state[f"{old}{ours}.{part}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    worst = 0.0
    for source in (by_timm, by_open_clip):
        for what, difference in source():
            worst = max(worst, difference)
            row = {"what": what, "difference": difference, "bound": BOUND}
            print(json.dumps(row) if options.json else f"{what}: largest difference {difference:.1e}", flush=True)
    sys.exit(1 if worst > BOUND else 0)


if __name__ == "__main__":
    main()
