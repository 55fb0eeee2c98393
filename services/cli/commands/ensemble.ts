import { type Command, Option } from 'commander';
import { counted } from '#core/counted.ts';
import type { Voting } from '#core/ensembling/voting.ts';
import { caseBar } from '../display/case-bar.ts';
import { ensembleFolders } from '../ensemble/ensemble-folders.ts';

interface EnsembleOptions {
  readonly input: readonly string[];
  readonly output: string;
  readonly voting: Voting;
  readonly saveProbabilities?: boolean;
  readonly json?: boolean;
}

/** Adds `pentafold ensemble`. */
export function register(program: Command): void {
  program
    .command('ensemble')
    .description('join the predictions of several models, from folders that predict --save-probabilities wrote')
    .requiredOption('-i, --input <dir...>', 'folders with <case>.npz of the same cases; nnU-Net’s do as well')
    .requiredOption(
      '-o, --output <dir>',
      'new folder for the label maps, on the grids and in the format of the first input',
    )
    .addOption(
      new Option('--voting <how>', 'soft: mean of the probabilities; hard: the single most certain model decides')
        .choices(['soft', 'hard'])
        .default('soft'),
    )
    .option('--save-probabilities', 'also write <case>.npz with the joined probabilities')
    .option('--json', 'print the outcome as JSON')
    .addHelpText('after', '\nexample: pentafold ensemble -i predictions-2d predictions-3d -o predictions-joined')
    .action(ensemble);
}

async function ensemble({ input, output, voting, saveProbabilities = false, json }: EnsembleOptions): Promise<void> {
  const bar = caseBar(process.stderr, () => new Date());
  const request = { folders: input, output, voting, saveProbabilities, began: bar.begin };
  const cases = await ensembleFolders(request).finally(bar.clear);
  process.stdout.write(
    json
      ? `${JSON.stringify({ output, voting, members: input, cases }, null, 2)}\n`
      : `${counted(cases.length, 'case')} of ${counted(input.length, 'folder')} joined in ${output}\n`,
  );
}
