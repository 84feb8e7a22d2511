"""The presets that can be trained, as a table free of torch; reached through catalogue.py.

Isola et al. 2017, "Image-to-Image Translation with Conditional Adversarial Networks" (pix2pix, with and without skips);
Kingma and Welling 2014, "Auto-Encoding Variational Bayes" (the VAE). `modern` is this project's own design.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workers.engine.errors import InputError
from workers.engine.families import options as o
from workers.engine.families.options import Option
from workers.engine.metrics.table import gettext_noop

__all__ = ["PRESETS", "Option", "Preset", "options_checked"]


@dataclass(frozen=True)
class Preset:
    """A family with its settings. `module` is the dotted path of the family; `needs_weights` are file stems of
    trained weights without which it cannot be trained."""

    name: str
    family: str
    title: str
    note: str
    module: str
    options: tuple[Option, ...]
    paper_faithful: bool
    codes: bool = False  # draws from a distribution: which of its pictures is drawn can be chosen by seed
    needs_weights: tuple[str, ...] = ()

    def option(self, name: str) -> Option:
        """The option of this name."""
        return next(option for option in self.options if option.name == name)


_AUGMENTING = (o.FLIP, o.CROP, o.WARP, o.COLOUR, o.GREY, o.BACKGROUND, o.WILD)
_RUNNING = (
    o.DECAY_FROM,
    o.CHECKPOINT_EVERY,
    o.SAMPLES,
    o.PRECISION.defaulting_to("float32"),
    o.GRAD_CLIP,
    o.EMA,
    *_AUGMENTING,
)
_PIX2PIX = (
    o.EPOCHS,
    o.BATCH,
    o.SIZE,
    o.LEARNING_RATE,
    o.LR_DISCRIMINATOR,
    o.BETA1,
    o.BETA2,
    o.GAN,
    o.L1_WEIGHT,
    o.NORM,
    o.DROPOUT,
    o.DIFFAUGMENT,
    *_RUNNING,
)
_VAE = (
    o.EPOCHS,
    o.BATCH.defaulting_to(8),
    o.SIZE,
    o.LEARNING_RATE,
    o.BETA1.defaulting_to(0.9),
    o.BETA2,
    o.PIXEL_LOSS,
    o.KL_WEIGHT,
    o.KL_WARMUP,
    o.DROPOUT,
    *_RUNNING,
)
_MODERN = (
    o.EPOCHS,
    o.BATCH.defaulting_to(4),
    o.SIZE,
    o.LEARNING_RATE.defaulting_to(4e-4),
    o.LR_DISCRIMINATOR.defaulting_to(4e-4),
    o.BETA1,
    o.BETA2,
    o.GAN.defaulting_to("hinge"),
    o.L1_WEIGHT.defaulting_to(10.0),
    o.GRADIENT_WEIGHT.defaulting_to(5.0),
    o.TEXTURE_WEIGHT,
    o.FEATURE_WEIGHT.defaulting_to(10.0),
    o.PERCEPTUAL_WEIGHT,
    o.IDENTITY_WEIGHT,
    o.DIFFAUGMENT.defaulting_to(True),
    o.DECAY_FROM,
    o.CHECKPOINT_EVERY,
    o.SAMPLES,
    o.PRECISION,
    o.GRAD_CLIP.defaulting_to(10.0),
    o.EMA.defaulting_to(0.999),
    o.FLIP,
    o.CROP,
    o.WARP.defaulting_to(True),
    o.COLOUR.defaulting_to(0.5),
    o.GREY.defaulting_to(0.1),
    o.BACKGROUND.defaulting_to(0.3),
    o.WILD,
)
_TINY = {
    "epochs": o.EPOCHS.defaulting_to(2),
    "batch": o.BATCH.defaulting_to(2),
    "size": Option("size", "choice", 32, o.SIZE.title, gettext_noop("Side of the square the network sees."), choices=(32,)),
    "checkpoint_every": o.CHECKPOINT_EVERY.defaulting_to(1),
    "samples": o.SAMPLES.defaulting_to(2),
}  # fmt: skip


def _tiny(options: tuple[Option, ...]) -> tuple[Option, ...]:
    return tuple(_TINY.get(option.name, option) for option in options)


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            name="pix2pix.unet256",
            family="pix2pix",
            title=gettext_noop("pix2pix, U-Net"),
            note=gettext_noop(
                "As in the paper: a U-Net of 54.4 million parameters against a discriminator of 70x70 patches, "
                "cross-entropy and 100 times the pixel difference."
            ),
            module="workers.engine.families.pix2pix.Pix2Pix",
            options=_PIX2PIX,
            paper_faithful=True,
        ),
        Preset(
            name="pix2pix.noskip256",
            family="pix2pix",
            title=gettext_noop("pix2pix without skips"),
            note=gettext_noop(
                "The same encoder and decoder without the connections between them: everything passes the bottleneck, "
                "so that its code describes the whole face."
            ),
            module="workers.engine.families.pix2pix.Pix2PixNoSkip",
            options=_PIX2PIX,
            paper_faithful=True,
        ),
        Preset(
            name="pix2pix.modern",
            family="pix2pix",
            title=gettext_noop("Modern residual network"),
            note=gettext_noop(
                "This project's own: a small residual network with averaged weights, against a spectrally normalised "
                "discriminator with hinge loss; made for few pairs and photos from anywhere."
            ),
            module="workers.engine.families.modern.Modern",
            options=_MODERN,
            paper_faithful=False,
        ),
        Preset(
            name="pix2pix.tiny",
            family="pix2pix",
            title=gettext_noop("pix2pix, tiny"),
            note=gettext_noop(
                "A U-Net of few channels at 32 pixels, to try things out within seconds; it draws badly."
            ),
            module="workers.engine.families.pix2pix.Pix2PixTiny",
            options=_tiny(_PIX2PIX),
            paper_faithful=False,
        ),
        Preset(
            name="vae.seed",
            family="vae",
            title=gettext_noop("Conditional VAE"),
            note=gettext_noop(
                "An autoencoder with a normally distributed code of 256 numbers, trained from source to target; its code "
                "measures faces as an extractor."
            ),
            module="workers.engine.families.vae.VaeSeed",
            options=_VAE,
            paper_faithful=True,
            codes=True,
        ),
        Preset(
            name="vae.tiny",
            family="vae",
            title=gettext_noop("VAE, tiny"),
            note=gettext_noop("The autoencoder with few channels at 32 pixels, to try things out within seconds."),
            module="workers.engine.families.vae.VaeTiny",
            options=_tiny(_VAE),
            paper_faithful=False,
            codes=True,
        ),
    )
}


def options_checked(preset_name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """All options of a preset, typed; strings are read as the command line and forms give them.

    Raises InputError for an unknown preset, an unknown option (listing the known ones) and a value that does not fit.
    """
    if preset_name not in PRESETS:
        raise InputError(f"There is no preset named {str(preset_name)[:80]!r}. Known: {', '.join(sorted(PRESETS))}.")
    found = o.checked(preset_name, PRESETS[preset_name].options, given)
    if found["decay_from"] > found["epochs"]:
        raise InputError(
            f"The option decay_from is {found['decay_from']}, but there are only {found['epochs']} epochs; "
            "give an epoch up to that, or 0 for half of them."
        )
    return found
