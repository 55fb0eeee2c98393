import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import type { FoldName } from '#core/training/folds.ts';
import { parsePlans } from '#formats/plans-json.ts';
import { parseMetrics } from '#steps/epoch-metrics.ts';
import { foldName } from '../dataset-task/options.ts';
import { declaredDataset } from '../evaluate/declared-labels.ts';
import { FileUnusableError, parsedAs, textOf } from '../file.ts';
import { DEFAULT_HOME, homeAt } from '../home.ts';
import { epochSeconds } from '../plot/epoch-seconds.ts';
import { type OverlayFiles, plotOverlay } from '../plot/plot-overlay.ts';
import { progressSvg } from '../plot/progress-svg.ts';
import { writePicture } from '../plot/write-picture.ts';
import { findTask } from '../report/find-task.ts';
import { networkPicture } from '../report/network-picture.ts';

interface PictureOptions {
  readonly out: string;
  readonly json?: boolean;
}

const JSON_OPTION = ['--json', 'print the outcome as JSON'] as const;

/** Adds `pentafold plot`. */
export function register(program: Command): void {
  const plot = program
    .command('plot')
    .description('draw a training, a segmentation or a network')
    .addHelpText('after', '\nexample: pentafold plot progress phantom 3d_fullres 0 --out progress.png');
  plot
    .command('progress')
    .description("a fold's losses, pseudo Dice, learning rate and time over the epochs")
    .argument('<task>', 'name of the Task')
    .argument('<configuration>', 'such as 2d')
    .argument('<fold>', 'number of the fold, or all', foldName)
    .requiredOption('--out <file>', 'picture to write, .svg or .png')
    .option('--home <dir>', 'home folder, where the Task is carried out', DEFAULT_HOME)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nexample: pentafold plot progress phantom 3d_fullres 0 --out progress.png')
    .action(plotProgress);
  plot
    .command('overlay')
    .description('labels over their image; missed voxels blue and wrong ones red when there is a reference')
    .requiredOption('--image <file>', 'image; its first channel is shown')
    .requiredOption('--labels <file>', 'label map on the same grid')
    .option('--reference <file>', 'what the labels should be')
    .requiredOption('--out <file>', 'picture to write, .png')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nexample: pentafold plot overlay --image a_0000.nii.gz --labels a.nii.gz --out a.png')
    .action(async (options: OverlayFiles & PictureOptions) => {
      await plotOverlay(options);
      report(options);
    });
  plot
    .command('network')
    .description(
      'the network of a configuration; the dataset.json beside the plans, or in the folder above, says its channels and labels',
    )
    .argument('<plans>', 'plans.json')
    .argument('<configuration>', 'such as 2d')
    .requiredOption('--out <file>', 'picture to write, .svg or .png')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nexample: pentafold plot network plans/plans.json 3d_fullres --out network.svg')
    .action(plotNetwork);
}

async function plotProgress(
  task: string,
  configuration: string,
  fold: FoldName,
  options: PictureOptions & { readonly home: string },
): Promise<void> {
  const home = homeAt(options.home);
  const taskFolder = await findTask(task, home);
  const file = join(taskFolder, configuration, `fold_${fold}`, 'metrics.jsonl');
  const epochs = parsedAs('metrics.jsonl', file, await textOf(file), parseMetrics);
  const { messagesIn } = await import('../embedded.ts');
  const messages = (subject: string) => messagesIn(home, subject);
  const seconds = await epochSeconds({ messages, taskFolder, configuration, fold }, epochs);
  await writePicture(options.out, progressSvg(`${task}, ${configuration}, fold ${fold}`, epochs, seconds));
  report(options);
}

async function plotNetwork(file: string, configuration: string, options: PictureOptions): Promise<void> {
  const { configurations } = parsedAs('plans.json', file, await textOf(file), parsePlans);
  const plan = configurations.find(({ name }) => name === configuration);
  const names = configurations.map(({ name }) => name).join(', ');
  if (plan === undefined) throw new FileUnusableError(`${file} has no configuration ${configuration}; it has ${names}`);
  const dataset = await declaredDataset([dirname(file)]);
  if (dataset === null) throw new FileUnusableError(`there is no dataset.json beside ${file} or in the folder above`);
  await writePicture(options.out, await networkPicture(plan, dataset));
  report(options);
}

const report = ({ out, json }: PictureOptions): boolean =>
  process.stdout.write(json ? `${JSON.stringify({ picture: out })}\n` : `picture: ${out}\n`);
