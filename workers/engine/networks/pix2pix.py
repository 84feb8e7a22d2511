"""pix2pix: the U-Net generator, with or without skips, and the discriminator of patches.

Isola, Zhu, Zhou and Efros 2017, "Image-to-Image Translation with Conditional Adversarial Networks"
(https://arxiv.org/abs/1611.07004), section 3.2 and appendix 6.1. Convolutions of 4x4, stride 2. The encoder is
C64-C128-C256-C512-C512-..., without normalisation in its first and its innermost layer; the decoder mirrors it.
"""

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from workers.engine.networks.blocks import Double, Halve, check_square, initialise, levels_of, norm_layer


class UNet(nn.Module):
    """Pictures (n, channels_in, size, size) in [-1, 1] -> (n, channels_out, size, size) in (-1, 1).

    It halves until one pixel is left: 8 levels at 256, 7 at 128. `en1` ... are the encoder's layers from the picture
    inwards, `de1` ... the decoder's from the bottleneck outwards. `skips` joins the output of each encoder layer to that
    of the decoder layer of the same size; without them everything passes the bottleneck.
    Dropout stands in de2, de3, de4 (fewer where there are fewer levels) and works in training alone: the paper also
    drops at test time, as its only noise, which makes a result depend on chance and on the batch.
    """

    def __init__(
        self,
        size: int = 256,
        *,
        width: int = 64,
        channels_in: int = 3,
        channels_out: int = 3,
        skips: bool = True,
        norm: str = "batch",
        dropout: float = 0.5,
    ):
        super().__init__()
        self.size, self.skips, self.levels = size, skips, levels_of(size)
        biased = norm == "instance"  # a batch normalisation would take the bias away again
        widths = [min(width * 2**level, width * 8) for level in range(self.levels)]
        self.encoder = nn.ModuleDict()
        for level in range(self.levels):
            layer: list[nn.Module] = [Halve(widths[level - 1] if level else channels_in, widths[level], bias=biased)]
            if level:
                layer.insert(0, nn.LeakyReLU(0.2))
            if 0 < level < self.levels - 1:
                layer.append(norm_layer(norm, widths[level]))
            self.encoder[f"en{level + 1}"] = nn.Sequential(*layer)
        self.decoder = nn.ModuleDict()
        for level in range(1, self.levels + 1):
            inner = widths[-level]
            entering = inner if level == 1 or not skips else 2 * inner
            last = level == self.levels
            leaving = channels_out if last else widths[-level - 1]
            layer = [nn.ReLU(), Double(entering, leaving, bias=biased or last)]
            if last:
                layer.append(nn.Tanh())
            else:
                layer.append(norm_layer(norm, leaving))
                if dropout and 2 <= level < max(self.levels - 3, 3):
                    layer.append(nn.Dropout(dropout))
            self.decoder[f"de{level}"] = nn.Sequential(*layer)
        initialise(self)

    def encode(self, pictures: Tensor) -> dict[str, Tensor]:
        """The output of every encoder layer by its name, before the next one's activation."""
        check_square(pictures, self.size)
        outputs: dict[str, Tensor] = {}
        for name, layer in self.encoder.items():
            pictures = outputs[name] = layer(pictures)
        return outputs

    def forward(self, pictures: Tensor) -> Tensor:
        outputs = list(self.encode(pictures).values())
        carried = outputs.pop()
        for level, layer in enumerate(self.decoder.values()):
            if self.skips and level:
                carried = torch.cat([carried, outputs.pop()], dim=1)
            carried = layer(carried)
        return carried


class PatchDiscriminator(nn.Module):
    """Pictures (n, channels, h, w) -> one logit for every patch, (n, 1, h', w'): 30x30 of 70x70 pixels at 256.

    `layers` is the number of convolutions with stride 2. `norm` is batch, instance or spectral: the last divides the
    weights of every convolution but the final one by their largest singular value (Miyato et al. 2018,
    https://arxiv.org/abs/1802.05957) and normalises each picture as well (as Park et al. 2019, SPADE, do), since norms
    of 1 alone let the planes fade from layer to layer until nothing is left to learn from.
    """

    def __init__(self, channels: int = 6, *, width: int = 64, layers: int = 3, norm: str = "batch"):
        super().__init__()
        spectral = norm == "spectral"
        widths = [min(width * 2**level, width * 8) for level in range(layers + 1)]
        stages = [nn.Sequential(nn.Conv2d(channels, widths[0], 4, 2, 1), nn.LeakyReLU(0.2, inplace=True))]
        for level in range(1, layers + 1):
            convolution = nn.Conv2d(
                widths[level - 1], widths[level], 4, 2 if level < layers else 1, 1, bias=norm == "instance"
            )
            normalising = norm_layer("instance" if spectral else norm, widths[level])
            stages.append(nn.Sequential(convolution, normalising, nn.LeakyReLU(0.2, inplace=True)))
        stages.append(nn.Sequential(nn.Conv2d(widths[-1], 1, 4, 1, 1)))
        self.stages = nn.ModuleList(stages)
        initialise(self)
        if spectral:
            for sequence in stages[:-1]:
                parametrizations.spectral_norm(sequence[0])

    def outputs(self, pictures: Tensor) -> list[Tensor]:
        """What every stage gives; the last is the logits."""
        found = []
        for stage in self.stages:
            pictures = stage(pictures)
            found.append(pictures)
        return found

    def forward(self, pictures: Tensor) -> Tensor:
        return self.outputs(pictures)[-1]
