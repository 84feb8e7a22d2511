"""What can be set for a training, free of torch: an option's type, its range and one sentence for the form."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from workers.engine.errors import InputError
from workers.engine.metrics.table import gettext_noop


@dataclass(frozen=True)
class Option:
    """One setting. `kind` is int, float, bool or choice; `minimum` and `maximum` belong to the numbers, `choices` to the rest."""

    name: str
    kind: str
    default: Any
    title: str
    help: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Any, ...] = ()

    def defaulting_to(self, value: Any) -> "Option":
        """The same option with another default."""
        return replace(self, default=value)

    def checked(self, value: Any) -> Any:
        """The value in its own type; a string is read as the command line and forms give it. InputError otherwise."""
        if self.kind == "choice":
            found = [choice for choice in self.choices if str(choice) == str(value).strip()]
            if not found:
                raise self._refused(value, f"one of {', '.join(map(str, self.choices))}")
            return found[0]
        if self.kind == "bool":
            return self._truth(value)
        number = self._number(value)
        if (self.minimum is not None and number < self.minimum) or (self.maximum is not None and number > self.maximum):
            raise self._refused(value, f"between {self.minimum:g} and {self.maximum:g}")
        return number

    def _truth(self, value: Any) -> bool:
        known = {
            "true": True,
            "yes": True,
            "on": True,
            "1": True,
            "false": False,
            "no": False,
            "off": False,
            "0": False,
        }
        found = known.get(str(value).strip().lower())
        if found is None:
            raise self._refused(value, "yes or no")
        return found

    def _number(self, value: Any) -> float | int:
        if isinstance(value, bool):
            raise self._refused(value, "a number")
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise self._refused(value, "a whole number" if self.kind == "int" else "a number") from None
        if number != number or number in (float("inf"), float("-inf")):
            raise self._refused(value, "a finite number")
        if self.kind == "int":
            if number != int(number):
                raise self._refused(value, "a whole number")
            return int(number)
        return number

    def _refused(self, value: Any, wanted: str) -> InputError:
        return InputError(f"The option {self.name} must be {wanted}, not {str(value)[:40]!r}.")


def checked(preset: str, options: tuple[Option, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """Every option with its given or default value, typed. InputError names the option that is unknown or wrong."""
    known = {option.name: option for option in options}
    unknown = [name for name in given if name not in known]
    if unknown:
        raise InputError(f"{preset} has no option named {str(unknown[0])[:40]!r}. Known: {', '.join(sorted(known))}.")
    return {name: option.checked(given.get(name, option.default)) for name, option in known.items()}


EPOCHS = Option(
    "epochs", "int", 200, gettext_noop("Epochs"),
    gettext_noop("How many times every training pair is shown."), 1, 10_000,
)  # fmt: skip
BATCH = Option(
    "batch", "int", 1, gettext_noop("Batch size"),
    gettext_noop("Pairs per step; more is steadier and needs more memory."), 1, 256,
)  # fmt: skip
SIZE = Option(
    "size", "choice", 256, gettext_noop("Picture size"),
    gettext_noop("Side of the square the network sees; 128 is about four times as quick and less sharp."),
    choices=(128, 256),
)  # fmt: skip
LEARNING_RATE = Option(
    "lr", "float", 2e-4, gettext_noop("Learning rate"),
    gettext_noop("Step size of the generator's Adam optimiser."), 1e-7, 1.0,
)  # fmt: skip
LR_DISCRIMINATOR = Option(
    "lr_discriminator", "float", 2e-4, gettext_noop("Learning rate of the discriminator"),
    gettext_noop("Step size of the discriminator's Adam optimiser."), 1e-7, 1.0,
)  # fmt: skip
BETA1 = Option(
    "beta1", "float", 0.5, gettext_noop("Adam beta 1"),
    gettext_noop("How much of the previous direction Adam keeps."), 0.0, 0.9999,
)  # fmt: skip
BETA2 = Option(
    "beta2", "float", 0.999, gettext_noop("Adam beta 2"),
    gettext_noop("How slowly Adam's measure of the gradient's size changes."), 0.0, 0.999999,
)  # fmt: skip
DECAY_FROM = Option(
    "decay_from", "int", 0, gettext_noop("Decay from epoch"),
    gettext_noop("After this epoch the learning rates fall in a straight line to zero; 0 means half of the epochs."),
    0, 10_000,
)  # fmt: skip
CHECKPOINT_EVERY = Option(
    "checkpoint_every", "int", 10, gettext_noop("Checkpoint every"),
    gettext_noop("Epochs between two checkpoints; the last epoch always makes one."), 1, 10_000,
)  # fmt: skip
SAMPLES = Option(
    "samples", "int", 8, gettext_noop("Sample faces"),
    gettext_noop("How many validation faces are drawn at each checkpoint."), 0, 64,
)  # fmt: skip
PRECISION = Option(
    "precision", "choice", "auto", gettext_noop("Arithmetic"),
    gettext_noop("bfloat16 is quicker on devices made for it and less exact; auto takes it on such GPUs alone."),
    choices=("auto", "float32", "bfloat16"),
)  # fmt: skip
GRAD_CLIP = Option(
    "grad_clip", "float", 0.0, gettext_noop("Largest gradient"),
    gettext_noop("Longer gradients of a network are shortened to this length; 0 leaves them as they are."), 0.0, 1e6,
)  # fmt: skip
EMA = Option(
    "ema", "float", 0.0, gettext_noop("Averaged weights"),
    gettext_noop("Checkpoints hold a moving average of the generator with this memory, 0.999 for instance; 0 is off."),
    0.0, 0.99999,
)  # fmt: skip
FLIP = Option(
    "flip", "bool", True, gettext_noop("Mirror"),
    gettext_noop("Half of the pairs are shown mirrored."),
)  # fmt: skip
CROP = Option(
    "crop", "bool", True, gettext_noop("Random crop"),
    gettext_noop("Pairs are padded to 286 pixels and cut to 256 at a random place."),
)  # fmt: skip
WARP = Option(
    "warp", "bool", False, gettext_noop("Turn and bend"),
    gettext_noop("Photo and sketch together are turned, scaled and bent a little."),
)  # fmt: skip
COLOUR = Option(
    "colour", "float", 0.0, gettext_noop("Colour jitter"),
    gettext_noop("Share of a full change of brightness, contrast, saturation and hue, made to source photos alone."),
    0.0, 1.0,
)  # fmt: skip
GREY = Option(
    "grey", "float", 0.0, gettext_noop("Grey photos"),
    gettext_noop("Share of the source photos that are shown in grey, so that old photos work too."), 0.0, 1.0,
)  # fmt: skip
BACKGROUND = Option(
    "background", "float", 0.0, gettext_noop("Other backgrounds"),
    gettext_noop("Share of the source photos whose plain background is given another colour."), 0.0, 1.0,
)  # fmt: skip
WILD = Option(
    "wild", "float", 0.0, gettext_noop("Photos from anywhere"),
    gettext_noop(
        "Share of the source photos that get other light, a cluttered background, blur, noise and compression, so that "
        "snapshots work too."
    ),
    0.0, 1.0,
)  # fmt: skip
GAN = Option(
    "gan", "choice", "vanilla", gettext_noop("Adversarial loss"),
    gettext_noop("What the discriminator is trained by: cross-entropy, least squares or hinge."),
    choices=("vanilla", "lsgan", "hinge"),
)  # fmt: skip
L1_WEIGHT = Option(
    "l1_weight", "float", 100.0, gettext_noop("Weight of the pixel difference"),
    gettext_noop("How much the mean absolute pixel difference counts beside the adversarial loss."), 0.0, 1e4,
)  # fmt: skip
NORM = Option(
    "norm", "choice", "batch", gettext_noop("Normalisation"),
    gettext_noop("Over the batch as in the paper, or over each picture alone, which does not depend on the batch."),
    choices=("batch", "instance"),
)  # fmt: skip
DROPOUT = Option(
    "dropout", "float", 0.5, gettext_noop("Dropout"),
    gettext_noop("Share of values dropped in three decoder layers while training; never when a picture is drawn."),
    0.0, 0.9,
)  # fmt: skip
DIFFAUGMENT = Option(
    "diffaugment", "bool", False, gettext_noop("Change what the discriminator sees"),
    gettext_noop("Real and drawn pairs alike are recoloured, shifted and cut out before the discriminator judges them."),
)  # fmt: skip
GRADIENT_WEIGHT = Option(
    "gradient_weight", "float", 0.0, gettext_noop("Weight of the edges"),
    gettext_noop("How much the difference of the edges counts."), 0.0, 1e4,
)  # fmt: skip
TEXTURE_WEIGHT = Option(
    "texture_weight", "float", 0.0, gettext_noop("Weight of the hatching"),
    gettext_noop("How much the strength, width and direction of the strokes count, wherever exactly they lie."), 0.0, 1e4,
)  # fmt: skip
FEATURE_WEIGHT = Option(
    "feature_weight", "float", 0.0, gettext_noop("Weight of the discriminator's features"),
    gettext_noop("How much the difference inside the discriminator between drawn and real counts."), 0.0, 1e4,
)  # fmt: skip
PERCEPTUAL_WEIGHT = Option(
    "perceptual_weight", "float", 0.0, gettext_noop("Weight of the perceptual difference"),
    gettext_noop("How much LPIPS over SqueezeNet counts; it must then not be the metric. Needs its weights; 0 is off."),
    0.0, 1e4,
)  # fmt: skip
IDENTITY_WEIGHT = Option(
    "identity_weight", "float", 0.0, gettext_noop("Weight of the identity"),
    gettext_noop("How much the likeness by EdgeFace counts; it must then not be the metric. Needs its weights; 0 is off."),
    0.0, 1e4,
)  # fmt: skip
PIXEL_LOSS = Option(
    "pixel_loss", "choice", "l1", gettext_noop("Pixel loss"),
    gettext_noop("Absolute (l1) or squared (l2) difference, summed over a picture's values and averaged over the batch."),
    choices=("l1", "l2"),
)  # fmt: skip
KL_WEIGHT = Option(
    "kl_weight", "float", 1.0, gettext_noop("Weight of the KL divergence (beta)"),
    gettext_noop("How much the code's distance from a normal distribution counts beside the summed pixel loss."), 0.0, 1e6,
)  # fmt: skip
KL_WARMUP = Option(
    "kl_warmup", "int", 10, gettext_noop("Warm-up of the KL divergence"),
    gettext_noop("Epochs over which its weight rises from zero."), 0, 10_000,
)  # fmt: skip
