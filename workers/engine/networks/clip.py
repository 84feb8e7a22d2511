"""The image encoder of CLIP (Radford et al. 2021, https://arxiv.org/abs/2103.00020), as a vision transformer.

Keys are those of OpenAI's own files on Hugging Face (`openai/clip-vit-...`, `pytorch_model.bin`), which can be read without
running code; the older files of the paper's program are TorchScript and cannot.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional


class Size(NamedTuple):
    """Of an image encoder: pixels on a side, pixels on a patch's side, width, blocks, heads, and numbers that come out."""

    side: int
    patch: int
    width: int
    depth: int
    heads: int
    outputs: int


VIT_B32 = Size(side=224, patch=32, width=768, depth=12, heads=12, outputs=512)
VIT_L14_336 = Size(side=336, patch=14, width=1024, depth=24, heads=16, outputs=768)
EPSILON = 1e-5


class Embeddings(nn.Module):
    """Patches and one vector that stands for the picture, with their positions: (n, 3, side, side) -> (n, tokens, width)."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.class_embedding = nn.Parameter(torch.zeros(size.width))
        self.patch_embedding = nn.Conv2d(3, size.width, size.patch, stride=size.patch, bias=False)
        self.position_embedding = nn.Embedding(1 + (size.side // size.patch) ** 2, size.width)

    def forward(self, picture: Tensor) -> Tensor:
        patches = self.patch_embedding(picture).flatten(2).transpose(1, 2)
        first = self.class_embedding.expand(len(picture), 1, -1)
        return torch.cat([first, patches], dim=1) + self.position_embedding.weight


class Attention(nn.Module):
    """Multi-head self-attention (n, tokens, width)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(width, width) for _ in range(4))

    def forward(self, tokens: Tensor) -> Tensor:
        n, count, width = tokens.shape
        query, key, value = (
            part(tokens).reshape(n, count, self.heads, -1).transpose(1, 2)
            for part in (self.q_proj, self.k_proj, self.v_proj)
        )
        mixed = functional.scaled_dot_product_attention(query, key, value)
        return self.out_proj(mixed.transpose(1, 2).reshape(n, count, width))


class Mlp(nn.Module):
    """Two layers with four times as many numbers between them; x sigmoid(1.702 x) stands for the GELU, as in training."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        numbers = self.fc1(tokens)
        return self.fc2(numbers * torch.sigmoid(1.702 * numbers))


class Block(nn.Module):
    """Attention, then two layers, each normalised before and added."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.layer_norm1 = nn.LayerNorm(size.width, eps=EPSILON)
        self.self_attn = Attention(size.width, size.heads)
        self.layer_norm2 = nn.LayerNorm(size.width, eps=EPSILON)
        self.mlp = Mlp(size.width)

    def forward(self, tokens: Tensor) -> Tensor:
        tokens = tokens + self.self_attn(self.layer_norm1(tokens))
        return tokens + self.mlp(self.layer_norm2(tokens))


class Encoder(nn.Module):
    """The blocks, one after the other."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Block(size) for _ in range(size.depth))

    def forward(self, tokens: Tensor) -> Tensor:
        for block in self.layers:
            tokens = block(tokens)
        return tokens


class VisionModel(nn.Module):
    """(n, 3, side, side) -> the picture's vector, (n, width)."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.embeddings = Embeddings(size)
        self.pre_layrnorm = nn.LayerNorm(size.width, eps=EPSILON)  # spelt like this in the published files
        self.encoder = Encoder(size)
        self.post_layernorm = nn.LayerNorm(size.width, eps=EPSILON)

    def forward(self, picture: Tensor) -> Tensor:
        tokens = self.encoder(self.pre_layrnorm(self.embeddings(picture)))
        return self.post_layernorm(tokens[:, 0])


class ClipImages(nn.Module):
    """Normalised RGB (n, 3, side, side) -> embeddings of length 1, (n, outputs)."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.vision_model = VisionModel(size)
        self.visual_projection = nn.Linear(size.width, size.outputs, bias=False)

    def forward(self, picture: Tensor) -> Tensor:
        return functional.normalize(self.visual_projection(self.vision_model(picture)), dim=-1)


def shapes_b32() -> dict[str, tuple[int, ...]]:
    """What a file of ViT-B/32 must hold."""
    return _shapes(VIT_B32)


def shapes_l14_336() -> dict[str, tuple[int, ...]]:
    """What a file of ViT-L/14 at 336 pixels must hold."""
    return _shapes(VIT_L14_336)


def _shapes(size: Size) -> dict[str, tuple[int, ...]]:
    with torch.device("meta"):
        return {key: tuple(value.shape) for key, value in ClipImages(size).state_dict().items()}
