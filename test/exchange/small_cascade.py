"""Gives nnU-Net's plans of the phantom data set a cascade of small networks, and two folds instead of five. By hand.

    small_cascade.py PREPROCESSED_DATASET LABELS
"""

import json
import sys
from copy import deepcopy
from pathlib import Path

folder, labels = map(Path, sys.argv[1:])
path = folder / "nnUNetPlans.json"
plans = json.loads(path.read_text())
full = plans["configurations"]["3d_fullres"]


def small(configuration, patch):
    """Three stages, eight features in the first."""
    kwargs = configuration["architecture"]["arch_kwargs"]
    kwargs.update(n_stages=3, features_per_stage=[8, 16, 32], n_conv_per_stage=[2] * 3, n_conv_per_stage_decoder=[2] * 2)
    kwargs.update(kernel_sizes=kwargs["kernel_sizes"][:3], strides=[[1, 1, 1], [1, 2, 2], [2, 2, 2]])
    configuration["patch_size"] = patch


# The images are too small for the planner to add a lower resolution by itself.
low = deepcopy(full)
low["data_identifier"] = "nnUNetPlans_3d_lowres"
low["spacing"] = [1.5 * mm for mm in full["spacing"]]
low["median_image_size_in_voxels"] = [extent / 1.5 for extent in full["median_image_size_in_voxels"]]
low["next_stage"] = "3d_cascade_fullres"
small(low, [12, 24, 24])
small(full, [16, 32, 32])
cascade = {"inherits_from": "3d_fullres", "previous_stage": "3d_lowres"}
plans["configurations"] = {"3d_lowres": low, "3d_fullres": full, "3d_cascade_fullres": cascade}
path.write_text(json.dumps(plans, indent=4))

cases = sorted(file.name.removesuffix(".nii.gz") for file in labels.iterdir())
halves = [cases[::2], cases[1::2]]
splits = [{"train": halves[1 - fold], "val": halves[fold]} for fold in (0, 1)]
(folder / "splits_final.json").write_text(json.dumps(splits, indent=4))
