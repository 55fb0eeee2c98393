import { join } from 'node:path';
import type { Command } from 'commander';
import { counted } from '#core/counted.ts';
import { labelKey } from '#core/dataset/label-or-region.ts';
import { labelScheme } from '#core/dataset/labels.ts';
import type { Determination } from '#core/postprocessing/determine.ts';
import { formatPostprocessing } from '#core/postprocessing/postprocessing-json.ts';
import type { Rule } from '#core/postprocessing/rule.ts';
import { parsePostprocessing } from '#formats/postprocessing-json.ts';
import { declaredDataset } from '../evaluate/declared-labels.ts';
import { orNull } from '../evaluate/printed-metric.ts';
import { parsedAs, textOf, writeOutput } from '../file.ts';
import { applyToFolder } from '../postprocess/apply-to-folder.ts';
import { determineOnFolders } from '../postprocess/determine-on-folders.ts';

interface DetermineOptions {
  readonly output?: string;
  readonly json?: boolean;
}

interface ApplyOptions {
  readonly input: string;
  readonly output: string;
  readonly rules: string;
  readonly json?: boolean;
}

/** Adds `pentafold postprocess`. */
export function register(program: Command): void {
  const postprocess = program
    .command('postprocess')
    .description('keep only the largest component of labels, where that helps')
    .addHelpText('after', '\nexample: pentafold postprocess determine validation labelsTr');
  postprocess
    .command('determine')
    .description('find out on predictions with references, best those of the cross-validation, which labels it helps')
    .argument('<pred-dir>', 'folder of predictions, <case>.nii.gz or another image format')
    .argument('<gt-dir>', 'folder of references, named alike')
    .option(
      '-o, --output <file>',
      'where to write the rules, as nnU-Net does (default: <pred-dir>/postprocessing.json)',
    )
    .option('--json', 'print the outcome as JSON')
    .addHelpText('after', '\nexample: pentafold postprocess determine validation labelsTr')
    .action(determine);
  postprocess
    .command('apply')
    .description('apply rules to predictions')
    .requiredOption('-i, --input <dir>', 'folder of predictions')
    .requiredOption('-o, --output <dir>', 'new folder for the results, on the same grids and in the same formats')
    .requiredOption('--rules <file>', "postprocessing.json, of postprocess determine or nnU-Net's")
    .option('--json', 'print the outcome as JSON')
    .addHelpText('after', '\nexample: pentafold postprocess apply -i predictions -o final --rules postprocessing.json')
    .action(apply);
}

async function determine(predictions: string, references: string, options: DetermineOptions): Promise<void> {
  const dataset = await declaredDataset([references, predictions]);
  const scheme = dataset && labelScheme(dataset);
  const found = await determineOnFolders(
    { predictions, references, labels: scheme?.targets ?? null, ignore: scheme?.ignore ?? null },
    (message) => process.stderr.write(`note: ${message}\n`),
  );
  const file = options.output ?? join(predictions, 'postprocessing.json');
  await writeOutput(file, formatPostprocessing(found));
  process.stdout.write(options.json ? `${JSON.stringify(outcome(found, file), null, 2)}\n` : told(found, file));
}

/** As nnU-Net names labels and regions. */
const namesOf = (rules: readonly Rule[]) => rules.map(({ keepLargestOf }) => labelKey(keepLargestOf));

const outcome = ({ rules, before, after }: Determination, file: string) => ({
  rules: namesOf(rules),
  meanDice: { before: orNull(before.foregroundMean.dice), after: orNull(after.foregroundMean.dice) },
  file,
});

const told = ({ trials, before, after }: Determination, file: string): string =>
  [
    ...trials.map(
      ({ rule, accepted, summary }) =>
        `largest component of ${labelKey(rule.keepLargestOf)}: ${accepted ? 'kept alone' : 'no gain'} ` +
        `(mean Dice ${summary.foregroundMean.dice.toFixed(4)})`,
    ),
    `mean Dice ${before.foregroundMean.dice.toFixed(4)} before, ${after.foregroundMean.dice.toFixed(4)} after; written to ${file}`,
    '',
  ].join('\n');

async function apply({ input, output, rules: file, json }: ApplyOptions): Promise<void> {
  const rules = parsedAs('postprocessing.json', file, await textOf(file), parsePostprocessing);
  const cases = await applyToFolder(input, output, rules);
  process.stdout.write(
    json
      ? `${JSON.stringify({ output, rules: namesOf(rules), cases }, null, 2)}\n`
      : `${counted(rules.length, 'rule')} applied to ${counted(cases.length, 'case')} in ${output}\n`,
  );
}
