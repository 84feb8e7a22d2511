"""The weights of an extractor that is the network of a checkpoint, free of torch."""

from pathlib import Path

from workers.engine.errors import InputError
from workers.engine.families.checkpoint_file import GENERATOR, CheckpointMeta, checkpoint_folder, checkpoint_meta
from workers.engine.weights import ExtractorWeights, WeightsFile, sha256_of
from workers.engine.weights_table import Weights

WITHOUT_ENCODER = ("pix2pix.modern",)  # a residual network: nothing in it halves down to a code


def find(extractor_name: str, checkpoints_dir: Path | None) -> ExtractorWeights:
    """The generator of `family.layer@<checkpoint>`, once it proves to be the file that checkpoint.json describes.

    Raises InputError when there is no such checkpoint, when it is damaged, and when its network has no such layer.
    """
    name, _, checkpoint = extractor_name.partition("@")
    if not checkpoint:
        raise InputError(f"{extractor_name} is a layer of a checkpoint; name the checkpoint: {name}@ID.")
    if checkpoints_dir is None:
        raise InputError(f"{extractor_name} is a layer of a checkpoint, but no folder of checkpoints was given.")
    folder = checkpoint_folder(checkpoint, checkpoints_dir)
    meta = checkpoint_meta(folder)
    known = layers_of(meta)
    if name not in known:
        has = f"it has {', '.join(known)}" if known else "it has no layers that measure"
        raise InputError(f"The checkpoint {checkpoint} ({meta.preset}) has no layer {name}; {has}.")
    file = folder / GENERATOR
    try:
        digest = sha256_of(file)
    except OSError as error:
        raise InputError(f"The checkpoint {checkpoint} is damaged: {GENERATOR} cannot be read.") from error
    if digest != meta.digest:
        raise InputError(
            f"The checkpoint {checkpoint} is damaged: {GENERATOR} is not the file that was written. "
            "Make or import it anew."
        )
    return ExtractorWeights((WeightsFile(_row(meta, file), file, digest),), digest)


def layers_of(meta: CheckpointMeta) -> tuple[str, ...]:
    """The extractors that a checkpoint offers: as many encoder layers as its size can be halved."""
    if meta.preset in WITHOUT_ENCODER:
        return ()
    if meta.family == "vae":
        return ("vae.mu",)
    if meta.family == "pix2pix":
        return tuple(f"pix2pix.en{level}" for level in range(1, int(meta.options["size"]).bit_length()))
    return ()


def _row(meta: CheckpointMeta, file: Path) -> Weights:
    return Weights(
        stem=f"checkpoint-{meta.id}",
        filename=file.name,
        sha256=meta.digest,
        bytes=file.stat().st_size,
        licence="",
        purpose=f"{meta.preset}, epoch {meta.epoch}",
    )
