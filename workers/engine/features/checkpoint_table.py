"""The extractors that are networks of a checkpoint, as a table free of torch: `pix2pix.en7@<checkpoint>` and the like."""

from workers.engine.features.rows import READ, Extractor, Preprocessing
from workers.engine.metrics.table import gettext_noop

_ENCODER_NOTE = gettext_noop(
    "What a trained pix2pix generator sees in a picture: the output of its encoder's convolution, before the next activation. "
    "Planes of at most 2 x 2 are flattened (en7 at 256 pixels: 512 x 2 x 2), larger ones averaged."
)
# Numbers of the published U-Net at 256 pixels.
_ENCODER = {1: 64, 2: 128, 3: 256, 4: 512, 5: 512, 6: 512, 7: 2048, 8: 512}
_CHECKPOINT_SIZE = (
    "shrunk only if larger (Pillow bicubic), padded by its edges to the checkpoint's square, as in its training"
)
_CHECKPOINT_COLOUR = f"RGB, {READ}, 2x/255-1"

# The rows are those of the published presets; a checkpoint's own are in its checkpoint.json, bound by its digest.
CHECKPOINT_EXTRACTORS: dict[str, Extractor] = {
    row.name: row
    for row in (
        *(
            Extractor(
                name=f"pix2pix.en{level}",
                title=gettext_noop("Encoder of a pix2pix checkpoint"),
                dimension=dimension,
                module="workers.engine.features.checkpoint.CheckpointFeatures",
                preprocessing=Preprocessing(_CHECKPOINT_SIZE, (256, 256), "none", _CHECKPOINT_COLOUR),
                note=_ENCODER_NOTE,
                weights=(),
                of_checkpoint=True,
            )
            for level, dimension in _ENCODER.items()
        ),
        Extractor(
            name="vae.mu",
            title=gettext_noop("Latent mean of a VAE checkpoint"),
            dimension=256,
            module="workers.engine.features.checkpoint.CheckpointFeatures",
            preprocessing=Preprocessing(_CHECKPOINT_SIZE, (256, 256), "none", _CHECKPOINT_COLOUR),
            note=gettext_noop(
                "The mean of the latent Gaussian of a trained VAE: the one space here in which 338 pictures give a covariance of "
                "full rank."
            ),
            weights=(),
            of_checkpoint=True,
        ),
    )
}
