"""The variational autoencoder, used as a conditional generator: from a source picture to the target.

Kingma and Welling 2014, "Auto-Encoding Variational Bayes" (https://arxiv.org/abs/1312.6114). The encoder halves with
convolutions of 3x3, LeakyReLU between them and once more after the last; mean and log variance are linear in its
flattened output; the code enters the decoder without activation, as one pixel.
"""

import torch
from torch import Tensor, nn

from workers.engine.networks.blocks import Double, check_square, initialise, levels_of

LOG_VARIANCE = 10.0  # clamped to +/- this, so that exp() stays finite


class Vae(nn.Module):
    """Pictures (n, 3, size, size) in [-1, 1] -> (n, 3, size, size) in (-1, 1), through a code of `code` numbers.

    In training the code is drawn from N(mean, exp(log variance)); in eval mode it is the mean, so a result depends on
    the picture alone, or the mean plus `noise` (n, code) times the standard deviation. `width` is the decoder's last but
    one number of channels (32 in `vae.seed`), `halvings` the number of encoder layers.
    """

    def __init__(self, size: int = 256, *, width: int = 32, code: int = 256, halvings: int = 6, dropout: float = 0.5):
        super().__init__()
        levels = levels_of(size)
        self.size, self.code = size, code
        self.encoder = nn.ModuleDict()
        entering = 3
        for level in range(1, halvings + 1):
            leaving = min(width * 2**level, width * 16)
            layer: list[nn.Module] = [nn.LeakyReLU(0.2, inplace=True)] if level > 1 else []
            layer += [nn.Conv2d(entering, leaving, 3, 2, 1), nn.BatchNorm2d(leaving)]
            self.encoder[f"en{level}"] = nn.Sequential(*layer)
            entering = leaving
        self.last_activation = nn.LeakyReLU(0.2, inplace=True)
        flat = entering * (size >> halvings) ** 2
        self.mean, self.log_variance = nn.Linear(flat, code), nn.Linear(flat, code)
        self.decoder = nn.ModuleDict()
        entering = code
        for level in range(1, levels + 1):
            if level == levels:
                layer = [Double(entering, 3, bias=True), nn.Tanh()]
            else:
                leaving = min(width * 2 ** (levels - 1 - level), width * 8)
                layer = [Double(entering, leaving, bias=True), nn.BatchNorm2d(leaving)]
                if dropout and 2 <= level <= min(4, levels - 1):
                    layer.append(nn.Dropout(dropout))
                layer.append(nn.ReLU(inplace=True))
                entering = leaving
            self.decoder[f"de{level}"] = nn.Sequential(*layer)
        initialise(self)

    def encode(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance of the code, (n, code) each."""
        check_square(pictures, self.size)
        for layer in self.encoder.values():
            pictures = layer(pictures)
        flat = self.last_activation(pictures).flatten(1)
        return self.mean(flat), self.log_variance(flat).clamp(-LOG_VARIANCE, LOG_VARIANCE)

    def decode(self, code: Tensor) -> Tensor:
        """Code (n, code) -> picture."""
        carried = code[:, :, None, None]
        for layer in self.decoder.values():
            carried = layer(carried)
        return carried

    def with_code(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Picture, mean and log variance; what the training needs."""
        mean, log_variance = self.encode(pictures)
        code = mean
        if self.training:
            code = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
        return self.decode(code), mean, log_variance

    def forward(self, pictures: Tensor, noise: Tensor | None = None) -> Tensor:
        if noise is None:
            return self.with_code(pictures)[0]
        mean, log_variance = self.encode(pictures)
        return self.decode(mean + noise * (0.5 * log_variance).exp())


def kl_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, exp(log variance)) || N(0, 1)), summed over the code, averaged over the batch (appendix B)."""
    mean, log_variance = mean.float(), log_variance.float()
    return -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum(dim=1).mean()
