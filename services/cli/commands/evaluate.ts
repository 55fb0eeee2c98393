import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { counted } from '#core/counted.ts';
import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { labelKey } from '#core/dataset/label-or-region.ts';
import { labelScheme, targetNames } from '#core/dataset/labels.ts';
import type { Metrics } from '#core/evaluation/metrics.ts';
import type { Summary } from '#core/evaluation/summary.ts';
import { formatSummary } from '#core/evaluation/summary-json.ts';
import { writeDurably } from '#files/durable-file.ts';
import { declaredDataset } from '../evaluate/declared-labels.ts';
import { evaluateFolders } from '../evaluate/evaluate-folders.ts';

interface EvaluateOptions {
  readonly output?: string;
  readonly labels?: readonly number[];
  readonly chill?: boolean;
  readonly json?: boolean;
}

/** Adds `pentafold evaluate`. */
export function register(program: Command): void {
  program
    .command('evaluate')
    .description('compare predicted label maps with their references')
    .argument('<gt-dir>', 'folder of references, <case>.nii.gz or another image format')
    .argument('<pred-dir>', 'folder of predictions, named alike')
    .option('-o, --output <file>', "where to write nnU-Net's summary (default: <pred-dir>/summary.json)")
    .option(
      '--labels <n...>',
      'labels to evaluate (default: those of a dataset.json in or beside either folder, else those found)',
      oneMoreLabel,
    )
    .option('--chill', 'leave out references without a prediction instead of refusing')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nexample: bin/pentafold evaluate demo-output/dataset/labelsTs demo-output/predictions')
    .action(evaluate);
}

async function evaluate(references: string, predictions: string, options: EvaluateOptions): Promise<void> {
  const note = (message: string) => process.stderr.write(`note: ${message}\n`);
  const dataset = options.labels === undefined ? await declaredDataset([references, predictions]) : null;
  const scheme = dataset && labelScheme(dataset);
  const labels = options.labels ?? scheme?.targets ?? null;
  const { chill = false } = options;
  const summary = await evaluateFolders(
    { references, predictions, labels, ignore: scheme?.ignore ?? null, chill },
    note,
  );
  const file = options.output ?? join(predictions, 'summary.json');
  await writeDurably(file, formatSummary(summary));
  process.stdout.write(
    options.json ? `${JSON.stringify(report(summary, file), null, 2)}\n` : table(summary, dataset, file),
  );
}

/** NaN becomes null: the JSON that is printed is for every parser. */
const report = (summary: Summary, file: string) => ({
  summary: file,
  cases: summary.cases.length,
  meanDice: orNull(summary.foregroundMean.dice),
  labels: Object.fromEntries(summary.labels.map((label, i) => [labelKey(label), scores(summary.mean[i])])),
});

const scores = (metrics: Metrics | undefined) => ({
  dice: orNull(metrics?.dice ?? Number.NaN),
  iou: orNull(metrics?.iou ?? Number.NaN),
});

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

function table(summary: Summary, dataset: DatasetDescription | null, file: string): string {
  const names = dataset === null ? [] : targetNames(dataset);
  const rows = summary.labels.map((label, i) => {
    const name = names[i];
    return [name === undefined ? labelKey(label) : `${labelKey(label)} ${name}`, summary.mean[i]] as const;
  });
  const width = Math.max(...rows.map(([name]) => name.length), 'foreground mean'.length);
  const line = (name: string, metrics: Metrics | undefined) =>
    `${name.padEnd(width)}  Dice ${printed(metrics?.dice)}  IoU ${printed(metrics?.iou)}\n`;
  return [
    ...rows.map(([name, metrics]) => line(name, metrics)),
    line('foreground mean', summary.foregroundMean),
    `${counted(summary.cases.length, 'case')}; written to ${file}\n`,
  ].join('');
}

const printed = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? '   -  ' : value.toFixed(4);

function oneMoreLabel(text: string, before: readonly number[] | undefined): number[] {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('expected labels such as 1 2.');
  return [...(before ?? []), Number(text)];
}
