import { type Command, InvalidArgumentError, Option } from 'commander';
import { taskManifest } from '#api/v1alpha1/kinds.ts';
import { counted } from '#core/counted.ts';
import { CHECKPOINTS, type CheckpointName } from '#prediction/model-folder.ts';
import type { ModelDescription } from '#prediction/model-json.ts';
import { DEFAULT_HOME, homeAt } from '../home.ts';
import { importNnunet } from '../import/import-nnunet.ts';
import { importZip } from '../import/import-zip.ts';

interface NnunetOptions {
  readonly name: string;
  readonly home: string;
  readonly folds?: readonly number[];
  readonly checkpoint: CheckpointName;
  readonly json?: boolean;
}

interface ZipOptions {
  readonly name?: string;
  readonly home: string;
  readonly json?: boolean;
}

/** Adds `pentafold import`. */
export function register(program: Command): void {
  const command = program
    .command('import')
    .description('take over a model that was made elsewhere')
    .addHelpText('after', '\nexample: pentafold import zip hippocampus.zip');
  command
    .command('nnunet')
    .description('take over what nnU-Net v2 trained, to predict as it does; no code in its checkpoints is run')
    .argument(
      '<folder>',
      "nnU-Net's <trainer>__<plans>__<configuration>, with plans.json, dataset.json and fold_<n>; of a cascade the second " +
        "stage's, with the first stage's beside it",
    )
    .requiredOption('--name <model>', 'name of the model in the home', modelName)
    .option('--home <dir>', 'home folder', DEFAULT_HOME)
    .option('-f, --folds <n...>', 'folds to take (default: all that have the checkpoint)', oneMoreFold)
    .addOption(new Option('--checkpoint <which>', 'checkpoint to take').choices(CHECKPOINTS).default('final'))
    .option('--json', 'print the outcome as JSON')
    .addHelpText(
      'after',
      '\nexample: pentafold import nnunet nnUNet_results/Dataset004_Hippocampus/nnUNetTrainer__nnUNetPlans__3d_fullres ' +
        '--name hippocampus',
    )
    .action((folder: string, options: NnunetOptions) => nnunet(folder, options, program.version() ?? ''));
  command
    .command('zip')
    .description('take over a model that `pentafold export zip` wrote')
    .argument('<file>', 'the zip file')
    .option('--name <model>', 'name of the model in the home (default: the one it has)', modelName)
    .option('--home <dir>', 'home folder', DEFAULT_HOME)
    .option('--json', 'print the outcome as JSON')
    .addHelpText('after', '\nexample: pentafold import zip hippocampus.zip --home elsewhere')
    .action(zip);
}

async function nnunet(folder: string, options: NnunetOptions, codeVersion: string): Promise<void> {
  const { name, checkpoint, folds = null } = options;
  const imported = await importNnunet({ folder, folds, checkpoint, name, home: homeAt(options.home), codeVersion });
  tell(imported, options.json);
}

async function zip(file: string, options: ZipOptions): Promise<void> {
  tell(await importZip({ file, name: options.name ?? null, home: homeAt(options.home) }), options.json);
}

function tell({ folder, model }: { folder: string; model: ModelDescription }, json = false): void {
  const weights = Object.keys(model.files).filter((path) => /\/fold_\w+\.safetensors$/.test(path));
  process.stdout.write(
    json
      ? `${JSON.stringify({ model: model.name, folder, weights }, null, 2)}\n`
      : `model ${model.name}: ${counted(weights.length, 'trained network')}, in ${folder}\n`,
  );
}

function modelName(text: string): string {
  const parsed = taskManifest.shape.metadata.shape.name.safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError(`${parsed.error.issues[0]?.message}.`);
  return parsed.data;
}

function oneMoreFold(text: string, before: readonly number[] | undefined): number[] {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError('expected numbers such as 0 1 2.');
  return [...(before ?? []), Number(text)];
}
