import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stateDictKeys } from '#core/network/state-dict-names.ts';
import type { Tensor, Tensors } from '#core/network/tensor.ts';
import type { ConfigurationPlan } from '#core/planning/plans.ts';
import { withPreviousStages } from '#core/planning/stages.ts';
import type { FoldName } from '#core/training/folds.ts';
import { writeDurably } from '#files/durable-file.ts';
import { orAbsent } from '#files/or-absent.ts';
import { TorchDevice } from '#formats/torch-checkpoint.ts';
import { formatTorchCheckpoint, type TorchValue } from '#formats/torch-checkpoint-writer.ts';
import type { CheckpointName, ModelFolder } from '#prediction/model-folder.ts';
import { type Home, taskFolder } from '../home.ts';

/** The trainer whose network and method are ours. */
const TRAINER = 'nnUNetTrainer';
/** As many epochs as that trainer makes: nnU-Net takes the fold as finished, and does not train it over. */
const EPOCHS = 1000;

export interface NnunetExport {
  /** One per configuration of the model, `<trainer>__<plans>__<configuration>`. */
  readonly folders: readonly string[];
  /** What nnU-Net's folders cannot say, and so must be told to nnU-Net. */
  readonly notes: readonly string[];
}

/** Writes a model as nnU-Net v2 leaves one, so that its `nnUNetv2_predict_from_modelfolder` predicts with it. */
export async function exportNnunet(model: ModelFolder, home: Home, out: string): Promise<NnunetExport> {
  const { inference, plans, description } = model;
  const trainer = 'nnunet' in description.provenance ? description.provenance.nnunet.trainer : TRAINER;
  // Our own, where the model was trained in this home; a model does not carry it.
  const fingerprint = await orAbsent(() =>
    readFile(join(taskFolder(home, description.task), 'dataset_fingerprint.json')),
  );
  const folders: string[] = [];
  for (const member of withPreviousStages(inference.members, plans.configurations)) {
    const folder = join(out, `${trainer}__${plans.plansName}__${member}`);
    for (const path of ['plans.json', 'dataset.json']) await writeDurably(join(folder, path), await model.file(path));
    if (fingerprint !== undefined) await writeDurably(join(folder, 'dataset_fingerprint.json'), fingerprint);
    for (const fold of inference.folds) {
      for (const which of model.checkpoints(member, fold))
        await writeDurably(
          join(folder, `fold_${fold}`, `checkpoint_${which}.pth`),
          formatTorchCheckpoint(await checkpointOf(model, member, fold, which, trainer)),
        );
    }
    folders.push(folder);
  }
  return { folders, notes: notesOn(model) };
}

/** With the keys that nnU-Net's trainer writes and its predictor reads. */
async function checkpointOf(
  model: ModelFolder,
  configuration: string,
  fold: FoldName,
  which: CheckpointName,
  trainer: string,
): Promise<TorchValue> {
  const weights = await model.weights(configuration, fold, which);
  return {
    network_weights: stateDict(weights),
    optimizer_state: freshOptimizer(weights.size),
    grad_scaler_state: null,
    logging: Object.fromEntries(LOGGED.map((name) => [name, []])),
    _best_ema: null,
    current_epoch: EPOCHS,
    init_args: {
      plans: JSON.parse(Buffer.from(await model.file('plans.json')).toString()),
      configuration,
      fold,
      dataset_json: JSON.parse(Buffer.from(await model.file('dataset.json')).toString()),
      device: new TorchDevice('cpu'),
    },
    trainer_name: trainer,
    inference_allowed_mirroring_axes: mirrorAxes(model, model.configuration(configuration)),
  };
}

/** Under every name that nnU-Net's network has for them: it loads strictly. */
function stateDict(weights: Tensors): ReadonlyMap<string, Tensor> {
  const named = new Map<string, Tensor>();
  for (const { key, parameter } of stateDictKeys([...weights.keys()])) {
    const tensor = weights.get(parameter);
    if (tensor !== undefined) named.set(key, tensor);
  }
  return named;
}

const LOGGED = [
  'mean_fg_dice',
  'ema_fg_dice',
  'dice_per_class_or_region',
  'train_losses',
  'val_losses',
  'lrs',
  'epoch_start_timestamps',
  'epoch_end_timestamps',
];

/** nnU-Net's SGD without its momentum, which a model does not keep. */
const freshOptimizer = (parameters: number): TorchValue => ({
  state: {},
  param_groups: [
    {
      lr: 0.01,
      momentum: 0.99,
      dampening: 0,
      weight_decay: 3e-5,
      nesterov: true,
      maximize: false,
      foreach: null,
      differentiable: false,
      fused: null,
      initial_lr: 0.01,
      params: Array.from({ length: parameters }, (_, i) => i),
    },
  ],
});

function mirrorAxes({ inference }: ModelFolder, { patchSize }: ConfigurationPlan): readonly number[] | null {
  if (typeof inference.mirroring !== 'boolean') return inference.mirroring;
  return inference.mirroring ? patchSize.map((_, axis) => axis) : null;
}

function notesOn(model: ModelFolder): string[] {
  const { inference, plans } = model;
  const notes = withPreviousStages(inference.members, plans.configurations).flatMap((name) => {
    const { previousStage } = model.configuration(name);
    return previousStage === null ? [] : [`${name} is given the output of ${previousStage} by -prev_stage_predictions`];
  });
  if (inference.members.length > 1)
    notes.push('this model is an ensemble: predict with each folder and join them with nnUNetv2_ensemble');
  if (inference.postprocessing.length > 0)
    notes.push(
      'this model keeps only the largest component of some labels; nnU-Net is not told, so do that afterwards',
    );
  if (inference.stepFraction !== 0.5) notes.push(`this model predicts with -step_size ${inference.stepFraction}`);
  return notes;
}
