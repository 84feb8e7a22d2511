import pytest
import torch
from torch.nn import functional

from workers.engine.networks import convolution
from workers.engine.networks.convolution import Convolution
from workers.engine.networks.inception import Averaged


def drawn(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(len(shape)))


@pytest.fixture(params=[True, False], ids=["in one pass", "plain"])
def fused(request, monkeypatch):
    if request.param and not convolution.FUSED:
        pytest.skip("this torch has no library for it")
    monkeypatch.setattr(convolution, "FUSED", request.param)


@pytest.mark.parametrize("options", [{"padding": 2, "kernel_size": 5}, {"kernel_size": (1, 7), "padding": (0, 3)},
                                     {"kernel_size": 3, "stride": 2}])  # fmt: skip
@pytest.mark.parametrize("memory_format", [torch.channels_last, torch.contiguous_format])
def test_it_is_a_convolution_and_a_relu(options, memory_format, fused):
    layer = Convolution(6, 20, **options).requires_grad_(False)
    for n in (1, 3):  # the weights are put in order for the first and must do for the second
        planes = drawn(n, 6, 19, 17).to(memory_format=memory_format)
        expected = functional.conv2d(planes, layer.weight, layer.bias, layer.stride, layer.padding)
        with torch.inference_mode():
            torch.testing.assert_close(layer(planes), expected.relu(), rtol=1e-5, atol=1e-5)
            torch.testing.assert_close(layer.linear(planes), expected, rtol=1e-5, atol=1e-5)
    assert (expected < 0).any()


def test_gradients_pass_it():
    layer = Convolution(3, 4, 3)
    layer(drawn(1, 3, 8, 8)).sum().backward()
    assert layer.weight.grad is not None and layer.weight.grad.abs().sum() > 0


def test_averaging_behind_the_convolution_is_averaging_before_it(fused):
    layer = Averaged(8, 5, 1).requires_grad_(False)
    planes = drawn(2, 8, 6, 7)
    average = functional.avg_pool2d(planes, 3, stride=1, padding=1, count_include_pad=False)
    expected = functional.conv2d(average, layer.weight, layer.bias).relu()
    with torch.inference_mode():
        torch.testing.assert_close(layer(planes), expected, rtol=1e-5, atol=1e-6)
