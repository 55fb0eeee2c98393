import { type Command, Option } from 'commander';
import { BadInputError } from '#core/errors.ts';
import { type HomeOptions, withHome } from '../dataset-task/options.ts';
import type { Outcome } from '../run/outcome.ts';

interface FindBestOptions extends HomeOptions {
  readonly configurations?: readonly string[];
  readonly voting?: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown when candidates are to be compared of which some folds were not trained yet. */
export class FoldsMissingError extends BadInputError {
  readonly code = 'FOLDS_MISSING';

  constructor(missing: readonly string[]) {
    super(`not trained yet: ${missing.join(', ')}; train them, or name with -c only configurations that are done`);
  }
}

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
      new Option('--voting <kinds...>', 'how pairs are joined (default: as the home knows it, else both)').choices([
        'soft',
        'hard',
      ]),
    )
    .addHelpText('after', '\nexample: pentafold find-best-configuration Dataset004_Hippocampus -c 2d 3d_fullres');
  withHome(command).action((dataset: string, options: FindBestOptions) => findBest(dataset, options, env));
}

async function findBest(dataset: string, options: FindBestOptions, env: Environment): Promise<void> {
  const { carryOutGoal } = await import('../dataset-task/carry-out-goal.ts');
  const { outcomeJson, outcomeText } = await import('../run/outcome.ts');
  const changes = {
    ...(options.configurations === undefined ? {} : { configurations: options.configurations }),
    ensembling: options.voting === undefined ? {} : { voting: options.voting },
  };
  const planned = await carryOutGoal({ dataset, changes, goal: ['plan'], ...options }, env);
  if (planned === null) return;
  requireTrained(planned);
  const outcome = await carryOutGoal({ dataset, changes, goal: ['ensemble', 'publish'], ...options }, env);
  if (outcome === null) return;
  process.stdout.write(options.json ? `${JSON.stringify(outcomeJson(outcome), null, 2)}\n` : outcomeText(outcome));
}

function requireTrained({ snapshot }: Outcome): void {
  const missing = snapshot.steps.filter(({ kind, state }) => kind === 'train' && state !== 'done');
  if (missing.length > 0) throw new FoldsMissingError(missing.map(({ title }) => title));
}
