import { BadInputError } from '#core/errors.ts';
import type { Programs } from '../embedded.ts';
import type { Outcome } from '../run/outcome.ts';
import { carryOutGoal, type GoalRequest } from './carry-out-goal.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown when candidates are to be compared of which some folds were not trained yet. */
export class FoldsMissingError extends BadInputError {
  readonly code = 'FOLDS_MISSING';

  constructor(missing: readonly string[]) {
    super(`not trained yet: ${missing.join(', ')}; train them, or name with -c only configurations that are done`);
  }
}

/**
 * Scores what is trained and publishes the best of it. Trains nothing: that may take days, and is asked for by name.
 *
 * @throws {FoldsMissingError}
 */
export async function findBestConfiguration(
  request: Omit<GoalRequest, 'goal'>,
  env: Environment,
  programs?: Programs,
): Promise<Outcome | null> {
  const planned = await carryOutGoal({ ...request, goal: ['plan'] }, env, programs);
  if (planned === null) return null;
  const missing = planned.snapshot.steps.filter(({ kind, state }) => kind === 'train' && state !== 'done');
  if (missing.length > 0) throw new FoldsMissingError(missing.map(({ title }) => title));
  return carryOutGoal({ ...request, goal: ['ensemble', 'publish'] }, env, programs);
}
