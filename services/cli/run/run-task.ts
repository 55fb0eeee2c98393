import type { Programs } from '../embedded.ts';
import { carryOut } from './carry-out.ts';
import { exitCodeOf, type Outcome, outcomeJson, outcomeText } from './outcome.ts';
import { readTaskFile } from './task-file.ts';

/** What `pentafold run` was asked. */
export interface RunRequest {
  readonly taskFile: string;
  readonly home: string;
  /** Instead of the Task's own data set. */
  readonly dataset: string | null;
  /** The outcome as JSON on standard output, progress on standard error. */
  readonly json: boolean;
}

/** Carries a Task out until it ends or is interrupted. @returns the exit code. */
export async function runTask(
  { taskFile, home, dataset, json }: RunRequest,
  env: Readonly<Record<string, string | undefined>>,
  programs?: Programs,
): Promise<number> {
  const manifest = await readTaskFile(taskFile, dataset);
  const terminal = json ? process.stderr : process.stdout;
  const outcome = await carryOut({ home, manifest: async () => manifest, goal: null, terminal }, env, programs);
  report(outcome, json);
  return exitCodeOf(outcome);
}

function report(outcome: Outcome, json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify(outcomeJson(outcome), null, 2)}\n`);
  const human = json || exitCodeOf(outcome) !== 0 ? process.stderr : process.stdout;
  human.write(outcomeText(outcome));
}
