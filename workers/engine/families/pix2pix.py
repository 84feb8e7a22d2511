"""pix2pix as in the paper: U-Net or no skips, 70x70 patches, adversarial loss and 100 times the pixel difference."""

from torch import nn

from workers.engine.families.adversarial import AdversarialLearner
from workers.engine.families.family import Family, Learner, Surroundings
from workers.engine.networks.pix2pix import PatchDiscriminator, UNet
from workers.engine.training.losses import pixel_loss


class Pix2Pix(Family):
    """`pix2pix.unet256`; with `size` 128 the U-Net has 7 levels."""

    skips, width, layers = True, 64, 3

    def generator(self) -> nn.Module:
        return UNet(
            self.options["size"],
            width=self.width,
            skips=self.skips,
            norm=self.options["norm"],
            dropout=self.options["dropout"],
        )

    def discriminator(self) -> nn.Module:
        return PatchDiscriminator(6, width=self.width, layers=self.layers, norm=self.options["norm"])

    def learner(self, networks: dict[str, nn.Module], around: Surroundings) -> Learner:
        extra = {"l1": (self.options["l1_weight"], lambda drawn, part: pixel_loss(drawn, part.target))}
        return AdversarialLearner(networks, self.options, around, extra, together=self.options["norm"] == "instance")


class Pix2PixNoSkip(Pix2Pix):
    """`pix2pix.noskip256`."""

    skips = False


class Pix2PixTiny(Pix2Pix):
    """`pix2pix.tiny`: 5 levels of few channels, a discriminator with one halving less."""

    width, layers = 8, 2
