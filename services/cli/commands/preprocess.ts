import type { Command } from 'commander';
import {
  type HomeOptions,
  type PlannerOptions,
  plannerChanges,
  withHome,
  withPlanner,
} from '../dataset-task/options.ts';

interface PreprocessOptions extends HomeOptions, PlannerOptions {
  readonly configurations?: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Adds `pentafold preprocess` and, as people who know nnU-Net look for it, `plan-and-preprocess`. */
export function register(program: Command, env: Environment): void {
  for (const name of ['preprocess', 'plan-and-preprocess']) {
    const command = program
      .command(name)
      .description('crop, normalise and resample the cases of a data set, after planning it where that is not done')
      .argument('<dataset>', 'folder of the data set; or its name or number, once the home knows it')
      .option('-c, --configurations <name...>', 'configurations such as 2d 3d_fullres (default: all that are planned)')
      .option('--verify-dataset-integrity', 'for those used to it: every case is always checked')
      .addHelpText('after', `\nexample: pentafold ${name} Dataset004_Hippocampus -c 3d_fullres`);
    withHome(withPlanner(command)).action((dataset: string, options: PreprocessOptions) =>
      preprocess(dataset, options, env),
    );
  }
}

async function preprocess(dataset: string, options: PreprocessOptions, env: Environment): Promise<void> {
  const { carryOutGoal } = await import('../dataset-task/carry-out-goal.ts');
  const { shellQuoted } = await import('../run/shell-quoted.ts');
  const goal = options.configurations?.map((name) => `preprocess/${name}`) ?? ['preprocess/'];
  const outcome = await carryOutGoal(
    { dataset, changes: { ...plannerChanges(options), configurations: 'all' }, goal, ...options },
    env,
  );
  if (outcome === null) return;
  const done = outcome.snapshot.steps.filter(({ kind, state }) => kind === 'preprocess' && state === 'done');
  const names = done.flatMap(({ configuration }) => configuration ?? []);
  const text = `preprocessed ${names.join(', ')}\nNext: pentafold train ${shellQuoted(dataset)} ${names.at(-1)} 0${outcome.homeArgument}\n`;
  process.stdout.write(options.json ? `${JSON.stringify({ preprocessed: names }, null, 2)}\n` : text);
}
