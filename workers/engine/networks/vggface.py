"""VGG-Face: the VGG16 of Parkhi, Vedaldi and Zisserman 2015, "Deep Face Recognition" (BMVC), for 2,622 people.

Five blocks of 3x3 convolutions with a pooling after each, then fc6, fc7, fc8. Keys are those of the published
`vgg_face_dag` file, which takes RGB (its Caffe ancestor took BGR). 145,002,878 parameters with fc8.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTHS = (64, 128, 256, 512, 512)
DEPTHS = (2, 2, 3, 3, 3)
HIDDEN = 4096
PEOPLE = 2622
SIDE = 224
LAYERS = ("pool5", "fc6", "relu6", "fc7", "relu7", "fc8")

# What the authors subtract from each colour (0 to 255). Bound to the colour and not to a position: their Caffe program
# feeds BGR and lists the numbers as R, G, B, and swapping them is the known trap.
MEAN = {"red": 129.1863, "green": 104.7624, "blue": 93.5940}


class VggFace(nn.Module):
    """RGB from 0 to 255 minus `MEAN`, (n, 3, side, side) -> the layer that it is built up to.

    `pool5` gives planes (n, 512, 7, 7), `fc6` to `relu7` (n, 4096), `fc8` (n, 2622). Nothing behind `until` is built.
    Smaller `widths`, `hidden` and `side` are for tests.
    """

    def __init__(
        self,
        until: str = "fc8",
        widths: tuple[int, ...] = WIDTHS,
        hidden: int = HIDDEN,
        people: int = PEOPLE,
        side: int = SIDE,
    ) -> None:
        super().__init__()
        self.until = until
        inputs = 3
        for block, (width, depth) in enumerate(zip(widths, DEPTHS, strict=True), start=1):
            for layer in range(1, depth + 1):
                self.add_module(f"conv{block}_{layer}", nn.Conv2d(inputs, width, 3, padding=1))
                inputs = width
        if until != "pool5":
            self.fc6 = nn.Linear(inputs * (side // 32) ** 2, hidden)
        if until in ("fc7", "relu7", "fc8"):
            self.fc7 = nn.Linear(hidden, hidden)
        if until == "fc8":
            self.fc8 = nn.Linear(hidden, people)

    def forward(self, picture: Tensor) -> Tensor:
        planes = picture
        for block, depth in enumerate(DEPTHS, start=1):
            for layer in range(1, depth + 1):
                planes = functional.relu(self.get_submodule(f"conv{block}_{layer}")(planes), inplace=True)
            planes = functional.max_pool2d(planes, 2, stride=2, ceil_mode=True)
        if self.until == "pool5":
            return planes
        numbers = self.fc6(planes.flatten(1))  # (c, h, w) in this order, also where memory is channels_last
        if self.until == "fc6":
            return numbers
        numbers = functional.relu(numbers)
        if self.until == "relu6":
            return numbers
        numbers = self.fc7(numbers)
        if self.until == "fc7":
            return numbers
        numbers = functional.relu(numbers)
        return numbers if self.until == "relu7" else self.fc8(numbers)


def shapes() -> dict[str, tuple[int, ...]]:
    """What a file of weights must hold: everything up to fc7. fc8 may have any number of people, or be missing."""
    with torch.device("meta"):
        return {key: tuple(value.shape) for key, value in VggFace("relu7").state_dict().items()}
