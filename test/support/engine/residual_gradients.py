"""Makes residual-gradients.golden.json: float64 gradients of residual U-Nets as nnU-Net builds them. By hand: it needs
nnunetv2==2.8.1 and torch==2.11.0.

    residual_gradients.py > residual-gradients.golden.json

Weights, image and labels are formulas (`roughWeights` in sample-networks.ts, `formulaBatch` in tiny-batch.ts), so rough that
no channel is nearly constant where it is normalised: there float32 agrees with float64. `float32_distance` says how well,
as the largest L2 of the difference of any parameter's gradient over the L2 of that gradient, with and without oneDNN.
"""

import json

import numpy as np
import torch
from batchgeneratorsv2.transforms.utils.deep_supervision_downsampling import DownsampleSegForDSTransform
from nnunetv2.training.loss.compound_losses import DC_and_CE_loss
from nnunetv2.training.loss.deep_supervision import DeepSupervisionWrapper
from nnunetv2.training.loss.dice import MemoryEfficientSoftDiceLoss
from nnunetv2.utilities.get_network_from_plans import get_network_from_plans

# The topologies that nnU-Net plans for an anisotropic data set, for the hippocampus and for pictures of nuclei; features
# are an eighth.
NETWORKS = {
    "anisotropic": {
        "features": [4, 8, 16, 32, 40],
        "kernels": [[1, 3, 3], [1, 3, 3], [3, 3, 3], [3, 3, 3], [3, 3, 3]],
        "strides": [[1, 1, 1], [1, 2, 2], [1, 2, 2], [2, 2, 2], [2, 2, 2]],
        "blocks": [1, 3, 4, 6, 6],
        "input_shape": [1, 2, 8, 32, 32],
        "heads": 4,
        "batch_dice": False,
    },
    "3d": {
        "features": [4, 8, 16, 32],
        "kernels": [[3, 3, 3]] * 4,
        "strides": [[1, 1, 1]] + [[2, 2, 2]] * 3,
        "blocks": [1, 3, 4, 6],
        "input_shape": [2, 1, 16, 16, 24],
        "heads": 3,
        "batch_dice": False,
    },
    "2d": {
        "features": [4, 8, 16, 32, 64, 64, 64],
        "kernels": [[3, 3]] * 7,
        "strides": [[1, 1]] + [[2, 2]] * 6,
        "blocks": [1, 3, 4, 6, 6, 6, 6],
        "input_shape": [1, 3, 128, 128],
        "heads": 2,
        "batch_dice": True,
    },
}


def architecture(network):
    """As in nnU-Net's plans."""
    dimensions = len(network["strides"][0])
    return {
        "network_class_name": "dynamic_network_architectures.architectures.unet.ResidualEncoderUNet",
        "arch_kwargs": {
            "n_stages": len(network["features"]),
            "features_per_stage": network["features"],
            "conv_op": f"torch.nn.modules.conv.Conv{dimensions}d",
            "kernel_sizes": network["kernels"],
            "strides": network["strides"],
            "n_blocks_per_stage": network["blocks"],
            "n_conv_per_stage_decoder": [1] * (len(network["features"]) - 1),
            "conv_bias": True,
            "norm_op": f"torch.nn.modules.instancenorm.InstanceNorm{dimensions}d",
            "norm_op_kwargs": {"eps": 1e-5, "affine": True},
            "dropout_op": None,
            "dropout_op_kwargs": None,
            "nonlin": "torch.nn.LeakyReLU",
            "nonlin_kwargs": {"inplace": True},
        },
        "_kw_requires_import": ["conv_op", "norm_op", "dropout_op", "nonlin"],
    }


def rough_weight(name, shape, index):
    i = np.arange(np.prod(shape), dtype=np.float64)
    wave = np.sin(i * i + 2 * index)
    if len(shape) > 1:
        values = 2 * wave / np.sqrt(np.prod(shape[1:]))
    else:
        values = (1 if name.endswith("norm.weight") else 0) + 0.1 * wave
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def network_of(network, dtype):
    shape = architecture(network)
    built = get_network_from_plans(
        shape["network_class_name"],
        shape["arch_kwargs"],
        shape["_kw_requires_import"],
        network["input_shape"][1],
        network["heads"],
        allow_init=False,
        deep_supervision=True,
    )
    for index, (name, parameter) in enumerate(built.named_parameters()):
        parameter.data = rough_weight(name, tuple(parameter.shape), index)
    return built.to(dtype)


def output_weights(outputs):
    """nnUNetTrainer._build_loss: halved per resolution, the last none, of sum 1."""
    weights = np.array([0.5**k for k in range(outputs)])
    weights[-1] = 0
    return (weights / weights.sum()).tolist()


def targets_of(network, outputs):
    samples, _, *spatial = network["input_shape"]
    labels = (np.arange(samples * np.prod(spatial)) // 5) % network["heads"]
    labels = torch.from_numpy(labels.reshape(samples, 1, *spatial).astype(np.int16))
    scales = [[small / full for small, full in zip(output.shape[2:], spatial)] for output in outputs]
    downsample = DownsampleSegForDSTransform(ds_scales=scales)
    per_sample = [downsample.apply({"segmentation": sample})["segmentation"] for sample in labels]
    return [torch.stack(levels) for levels in zip(*per_sample)]


def loss_and_gradients(network, dtype):
    built = network_of(network, dtype)
    i = np.arange(np.prod(network["input_shape"]), dtype=np.float64)
    image = torch.from_numpy(np.cos(i * i).astype(np.float32).reshape(network["input_shape"])).to(dtype)
    outputs = built(image)
    options = {"batch_dice": network["batch_dice"], "smooth": 1e-5, "do_bg": False, "ddp": False}
    each = DC_and_CE_loss(options, {}, 1, 1, None, MemoryEfficientSoftDiceLoss)
    loss = DeepSupervisionWrapper(each, output_weights(len(outputs)))
    value = loss(outputs, [target.to(dtype) for target in targets_of(network, outputs)])
    value.backward()
    gradients = {
        name: None if parameter.grad is None else parameter.grad.double().numpy().ravel()
        for name, parameter in built.named_parameters()
    }
    return value.item(), gradients, len(outputs)


def described(gradient):
    """L2, sum, and the sum weighted by cos(i * i)."""
    if gradient is None:
        return None
    i = np.arange(gradient.size, dtype=np.float64)
    numbers = (np.linalg.norm(gradient), gradient.sum(), (gradient * np.cos(i * i)).sum())
    return [float(f"{number:.9g}") for number in numbers]


def farthest(float32, float64):
    """Biases before a norm have no gradient but rounding, and no relative distance."""
    norms = {name: np.linalg.norm(gradient) for name, gradient in float64.items() if gradient is not None}
    distances = [np.linalg.norm(float32[name] - float64[name]) / norm for name, norm in norms.items() if norm > 1e-9]
    return float(f"{max(distances):.2g}")


def golden(network):
    loss, gradients, outputs = loss_and_gradients(network, torch.float64)
    distances = {}
    for name, enabled in (("oneDNN", True), ("without", False)):
        torch.backends.mkldnn.enabled = enabled
        distances[name] = farthest(loss_and_gradients(network, torch.float32)[1], gradients)
    torch.backends.mkldnn.enabled = True
    return {
        "architecture": architecture(network),
        "input_shape": network["input_shape"],
        "heads": network["heads"],
        "batch_dice": network["batch_dice"],
        "deep_supervision_weights": output_weights(outputs),
        "float32_distance": distances,
        "loss": loss,
        "gradients": {name: described(gradient) for name, gradient in gradients.items()},
    }


torch.set_num_threads(1)
print(json.dumps({name: golden(network) for name, network in NETWORKS.items()}))
