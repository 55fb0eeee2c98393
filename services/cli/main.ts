import { type Command, CommanderError } from 'commander';
import { PentafoldError } from '#core/errors.ts';
import { productVersion } from '#platform/product-version.ts';
import { bearClosedReader } from './closed-reader.ts';
import { newProgram } from './program.ts';

type Environment = Readonly<Record<string, string | undefined>>;

interface CommandModule {
  register(program: Command, env: Environment): void;
}

/** Each command's file, loaded only when the command is asked for, or all of them for help. */
const COMMANDS: Readonly<Record<string, () => Promise<CommandModule>>> = {
  run: () => import('./commands/run.ts'),
  plan: () => import('./commands/plan.ts'),
  preprocess: () => import('./commands/preprocess.ts'),
  'plan-and-preprocess': () => import('./commands/preprocess.ts'),
  train: () => import('./commands/train.ts'),
  'find-best-configuration': () => import('./commands/find-best-configuration.ts'),
  accumulate: () => import('./commands/accumulate.ts'),
  predict: () => import('./commands/predict.ts'),
  ensemble: () => import('./commands/ensemble.ts'),
  postprocess: () => import('./commands/postprocess.ts'),
  evaluate: () => import('./commands/evaluate.ts'),
  export: () => import('./commands/export.ts'),
  import: () => import('./commands/import.ts'),
  report: () => import('./commands/report.ts'),
  plot: () => import('./commands/plot.ts'),
  verify: () => import('./commands/verify.ts'),
  doctor: () => import('./commands/doctor.ts'),
  convert: () => import('./commands/convert.ts'),
};

async function main(argv: readonly string[], env: Environment): Promise<void> {
  const program = newProgram()
    .description('train, select and apply medical-image segmentation models, as nnU-Net does')
    .version(productVersion())
    .option('--verbose', 'show where an error came from')
    .exitOverride()
    .showHelpAfterError('(add --help for the options)')
    .addHelpText('after', '\nexample: bin/pentafold run task.yaml');
  const named = argv.slice(2).find((argument) => !argument.startsWith('-'));
  const asked = named === undefined ? undefined : COMMANDS[named];
  const modules = asked === undefined ? Object.values(COMMANDS) : [asked];
  // A file may add several commands, and must add them once.
  const loaded = new Set(await Promise.all(modules.map((load) => load())));
  for (const { register } of loaded) register(program, env);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return;
    if (argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error: errorJson(error) }, null, 2)}\n`);
    // What is wrong with the command line commander has said by now.
    if (!(error instanceof CommanderError)) process.stderr.write(errorText(error, program.opts().verbose === true));
    process.exitCode = 1;
  }
}

/** For scripts; see docs/commands.md. */
function errorJson(error: unknown): { code: string; message: string } {
  if (error instanceof CommanderError) return { code: 'USAGE', message: error.message.replace(/^error: /, '') };
  return { code: error instanceof PentafoldError ? error.code : 'INTERNAL', message: messageOf(error) };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Once, and in words: the stack is for whoever asks for it. */
function errorText(error: unknown, verbose: boolean): string {
  const code = error instanceof PentafoldError ? `  ${error.code}: see docs/errors.md\n` : '';
  const stack = verbose && error instanceof Error ? `${error.stack ?? ''}\n` : '';
  return `error: ${messageOf(error)}\n${code}${stack}`;
}

for (const output of [process.stdout, process.stderr]) bearClosedReader(output);
await main(process.argv, process.env);
