#!/bin/sh
# Trains a small cascade with nnU-Net itself on made-up cases, imports it, predicts further cases with both, and compares;
# then exports it, has nnU-Net predict with that too, and compares again. By hand, 7 to 13 minutes on two busy cores: it needs a Python environment with nnunetv2==2.8.1 (and CPU-capable
# torch).
#
#   test/exchange/cascade-of-nnunet.sh VENV OUT
#
# Two folds per stage; the folds of the first predict what the second learns from, as nnU-Net does it by itself.
set -eu
venv=$1 out=$2
here=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$out"
out=$(cd "$out" && pwd)
export nnUNet_raw="$out/raw" nnUNet_preprocessed="$out/preprocessed" nnUNet_results="$out/results"
export nnUNet_extTrainer="$here/test/exchange/trainers" nnUNet_compile=false nnUNet_def_n_proc=1 OMP_NUM_THREADS=1
export PYTHONDONTWRITEBYTECODE=1
data=$nnUNet_raw/Dataset901_Phantom
prepared=$nnUNet_preprocessed/Dataset901_Phantom
trained=$nnUNet_results/Dataset901_Phantom/nnUNetTrainerShort__nnUNetPlans__
node="$here/node_modules/.bin/node"

(cd "$here" && "$node" examples/phantom/generate.ts "$data" --training 10 --test 4)
export nnUNet_n_proc_DA=1 # the planner takes it for a number of threads
"$venv/bin/nnUNetv2_extract_fingerprint" -d 901 -np 1
"$venv/bin/nnUNetv2_plan_experiment" -d 901
"$venv/bin/python" "$here/test/exchange/small_cascade.py" "$prepared" "$data/labelsTr"
"$venv/bin/nnUNetv2_preprocess" -d 901 -c 3d_lowres 3d_fullres -np 1

export nnUNet_n_proc_DA=0 # augment in the training's own process
for configuration in 3d_lowres 3d_cascade_fullres; do
  for fold in 0 1; do
    "$venv/bin/nnUNetv2_train" 901 "$configuration" "$fold" -tr nnUNetTrainerShort -device cpu
  done
done

predict_cascade() { # MODEL-FOLDERS OUTPUT
  for configuration in 3d_lowres 3d_cascade_fullres; do
    [ "$configuration" = 3d_lowres ] && previous= || previous="-prev_stage_predictions $2/3d_lowres"
    # shellcheck disable=SC2086 # two words or none
    "$venv/bin/nnUNetv2_predict_from_modelfolder" -i "$data/imagesTs" -o "$2/$configuration" \
      -m "$1$configuration" -f 0 1 -device cpu -npp 1 -nps 1 $previous
  done
}
predict_cascade "$trained" "$out/nnunet"

for configuration in 3d_lowres 3d_cascade_fullres; do
  model=$(echo "$configuration" | tr _ -)
  "$here/bin/pentafold" import nnunet "$trained$configuration" --name "$model" --home "$out/home"
  "$here/bin/pentafold" predict -m "$model" --home "$out/home" -i "$data/imagesTs" -o "$out/ours/$configuration"
done
"$here/bin/pentafold" export nnunet 3d-cascade-fullres --home "$out/home" --out "$out/exported"
predict_cascade "$out/exported/$(basename "$trained")" "$out/nnunet-exported"
for configuration in 3d_lowres 3d_cascade_fullres; do
  echo "$configuration"
  "$here/bin/pentafold" evaluate "$data/labelsTs" "$out/nnunet/$configuration"
  "$venv/bin/python" "$here/test/exchange/differing_voxels.py" "$out/nnunet/$configuration" "$out/ours/$configuration"
  "$venv/bin/python" "$here/test/exchange/differing_voxels.py" "$out/nnunet-exported/$configuration" "$out/ours/$configuration"
done
