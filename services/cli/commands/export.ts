import type { Command } from 'commander';
import type { FoldName } from '#core/training/folds.ts';
import { foldName } from '../dataset-task/options.ts';
import { exportNnunet } from '../export/export-nnunet.ts';
import { exportOnnx } from '../export/export-onnx.ts';
import { exportZip } from '../export/export-zip.ts';
import { openModel } from '../export/open-model.ts';
import { DEFAULT_HOME, homeAt } from '../home.ts';

interface ExportOptions {
  readonly out: string;
  readonly home: string;
  readonly json?: boolean;
}

interface OnnxOptions extends ExportOptions {
  readonly configuration?: string;
  readonly fold?: FoldName;
}

/** Adds `pentafold export`. */
export function register(program: Command): void {
  const command = program
    .command('export')
    .description('write a model for other programs')
    .addHelpText('after', '\nexample: pentafold export nnunet hippocampus --out exported');
  withCommonOptions(command.command('nnunet'))
    .description('write a model as nnU-Net v2 leaves one, for its nnUNetv2_predict_from_modelfolder')
    .requiredOption(
      '--out <dir>',
      'folder for new ones <trainer>__<plans>__<configuration> as nnU-Net names them, one per member',
    )
    .addHelpText(
      'after',
      '\nexample: pentafold export nnunet hippocampus --out exported\n' +
        '  nnUNetv2_predict_from_modelfolder -m exported/nnUNetTrainer__nnUNetPlans__3d_fullres -i images -o segmentations',
    )
    .action(nnunet);
  withCommonOptions(command.command('onnx'))
    .description('write the network of one fold as ONNX; it takes a preprocessed patch and gives logits')
    .requiredOption('--out <file>', 'new file, .onnx')
    .option('--configuration <name>', 'configuration (default: the only one of the model)')
    .option('--fold <n>', 'fold, or all (default: the first)', foldName)
    .addHelpText(
      'after',
      '\nexample: pentafold export onnx hippocampus --configuration 3d_fullres --fold 0 --out h.onnx',
    )
    .action((model: string, options: OnnxOptions) => onnx(model, options, program.version() ?? ''));
  withCommonOptions(command.command('zip'))
    .description('write all files of a model as one zip, for `pentafold import zip`')
    .requiredOption('--out <file>', 'new file, .zip')
    .addHelpText('after', '\nexample: pentafold export zip hippocampus --out hippocampus.zip')
    .action(zip);
}

const withCommonOptions = (command: Command): Command =>
  command
    .argument('<model>', 'name of a model in the home, or the folder of one')
    .option('--home <dir>', 'home folder', DEFAULT_HOME)
    .option('--json', 'print the outcome as JSON');

async function nnunet(model: string, { out, home, json }: ExportOptions): Promise<void> {
  const { folders, notes } = await exportNnunet(await openModel(model, homeAt(home)), homeAt(home), out);
  for (const note of notes) process.stderr.write(`note: ${note}\n`);
  process.stdout.write(json ? `${JSON.stringify({ model, folders, notes }, null, 2)}\n` : `${folders.join('\n')}\n`);
}

async function onnx(model: string, options: OnnxOptions, codeVersion: string): Promise<void> {
  const { out, configuration = null, fold = null } = options;
  const opened = await openModel(model, homeAt(options.home));
  const written = await exportOnnx(opened, { out, configuration, fold, codeVersion });
  const { codeVersion: _, ...said } = written;
  process.stdout.write(options.json ? `${JSON.stringify({ model, ...said }, null, 2)}\n` : `${out}\n`);
}

async function zip(model: string, { out, home, json }: ExportOptions): Promise<void> {
  await exportZip(model, homeAt(home), out);
  process.stdout.write(json ? `${JSON.stringify({ model, out }, null, 2)}\n` : `${out}\n`);
}
