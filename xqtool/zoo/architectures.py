# SPDX-License-Identifier: Apache-2.0
"""Known networks, layer by layer: the operators and shapes of their published .tflite files.

Each function takes a network without layers and the size of its input and returns the outputs.
"""

from __future__ import annotations

from xqtool.zoo.network import Network, Value

CLASSES = 1001
"""ImageNet's classes, and one for the background."""
LOGITS = 4.0
"""How far apart the scores of classes are."""


def mobilenet_v1(net: Network, size: int) -> list[Value]:
    """MobileNet v1 1.0 (Howard et al. 2017): depthwise and pointwise convolutions in turn."""
    x = net.conv(net.input(size, 1 / 128, 128), 32, kernel=3, stride=2, activation="RELU6")
    blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]
    for channels, stride in blocks:
        x = net.depthwise(x, stride=stride, activation="RELU6")
        x = net.conv(x, channels, activation="RELU6")
    return _pooled_classifier(net, x)


def mobilenet_v2(net: Network, size: int) -> list[Value]:
    """MobileNet v2 1.0 (Sandler et al. 2018): inverted residuals."""
    x = _stem(net, net.input(size, 1 / 128, 128), 32, 16)
    for expand, channels, count, stride in [
        (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
    ]:  # fmt: skip
        x = _inverted(net, x, channels, expand, stride=stride)
        for _ in range(count - 1):
            x = _inverted(net, x, channels, expand)
    return _pooled_classifier(net, net.conv(x, 1280, activation="RELU6"))


def efficientnet_lite0(net: Network, size: int) -> list[Value]:
    """EfficientNet-Lite0 (Liu 2020): inverted residuals, kernels of 3x3 and 5x5, no squeeze and excitation."""
    x = _stem(net, net.input(size, 1 / 128, 127), 32, 16)
    for channels, count, stride, kernel in [
        (24, 2, 2, 3), (40, 2, 2, 5), (80, 3, 2, 3), (112, 3, 1, 5), (192, 4, 2, 5), (320, 1, 1, 3),
    ]:  # fmt: skip
        x = _inverted(net, x, channels, 6, kernel, stride)
        for _ in range(count - 1):
            x = _inverted(net, x, channels, 6, kernel)
    x = net.mean(net.conv(x, 1280, activation="RELU6"))
    return [net.softmax(net.dense(x, CLASSES - 1, spread=LOGITS))]


def deeplab_v3(net: Network, size: int) -> list[Value]:
    """DeepLab v3 (Chen et al. 2018) on MobileNet v2 0.5, output stride 16, 21 classes of Pascal VOC."""
    x = _stem(net, net.input(size, 1 / 128, 128), 16, 8)
    for channels, count, stride, dilation in [
        (12, 2, 2, 1), (16, 3, 2, 1), (32, 4, 2, 1), (48, 3, 1, 1), (80, 1, 1, 1), (80, 2, 1, 2), (160, 1, 1, 2),
    ]:  # fmt: skip
        for index in range(count):
            x = _inverted(net, x, channels, 6, stride=1 if index else stride, dilation=dilation)
    pooled = net.average_pool(x)
    local = net.conv(x, 256, activation="RELU")
    whole = net.resize(net.conv(pooled, 256, activation="RELU"), x.shape[1])
    x = net.conv(net.concat(net.quantize(whole, local), local), 256, activation="RELU")
    scores = net.resize(net.conv(x, 21, spread=LOGITS), x.shape[1])
    return [net.arg_max(net.resize(scores, size))]


def face_mesh(net: Network, size: int) -> list[Value]:
    """MediaPipe Face Mesh (Kartynnik et al. 2019): 468 landmarks and the presence of a face."""
    x = net.prelu(net.conv(net.input(size, 1 / 255, 0), 16, kernel=3, stride=2))
    x = _residual(net, _residual(net, x))
    for channels in (32, 64, 128, 128):
        x = _residual(net, _residual(net, _residual(net, x, channels, stride=2)))
    outputs = []
    for channels, blocks in ((1404, 2), (1, 0)):
        y = _residual(net, x, stride=2)
        for _ in range(blocks):
            y = _residual(net, y)
        y = _residual(net, net.prelu(net.conv(y, 32, padding="VALID")))
        outputs.append(net.conv(y, channels, kernel=y.shape[1], stride=y.shape[1], padding="VALID"))
    return outputs


def cartoongan(net: Network, size: int) -> list[Value]:
    """CartoonGAN (Chen et al. 2018), half as wide and with half of the residual blocks: a picture in the style of a cartoon."""
    x = net.conv(net.input(size, 2 / 255, 127), 32, kernel=7, activation="RELU")
    for channels in (64, 128):
        x = net.conv(x, channels, kernel=3, stride=2)
        x = net.conv(x, channels, kernel=3, activation="RELU")
    for _ in range(4):
        y = net.conv(x, 128, kernel=3, activation="RELU")
        x = net.add(x, net.conv(y, 128, kernel=3))
    for channels in (64, 32):
        x = net.transpose_conv(x, channels, kernel=3, stride=2)
        x = net.conv(x, channels, kernel=3, activation="RELU")
    return [net.tanh(net.conv(x, 3, kernel=7))]


def _stem(net: Network, image: Value, channels: int, narrow: int) -> Value:
    """The first three layers of the networks of inverted residuals."""
    x = net.conv(image, channels, kernel=3, stride=2, activation="RELU6")
    return net.conv(net.depthwise(x, activation="RELU6"), narrow)


def _inverted(
    net: Network, x: Value, channels: int, expand: int, kernel: int = 3, stride: int = 1, dilation: int = 1
) -> Value:
    """Widen, filter each channel, narrow; with the input added where the shapes agree."""
    wide = net.conv(x, expand * x.shape[3], activation="RELU6")
    y = net.conv(net.depthwise(wide, kernel, stride, dilation, activation="RELU6"), channels)
    return net.add(x, y) if x.shape == y.shape else y


def _residual(net: Network, x: Value, channels: int = 0, stride: int = 1) -> Value:
    """Face Mesh's block: filter, mix, add the input, at half the size its largest pixels, with zeros for new channels."""
    channels = channels or x.shape[3]
    y = net.conv(net.depthwise(x, stride=stride), channels, padding="VALID")
    x = x if stride == 1 else net.max_pool(x)
    return net.prelu(net.add(x if x.shape[3] == channels else net.pad(x, channels), y))


def _pooled_classifier(net: Network, x: Value) -> list[Value]:
    """Average over the image, scores as a pointwise convolution, probabilities."""
    return [net.softmax(net.flatten(net.conv(net.average_pool(x), CLASSES, spread=LOGITS)))]
