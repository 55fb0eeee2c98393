import { fileURLToPath } from 'node:url';
import { runProgram } from './servers/run-program.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/pentafold', import.meta.url));

/** What `bin/pentafold` said, and how it ended. */
export type Said = Awaited<ReturnType<typeof runProgram>>;

/** Runs the command line as a person does, with nothing in its environment but this. */
export const pentafold = (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  stdin?: string,
): Promise<Said> => runProgram(LAUNCHER, args, { PATH: process.env.PATH, ...env }, stdin);
