"""DINOv2 ViT-S/14 (Oquab et al. 2023, https://arxiv.org/abs/2304.07193), the image encoder, with the published file's keys.

A vision transformer (Dosovitskiy et al. 2021): patches of 14x14 pixels become vectors, one more stands for the picture, and
twelve blocks of attention and two layers, each scaled by a learned factor, work on them.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTH = 384
DEPTH = 12
HEADS = 6
PATCH = 14
TRAINED_SIDE = 37  # patches on a side of the pictures that the positions were learned on (518 pixels)
EPSILON = 1e-6
OFFSET = 0.1  # the authors' program adds it to the wanted size of the grid of positions; published features have it


class Scale(nn.Module):
    """A learned factor for each channel."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width))

    def forward(self, tokens: Tensor) -> Tensor:
        return tokens * self.gamma


class Attention(nn.Module):
    """Multi-head self-attention (n, tokens, width)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        n, count, width = tokens.shape
        query, key, value = self.qkv(tokens).reshape(n, count, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value)
        return self.proj(mixed.transpose(1, 2).reshape(n, count, width))


class Mlp(nn.Module):
    """Two layers with four times as many numbers between them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.fc2(functional.gelu(self.fc1(tokens)))


class Block(nn.Module):
    """Attention, then two layers, each normalised before, scaled after, and added."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=EPSILON)
        self.attn = Attention(width, heads)
        self.ls1 = Scale(width)
        self.norm2 = nn.LayerNorm(width, eps=EPSILON)
        self.mlp = Mlp(width)
        self.ls2 = Scale(width)

    def forward(self, tokens: Tensor) -> Tensor:
        tokens = tokens + self.ls1(self.attn(self.norm1(tokens)))
        return tokens + self.ls2(self.mlp(self.norm2(tokens)))


class PatchEmbedding(nn.Module):
    """(n, 3, h, w) -> (n, patches, width), h and w multiples of 14."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, width, PATCH, stride=PATCH)

    def forward(self, picture: Tensor) -> Tensor:
        return self.proj(picture).flatten(2).transpose(1, 2)


class DinoV2(nn.Module):
    """Normalised RGB (n, 3, h, w), h and w multiples of 14 -> the picture's vector, (n, 384).

    Smaller sizes are for tests.
    """

    def __init__(
        self, width: int = WIDTH, depth: int = DEPTH, heads: int = HEADS, trained_side: int = TRAINED_SIDE
    ) -> None:
        super().__init__()
        self.trained_side = trained_side
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + trained_side**2, width))
        self.mask_token = nn.Parameter(torch.zeros(1, width))  # of the training; the file has it
        self.patch_embed = PatchEmbedding(width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width, eps=EPSILON)

    def forward(self, picture: Tensor) -> Tensor:
        rows, columns = picture.shape[2] // PATCH, picture.shape[3] // PATCH
        tokens = torch.cat([self.cls_token.expand(len(picture), -1, -1), self.patch_embed(picture)], dim=1)
        tokens = tokens + self._positions(rows, columns)
        for block in self.blocks:
            tokens = block(tokens)
        return self.norm(tokens[:, 0])

    def _positions(self, rows: int, columns: int) -> Tensor:
        """The learned positions, resized by bicubic interpolation to this many patches: (1, 1 + rows * columns, width)."""
        side = self.trained_side
        if rows == columns == side:
            return self.pos_embed
        grid = self.pos_embed[:, 1:].reshape(1, side, side, -1).permute(0, 3, 1, 2)
        factors = ((rows + OFFSET) / side, (columns + OFFSET) / side)
        resized = functional.interpolate(grid, scale_factor=factors, mode="bicubic", antialias=False)
        return torch.cat([self.pos_embed[:, :1], resized.flatten(2).transpose(1, 2)], dim=1)


def shapes() -> dict[str, tuple[int, ...]]:
    """What a file of weights must hold."""
    with torch.device("meta"):
        return {key: tuple(value.shape) for key, value in DinoV2().state_dict().items()}
