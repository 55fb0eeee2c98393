"""Compares an exported ONNX file with the PyTorch network that nnU-Net builds from the exported folder. By hand: it needs
nnunetv2==2.8.1, onnx and onnxruntime.

    compare_onnx.py NETWORK.onnx FOLDER FOLD
"""

import sys

import numpy as np
import onnx
import onnxruntime
import torch
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor

path, folder, fold = sys.argv[1], sys.argv[2], int(sys.argv[3])
onnx.checker.check_model(onnx.load(path), full_check=True)
predictor = nnUNetPredictor(device=torch.device("cpu"), perform_everything_on_device=False)
predictor.initialize_from_trained_model_folder(folder, (fold,), "checkpoint_final.pth")
network = predictor.network.eval()
network.load_state_dict(predictor.list_of_parameters[0])
network.decoder.deep_supervision = False
session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
patch = predictor.configuration_manager.patch_size
random = np.random.RandomState(0)
for batch, extents in ((1, patch), (2, [2 * extent for extent in patch])):
    image = random.standard_normal((batch, 1, *extents)).astype(np.float32)
    with torch.no_grad():
        want = network(torch.from_numpy(image)).numpy()
    (got,) = session.run(["logits"], {"image": image})
    print(image.shape, "logits", want.min(), "to", want.max(), "largest difference", np.abs(got - want).max())
