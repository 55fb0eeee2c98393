// `npm run quality -- --dataset DIR [--seeds 0,1,2] [--home DIR]`: what the same iterations reach here, beside nnU-Net's.
//
// DIR holds the 208 cases of the Medical Segmentation Decathlon's Task04_Hippocampus. Run by hand: a seed takes a quarter
// of an hour of one core. What is done is kept in the home, so that the same command goes on and adds seeds.

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { TaskManifest } from '#api/v1alpha1/kinds.ts';
import { trainedFold } from '../../services/cli/dataset-task/trained-fold.ts';
import { carryOut } from '../../services/cli/run/carry-out.ts';
import { exitCodeOf, outcomeText } from '../../services/cli/run/outcome.ts';
import { readTaskFile } from '../../services/cli/run/task-file.ts';

/** Mean validation Dice of nnU-Net 2.8.1 under the same conditions, one seed: `model_small` in shared/golden/README.md. */
const NNUNET_DICE = 0.8567;

const TRAINED = { configuration: '3d_fullres', fold: 0 } as const;

const { values } = parseArgs({
  options: {
    dataset: { type: 'string' },
    seeds: { type: 'string', default: '0,1,2' },
    home: { type: 'string', default: 'quality-home' },
  },
});
const { dataset, home } = values;
if (dataset === undefined) throw new RangeError('expected --dataset with the folder of Task04_Hippocampus');
if (!/^\d+(,\d+)*$/.test(values.seeds)) throw new RangeError(`expected --seeds such as 0,1,2, got ${values.seeds}`);
const task = await readTaskFile(fileURLToPath(new URL('task.yaml', import.meta.url)), dataset);

const withSeed = ({ metadata, spec, ...rest }: TaskManifest, seed: number): TaskManifest => ({
  ...rest,
  metadata: { name: `${metadata.name}-seed-${seed}` },
  spec: { ...spec, training: { ...spec.training, seed } },
});

/** @throws {Error} if the training ended without its validation. */
async function diceOf(seed: number): Promise<number> {
  const outcome = await carryOut(
    {
      home,
      goal: [`train/${TRAINED.configuration}/${TRAINED.fold}`],
      manifest: async () => withSeed(task, seed),
      terminal: process.stderr,
    },
    process.env,
  );
  const { meanDice } = await trainedFold(outcome, TRAINED);
  if (exitCodeOf(outcome) !== 0 || meanDice === null) throw new Error(`seed ${seed}: ${outcomeText(outcome)}`);
  return meanDice;
}

const dices: number[] = [];
for (const seed of values.seeds.split(',').map(Number)) {
  const dice = await diceOf(seed);
  dices.push(dice);
  process.stdout.write(`seed ${seed}: mean validation Dice ${dice.toFixed(4)}\n`);
}
const mean = dices.reduce((sum, dice) => sum + dice, 0) / dices.length;
process.stdout.write(`mean of ${dices.length}: ${mean.toFixed(4)}; nnU-Net 2.8.1, one seed: ${NNUNET_DICE}\n`);
