import { join } from 'node:path';
import type { FoldName } from '#core/training/folds.ts';
import type { TaskSnapshot } from '../../controller/service.ts';
import { orNull } from '../evaluate/printed-metric.ts';
import { readSummary } from '../evaluate/read-summary.ts';
import type { Outcome } from '../run/outcome.ts';
import { shellQuoted } from '../run/shell-quoted.ts';

interface FoldOfConfiguration {
  readonly configuration: string;
  readonly fold: FoldName;
}

/** What a training leaves. */
export interface TrainedFold extends FoldOfConfiguration {
  /** Foreground mean of the validation cases; `null` when a label has none. */
  readonly meanDice: number | null;
  /** With the two files below, and the curves as metrics.jsonl. */
  readonly folder: string;
  readonly weights: string;
  /** nnU-Net's summary of the validation. */
  readonly summary: string;
}

/** How far the Task is after that, and how its home is named. */
export interface Afterwards extends Pick<Outcome, 'homeArgument'> {
  readonly snapshot: { readonly steps: readonly TrainingStep[] };
}

type TrainingStep = Pick<TaskSnapshot['steps'][number], 'kind' | 'configuration' | 'fold' | 'state'>;

/** Reads what a finished training shows in the folder of its Task. */
export async function trainedFold(
  { taskFolder }: Pick<Outcome, 'taskFolder'>,
  { configuration, fold }: FoldOfConfiguration,
): Promise<TrainedFold> {
  const folder = join(taskFolder, configuration, `fold_${fold}`);
  const validation = join(folder, 'validation');
  const meanDice = orNull((await readSummary(validation))?.foregroundMean.dice ?? Number.NaN);
  const weights = join(folder, 'final.safetensors');
  return { configuration, fold, meanDice, folder, weights, summary: join(validation, 'summary.json') };
}

/** The same for a person, and what to do next. */
export function trainedText(
  { configuration, fold, meanDice, weights, summary }: TrainedFold,
  dataset: string,
  outcome: Afterwards,
): string {
  const cases = fold === 'all' ? 'of the cases it was trained on, so nothing is held out' : `of fold ${fold}`;
  const dice = meanDice === null ? 'not a number, as a label occurs in no validation case' : meanDice.toFixed(4);
  return (
    `Mean validation Dice ${cases}: ${dice}\n  by label: ${summary}\nWeights: ${weights}\n` +
    `Next: pentafold ${nextCommand(configuration, fold, shellQuoted(dataset), outcome)}${outcome.homeArgument}\n`
  );
}

/** The first fold that this configuration lacks, or the choice among all configurations that are done. */
function nextCommand(configuration: string, fold: FoldName, dataset: string, { snapshot }: Afterwards) {
  const trainings = snapshot.steps.filter(({ kind, fold }) => kind === 'train' && fold !== null);
  const missing = trainings.filter(({ state }) => state !== 'done');
  const next = missing.find((step) => step.configuration === configuration);
  if (next !== undefined) return `train ${dataset} ${configuration} ${next.fold}`;
  const all = new Set(trainings.map((step) => step.configuration));
  const done = [...all].filter((name) => !missing.some((step) => step.configuration === name));
  const among = done.length === all.size ? '' : ` -c ${done.join(' ')}`;
  return `find-best-configuration ${dataset}${among}${fold === 'all' ? ' -f all' : ''}`;
}
