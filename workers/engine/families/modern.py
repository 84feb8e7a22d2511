"""`pix2pix.modern`: a small residual network, made for some hundred pairs and for photos from anywhere.

Against pix2pix: group instead of batch normalisation, enlarging by resizing, averaged weights; a discriminator with
spectral norm (Miyato et al. 2018), hinge loss and a learning rate of its own (Heusel et al. 2017), that sees changed pairs
(Zhao et al. 2020) and lends its features (Wang et al. 2018); pixels and edges; photos in other colours and poses.
"""

import torch
from torch import Tensor, nn

from workers.engine.families.adversarial import AdversarialLearner, Extra
from workers.engine.families.family import Batch, Family, Learner, Surroundings
from workers.engine.networks.modern import ResidualUNet
from workers.engine.networks.pix2pix import PatchDiscriminator
from workers.engine.training import judges
from workers.engine.training.losses import edge_loss, pixel_loss
from workers.engine.training.texture import texture_loss


class Modern(Family):
    """The generator has 5.3 million parameters at any size."""

    discriminator_width = 48

    def generator(self) -> nn.Module:
        return ResidualUNet()

    def discriminator(self) -> nn.Module:
        return PatchDiscriminator(6, width=self.discriminator_width, norm="spectral")

    def learner(self, networks: dict[str, nn.Module], around: Surroundings) -> Learner:
        options = self.options
        extra: dict[str, tuple[float, Extra]] = {
            "l1": (options["l1_weight"], lambda drawn, part: pixel_loss(drawn, part.target)),
        }
        if options["gradient_weight"]:
            extra["edges"] = (options["gradient_weight"], lambda drawn, part: edge_loss(drawn, part.target))
        if options.get("texture_weight"):  # a run that began before the option existed goes on without it
            extra["texture"] = (options["texture_weight"], lambda drawn, part: texture_loss(drawn, part.target))
        loss_networks = []
        for name, make in (("perceptual", judges.perceptual), ("identity", judges.identity)):
            if options[f"{name}_weight"]:
                judge = make(around.weights_dir, around.device)
                loss_networks.append(judge.network_name)
                extra[name] = (options[f"{name}_weight"], _against_target(judge))
        learner = AdversarialLearner(
            networks, options, around, extra, feature_weight=options["feature_weight"], together=True
        )
        learner.loss_networks = tuple(loss_networks)
        return learner


def _against_target(judge: judges.Judge) -> Extra:
    def loss(drawn: Tensor, part: Batch) -> Tensor:
        with torch.autocast(drawn.device.type, enabled=False):
            return judge(drawn.float(), part.target)

    return loss
