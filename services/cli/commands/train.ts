import { type Command, Option } from 'commander';
import type { SpecChanges } from '../dataset-task/dataset-task.ts';
import { foldName, type HomeOptions, namedPath, wholeNumber, withHome } from '../dataset-task/options.ts';

interface TrainOptions extends HomeOptions {
  readonly continue?: boolean;
  /** `false`: none any more. */
  readonly pretrainedWeights?: string | false;
  readonly epochs?: number;
  readonly iterations?: number;
  readonly seed?: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Adds `pentafold train`. */
export function register(program: Command, env: Environment): void {
  const command = program
    .command('train')
    .description('train one fold of one configuration, and whatever must come before it')
    .argument('<dataset>', 'folder of the data set; or its name or number, once the home knows it')
    .argument('<configuration>', 'such as 2d or 3d_fullres')
    .argument('<fold>', 'from 0, or all: train on every case', foldName)
    .option('--npz', 'for those used to it: validation probabilities are always kept')
    .option(
      '-c, --continue',
      'with more --epochs than before: go on from the fold as it was trained; with fewer it begins anew (without -c, a training goes on after a stop too)',
    )
    .addOption(
      new Option(
        '--pretrained-weights <path>',
        'start this configuration from a .safetensors file, a .pth of nnU-Net v2 or a model folder',
      )
        .argParser(namedPath)
        .conflicts('continue'),
    )
    .option('--no-pretrained-weights', 'start this configuration from drawn weights again')
    .option('--epochs <n>', 'epochs (default: as the home knows it, else 1000)', wholeNumber(1, 100_000))
    .option(
      '--iterations <n>',
      'training steps per epoch, and a fifth as many validation batches (default: as the home knows it, else 250)',
      wholeNumber(1, 100_000),
    )
    .option('--seed <n>', 'seed of weights, patches and augmentation', wholeNumber(0, 4_294_967_295))
    .addHelpText('after', '\nexample: pentafold train Dataset004_Hippocampus 3d_fullres 0');
  withHome(command).action((dataset: string, configuration: string, fold: number | 'all', options: TrainOptions) =>
    train(dataset, configuration, fold, options, env),
  );
}

async function train(
  dataset: string,
  configuration: string,
  fold: number | 'all',
  options: TrainOptions,
  env: Environment,
): Promise<void> {
  const { carryOutGoal } = await import('../dataset-task/carry-out-goal.ts');
  const goal = [`train/${configuration}/${fold}`];
  const outcome = await carryOutGoal(
    { dataset, changes: changesOf(configuration, fold, options), goal, ...options },
    env,
  );
  if (outcome === null) return;
  const { trainedFold, trainedText } = await import('../dataset-task/trained-fold.ts');
  const trained = await trainedFold(outcome, { configuration, fold });
  process.stdout.write(options.json ? `${JSON.stringify(trained, null, 2)}\n` : trainedText(trained, dataset, outcome));
}

function changesOf(configuration: string, fold: number | 'all', options: TrainOptions): SpecChanges {
  const { epochs, iterations, seed, pretrainedWeights } = options;
  // nnU-Net's own are 250 and 50.
  const perEpoch =
    iterations === undefined
      ? {}
      : { iterationsPerEpoch: iterations, validationIterationsPerEpoch: Math.ceil(iterations / 5) };
  return {
    configurations: 'all',
    folds: fold === 'all' ? fold : 'numbered',
    goOn: options.continue ?? false,
    pretrainedWeights:
      pretrainedWeights === undefined
        ? {}
        : { [configuration]: pretrainedWeights === false ? null : pretrainedWeights },
    training: {
      ...(epochs === undefined ? {} : { epochs }),
      ...perEpoch,
      ...(seed === undefined ? {} : { seed }),
    },
  };
}
