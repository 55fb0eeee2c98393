import type { TaskSnapshot } from '../../controller/service.ts';
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
  const requireOf = ({ steps }: TaskSnapshot) => {
    const trainings = steps.filter(({ kind }) => kind === 'train');
    requireTrained(trainings, 'train them, or name with -c only configurations that are done');
  };
  const planned = await carryOutGoal({ ...request, goal: ['plan'], requireOf }, env, programs);
  if (planned === null) return null;
  return carryOutGoal({ ...request, goal: ['ensemble', 'publish'] }, env, programs);
}
