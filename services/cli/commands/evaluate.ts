import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { labelScheme } from '#core/dataset/labels.ts';
import { type FurtherMetrics, furtherMetrics, meanFurtherMetrics } from '#core/evaluation/further-metrics.ts';
import { formatSummary } from '#core/evaluation/summary-json.ts';
import { caseBar } from '../display/case-bar.ts';
import { declaredDataset } from '../evaluate/declared-labels.ts';
import { evaluationJson, evaluationTable } from '../evaluate/describe-evaluation.ts';
import { evaluateFolders } from '../evaluate/evaluate-folders.ts';
import { writeOutput } from '../file.ts';

interface EvaluateOptions {
  readonly output?: string;
  readonly labels?: readonly number[];
  readonly surface?: boolean;
  readonly surfaceTolerance: number;
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
    .option('--surface', 'also HD95 and surface Dice, which take longer')
    .option('--surface-tolerance <mm>', 'surfaces so far apart count as equal', millimetres, 1)
    .option('--chill', 'leave out references without a prediction instead of refusing')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nexample: bin/pentafold evaluate demo-output/dataset/labelsTs demo-output/predictions')
    .action(evaluate);
}

async function evaluate(references: string, predictions: string, options: EvaluateOptions): Promise<void> {
  const bar = caseBar(process.stderr, () => new Date());
  const note = (message: string) => {
    bar.clear();
    process.stderr.write(`note: ${message}\n`);
  };
  const dataset = options.labels === undefined ? await declaredDataset([references, predictions]) : null;
  const scheme = dataset && labelScheme(dataset);
  const labels = options.labels ?? scheme?.targets ?? null;
  const { chill = false } = options;
  const tolerance = options.surface ? options.surfaceTolerance : null;
  const cases: FurtherMetrics[][] = [];
  const summary = await evaluateFolders(
    {
      references,
      predictions,
      labels,
      ignore: scheme?.ignore ?? null,
      chill,
      began: bar.begin,
      compared: (maps, metrics) =>
        cases.push(metrics.map((one, i) => furtherMetrics(one, maps, maps.labels[i] ?? 0, tolerance))),
    },
    note,
  ).finally(bar.clear);
  const file = options.output ?? join(predictions, 'summary.json');
  await writeOutput(file, formatSummary(summary));
  const further = summary.labels.map((_, i) => meanFurtherMetrics(cases.flatMap((labels) => labels[i] ?? [])));
  const evaluation = { summary, further, file, hasSurface: tolerance !== null };
  process.stdout.write(
    options.json ? `${JSON.stringify(evaluationJson(evaluation), null, 2)}\n` : evaluationTable(evaluation, dataset),
  );
}

function oneMoreLabel(text: string, before: readonly number[] | undefined): number[] {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('expected labels such as 1 2.');
  return [...(before ?? []), Number(text)];
}

function millimetres(text: string): number {
  const value = Number(text);
  if (!(text.trim() !== '' && value >= 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('expected millimetres, at least 0.');
  return value;
}
