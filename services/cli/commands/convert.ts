import type { Command } from 'commander';
import { counted } from '#core/counted.ts';
import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { convertListed } from '../convert/convert-listed.ts';
import { convertPairs } from '../convert/convert-pairs.ts';
import { shellQuoted } from '../run/shell-quoted.ts';

interface Target {
  readonly out: string;
  readonly json?: boolean;
}

interface PairsTarget extends Target {
  readonly images: string;
  readonly labels: string;
  readonly name: string;
  readonly channel: readonly string[];
  readonly label: readonly string[];
  readonly masks?: boolean;
}

/** Adds `pentafold convert pairs`, `convert msd` and `convert v1`. */
export function register(program: Command): void {
  const convert = program
    .command('convert')
    .description("bring data into nnU-Net v2's layout, copying every file")
    .addHelpText('after', '\nexample: pentafold convert msd Task04_Hippocampus --out Dataset004_Hippocampus');
  withTarget(convert.command('pairs'))
    .description('make a data set of a folder of images and a folder of label maps with the same file names')
    .requiredOption('--images <dir>', 'images, one file per case; several channels as a fourth axis or colours')
    .requiredOption('--labels <dir>', 'label maps under the names of their images')
    .requiredOption('--name <name>', 'name of the data set')
    .requiredOption('--channel <name>', 'what an image shows, such as MRI or CT; once for each channel', oneMore)
    .requiredOption('--label <name>', 'name of label 1, then of label 2, and so on', oneMore)
    .option('--masks', 'a label file holds one mask per label as its channels, such as red, green and blue')
    .addHelpText(
      'after',
      '\nexample: pentafold convert pairs --images scans --labels masks --name Liver --channel CT --label liver --out Dataset001_Liver',
    )
    .action(async ({ channel, label, masks = false, ...options }: PairsTarget) =>
      report(await convertPairs({ ...options, masks, channels: channel, labelNames: label }), options),
    );
  for (const from of ['msd', 'v1'] as const)
    withTarget(convert.command(from))
      .description(LISTED[from])
      .argument('<dataset>', 'folder with dataset.json')
      .addHelpText('after', `\nexample: pentafold convert ${from} Task04_Hippocampus --out Dataset004_Hippocampus`)
      .action(async (source: string, target: Target) => report(await convertListed(source, target.out, from), target));
}

const LISTED = {
  msd: 'convert a data set of the Medical Segmentation Decathlon; 4D images become one file per channel',
  v1: 'convert a data set of nnU-Net v1',
} as const;

const withTarget = (command: Command): Command =>
  command.requiredOption('--out <dir>', 'new folder for the data set').option('--json', 'print the outcome as JSON');

function report({ name, labels, channelNames, numTraining }: DatasetDescription, { out, json }: Target): void {
  const outcome = { dataset: out, name, cases: numTraining, channels: channelNames, labels };
  const text = `${counted(numTraining, 'case')} in ${out}\nNext: pentafold verify ${shellQuoted(out)}\n`;
  process.stdout.write(json ? `${JSON.stringify(outcome)}\n` : text);
}

const oneMore = (text: string, before: readonly string[] | undefined): string[] => [...(before ?? []), text];
