import type { Command } from 'commander';
import { counted } from '#core/counted.ts';
import { type HomeOptions, withHome } from '../dataset-task/options.ts';

interface AccumulateOptions extends HomeOptions {
  readonly out: string;
  readonly saveProbabilities?: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Adds `pentafold accumulate`. */
export function register(program: Command, env: Environment): void {
  const command = program
    .command('accumulate')
    .description('gather the validation predictions of all folds of a configuration, with one summary of them all')
    .argument('<dataset>', 'folder of the data set; or its name or number, once the home knows it')
    .argument('<configuration>', 'such as 3d_fullres; all its folds must be trained')
    .requiredOption('--out <dir>', 'new folder for label maps, summary.json, dataset.json and plans.json')
    .option('--save-probabilities', 'also <case>.npz, as ensemble takes them')
    .addHelpText('after', '\nexample: pentafold accumulate Dataset004_Hippocampus 3d_fullres --out crossval-3d');
  withHome(command).action((dataset: string, configuration: string, options: AccumulateOptions) =>
    accumulateFolds(dataset, configuration, options, env),
  );
}

async function accumulateFolds(
  dataset: string,
  configuration: string,
  { out, saveProbabilities = false, ...options }: AccumulateOptions,
  env: Environment,
): Promise<void> {
  const { trainedConfiguration } = await import('../accumulate/trained-configuration.ts');
  const { accumulate } = await import('../accumulate/accumulate.ts');
  const trained = await trainedConfiguration({ dataset, configuration, ...options }, env);
  if (trained === null) return;
  const { cases, foregroundMean } = await accumulate(trained, out, saveProbabilities);
  const meanDice = Number.isNaN(foregroundMean.dice) ? null : foregroundMean.dice;
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ output: out, configuration, cases: cases.length, meanDice }, null, 2)}\n`
      : `${counted(cases.length, 'case')} of ${counted(trained.folds.length, 'fold')} in ${out}; mean Dice ${meanDice?.toFixed(4) ?? 'not a number'}\n`,
  );
}
