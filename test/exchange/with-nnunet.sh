#!/bin/sh
# Predicts the same images with a model of ours and, after its export, with nnU-Net itself, and compares. By hand: it
# needs a Python environment with nnunetv2==2.8.1 (and CPU-capable torch).
#
#   test/exchange/with-nnunet.sh VENV MODEL HOME IMAGES OUT
#
# VENV/bin/nnUNetv2_predict_from_modelfolder is the peer. A model with one member and one set of folds; for an ensemble
# compare the members one by one. Both predict with mirroring, steps of half a tile, and fold 0.
set -eu
venv=$1 model=$2 home=$3 images=$4 out=$5
here=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$out"
"$here/bin/pentafold" export nnunet "$model" --home "$home" --out "$out/exported"
"$here/bin/pentafold" predict -m "$model" --home "$home" -i "$images" -o "$out/ours" -f 0
for folder in "$out"/exported/*; do
  nnUNet_raw=$out nnUNet_preprocessed=$out nnUNet_results=$out \
    "$venv/bin/nnUNetv2_predict_from_modelfolder" -i "$images" -o "$out/nnunet" -m "$folder" -f 0 -device cpu -npp 1 -nps 1
done
"$here/bin/pentafold" evaluate "$out/nnunet" "$out/ours"
