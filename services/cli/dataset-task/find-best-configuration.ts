import type { Programs } from '../embedded.ts';
import type { Outcome } from '../run/outcome.ts';
import { carryOutGoal, type GoalRequest } from './carry-out-goal.ts';
import { requireTrained } from './trained-folds.ts';

type Environment = Readonly<Record<string, string | undefined>>;

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
  const trainings = planned.snapshot.steps.filter(({ kind }) => kind === 'train');
  requireTrained(trainings, 'train them, or name with -c only configurations that are done');
  return carryOutGoal({ ...request, goal: ['ensemble', 'publish'] }, env, programs);
}
