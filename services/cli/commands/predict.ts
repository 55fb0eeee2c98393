import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { FoldName } from '#core/training/folds.ts';
import { writeDurably } from '#files/durable-file.ts';
import { orAbsent } from '#files/or-absent.ts';
import { chooseInference } from '#prediction/inference-choice.ts';
import type { Inference } from '#prediction/inference-json.ts';
import { CHECKPOINTS, type CheckpointName, ModelFolder } from '#prediction/model-folder.ts';
import { Predictor } from '#prediction/predictor.ts';
import { foldName } from '../dataset-task/options.ts';
import { prepareOutput } from '../folder.ts';
import { DEFAULT_HOME, homeAt } from '../home.ts';
import { openEngineFor } from '../predict/engine-choice.ts';
import { findModel } from '../predict/find-model.ts';
import { type Part, partOf } from '../predict/input-cases.ts';
import { readInputFolder } from '../predict/input-folder.ts';
import { type CaseOutcome, hasAnyResult, predictFolder } from '../predict/predict-folder.ts';
import { checkPredictedWith, writePredictedWith } from '../predict/predicted-with.ts';
import { type Lines, PredictionProgress, planText } from '../predict/prediction-progress.ts';

interface PredictOptions {
  readonly input: string;
  readonly output: string;
  readonly model: string;
  readonly home: string;
  readonly folds?: readonly FoldName[];
  readonly stepSize?: number;
  readonly mirroring: boolean;
  readonly checkpoint: CheckpointName;
  readonly saveProbabilities?: boolean;
  readonly continuePrediction?: boolean;
  readonly part?: Part;
  readonly engine?: 'torch' | 'tfjs';
  readonly threads?: number;
  readonly json?: boolean;
}

/** Adds `pentafold predict`. */
export function register(program: Command): void {
  program
    .command('predict')
    .description('segment the images of a folder with a published model')
    .requiredOption('-i, --input <dir>', 'folder with <case>_0000.nii.gz (or .png, .tif, …), one file per channel')
    .requiredOption('-o, --output <dir>', 'folder for <case>.nii.gz, each in the format and on the grid of its image')
    .requiredOption('-m, --model <model>', 'name of a model in the home, or the folder of one')
    .option('--home <dir>', 'home folder, where the model is looked up', DEFAULT_HOME)
    .option('-f, --folds <n...>', 'folds to average, such as 0 1, or all (default: those of the model)', oneMoreFold)
    .option('--step-size <fraction>', 'tile step as a fraction of the tile (default: as the model says)', stepFraction)
    .option('--no-mirroring', 'do not average over mirror images: up to 8 times faster, a little less accurate')
    .addOption(
      new Option('--checkpoint <which>', 'weights after the last epoch, or after the best one in training')
        .choices(CHECKPOINTS)
        .default('final'),
    )
    .option('--save-probabilities', 'also write <case>.npz with the probabilities')
    .option('--continue-prediction', 'leave alone the cases whose results are in the output folder already')
    .option(
      '--part <i/n>',
      'predict every nth case from the ith on, so that n machines share a folder: 1/n to n/n',
      part,
    )
    .addOption(
      new Option('--engine <name>', 'what computes (default: torch if it is built)').choices(['torch', 'tfjs']),
    )
    .option('--threads <n>', 'CPU threads (default: all)', wholeNumber)
    .option('--json', 'print the outcome as JSON; progress goes to standard error')
    .addHelpText(
      'after',
      `
exit codes: 0 when every case was predicted, 1 when one was not, 130 when it was interrupted

example: bin/pentafold predict -i imagesTs -o predictions -m phantom --home demo-output/home`,
    )
    .action(predict);
}

/** How often it is looked whether a case takes long. */
const TICK_MS = 1000;

/** Exits with 1 if any case could not be predicted. */
async function predict(options: PredictOptions): Promise<void> {
  const lines = linesTo(options.json ? process.stderr : process.stdout);
  const { folder, version } = await findModel(options.model, homeAt(options.home));
  const model = await ModelFolder.open((path) => orAbsent(() => readFile(join(folder, path))));
  const inference = chosenInference(model, options);
  const whole = await readInputFolder(options, model.dataset.channelNames.length);
  const found = options.part === undefined ? whole : partOf(whole, options.part);
  await prepareOutput(options.output);
  const predictedWith = { ...inference, model: model.digest, checkpoint: options.checkpoint };
  if (options.continuePrediction && (await hasAnyResult(whole.cases, options.output)))
    await checkPredictedWith(options.output, predictedWith);
  const cases = found.cases.length + found.problems.length;
  const progress = new PredictionProgress(cases, lines, () => performance.now());
  const tell = () => tellOutcome(options, model, version, progress.outcomes);
  process.once('SIGINT', () => stopAtOnce(tell));
  const wish = { engine: options.engine ?? null, threads: options.threads ?? null };
  await using engine = await openEngineFor(wish, (message) => progress.note(message));
  const { engine: computing, threads } = engine.numerics;
  lines.say(planText({ cases, model: model.description.name, version, inference, engine: computing, threads }));
  await using predictor = await Predictor.open(model, engine, inference, options.checkpoint);
  await writePredictedWith(options.output, predictedWith);
  const ticking = setInterval(() => progress.tick(), TICK_MS).unref();
  const { saveProbabilities = false, continuePrediction: continues = false } = options;
  const request = { ...options, saveProbabilities, continues };
  const outcomes = await predictFolder(predictor, found, request, progress).finally(() => clearInterval(ticking));
  // As nnU-Net does: what the labels of the folder mean, for evaluate, ensemble and postprocess.
  await writeDurably(join(options.output, 'dataset.json'), await model.file('dataset.json'));
  progress.close(options.output);
  tell();
  if (outcomes.some(({ kind }) => kind === 'failed')) process.exitCode = 1;
}

function chosenInference(model: ModelFolder, { folds, stepSize, mirroring }: PredictOptions): Inference {
  const tile = Math.min(...model.inference.members.flatMap((name) => model.configuration(name).patchSize));
  const wish = { folds: folds ?? null, stepFraction: stepSize ?? null, mirroring: mirroring ? null : false };
  return chooseInference(model.inference, wish, tile);
}

/** Closes nothing: what computes at the moment is left where it is. */
function stopAtOnce(tell: () => void): void {
  process.stderr.write(
    'Stopped. The cases that were done are whole; with --continue-prediction the same command does the others.\n',
  );
  tell();
  process.exit(130);
}

function tellOutcome(
  { json, output }: PredictOptions,
  model: ModelFolder,
  version: number | null,
  outcomes: readonly CaseOutcome[],
): void {
  if (json) process.stdout.write(`${JSON.stringify(report(model, version, output, outcomes), null, 2)}\n`);
}

const linesTo = (out: NodeJS.WritableStream): Lines => ({
  say: (line) => out.write(`${line}\n`),
  warn: (line) => process.stderr.write(`${line}\n`),
});

const report = (model: ModelFolder, version: number | null, output: string, outcomes: readonly CaseOutcome[]) => ({
  model: model.description.name,
  version,
  output,
  predicted: outcomes.filter((outcome) => outcome.kind === 'predicted').map(({ kind: _, ...fields }) => fields),
  kept: outcomes.filter((outcome) => outcome.kind === 'kept').map(({ caseId }) => caseId),
  failed: outcomes.filter((outcome) => outcome.kind === 'failed').map(({ kind: _, ...fields }) => fields),
});

const oneMoreFold = (text: string, before: readonly FoldName[] | undefined): FoldName[] => [
  ...(before ?? []),
  foldName(text),
];

function part(text: string): Part {
  const [, first, count] = /^(\d{1,4})\/(\d{1,4})$/.exec(text)?.map(Number) ?? [];
  if (first === undefined || count === undefined || first < 1 || first > count)
    throw new InvalidArgumentError('expected i/n, such as 1/4 for the first of four parts.');
  return { index: first - 1, count };
}

function stepFraction(text: string): number {
  const fraction = Number(text);
  if (!(fraction > 0 && fraction <= 1)) throw new InvalidArgumentError('expected a number above 0 and at most 1.');
  return fraction;
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('expected a whole number of at least 1.');
  return Number(text);
}
