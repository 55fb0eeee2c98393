import { type Command, Option } from 'commander';
import { type HomeOptions, withHome } from '../dataset-task/options.ts';

interface FindBestOptions extends HomeOptions {
  readonly configurations?: readonly string[];
  readonly folds?: 'all';
  readonly voting?: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Adds `pentafold find-best-configuration`. */
export function register(program: Command, env: Environment): void {
  const command = program
    .command('find-best-configuration')
    .description(
      'score every trained configuration and every pair, find the postprocessing, and publish the best model',
    )
    .argument('<dataset>', 'folder of the data set; or its name or number, once the home knows it')
    .option('-c, --configurations <name...>', 'configurations to compare (default: all that are planned)')
    .addOption(
      new Option(
        '-f, --folds <which>',
        'all: what was trained on every case, whose scores are not held out (default: the cross-validation)',
      ).choices(['all']),
    )
    .addOption(
      new Option('--voting <kinds...>', 'how pairs are joined (default: as the home knows it, else both)').choices([
        'soft',
        'hard',
      ]),
    )
    .addHelpText('after', '\nexample: pentafold find-best-configuration Dataset004_Hippocampus -c 2d 3d_fullres');
  withHome(command).action((dataset: string, options: FindBestOptions) => findBest(dataset, options, env));
}

async function findBest(dataset: string, options: FindBestOptions, env: Environment): Promise<void> {
  const { findBestConfiguration } = await import('../dataset-task/find-best-configuration.ts');
  const { outcomeJson, outcomeText } = await import('../run/outcome.ts');
  const changes = {
    configurations: options.configurations ?? ('all' as const),
    folds: options.folds ?? ('numbered' as const),
    ensembling: options.voting === undefined ? {} : { voting: options.voting },
  };
  const outcome = await findBestConfiguration({ dataset, changes, ...options }, env);
  if (outcome === null) return;
  process.stdout.write(options.json ? `${JSON.stringify(outcomeJson(outcome), null, 2)}\n` : outcomeText(outcome));
}
