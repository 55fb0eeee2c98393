import type { Command } from 'commander';
import { EXIT_CODES } from '#steps/exit-codes.ts';
import { DatasetFolder } from '../dataset-folder.ts';
import { caseBar } from '../display/case-bar.ts';
import { isSound, verificationText, verifyDataset } from '../verify/verify-dataset.ts';

/** Adds `pentafold verify`. */
export function register(program: Command): void {
  program
    .command('verify')
    .description('check a data set as the first step of a Task does, and report every fault')
    .argument('<dataset>', 'folder with dataset.json')
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      `\nEnds with 0 when the data set can be used, ${EXIT_CODES.badInput} when it has faults.\n\nexample: pentafold verify Dataset004_Hippocampus`,
    )
    .action(verify);
}

async function verify(folder: string, { json }: { readonly json?: boolean }): Promise<void> {
  const bar = caseBar(process.stderr, () => new Date());
  const found = await verifyDataset(new DatasetFolder(folder), bar.begin).finally(bar.clear);
  process.stdout.write(json ? `${JSON.stringify({ sound: isSound(found), ...found })}\n` : verificationText(found));
  if (!isSound(found)) process.exitCode = EXIT_CODES.badInput;
}
