import { BadInputError } from '#core/errors.ts';
import type { Goal, TaskSnapshot } from '../../controller/service.ts';

/** Thrown when a step is asked for that the plans of the data set do not lead to. */
export class UnknownGoalError extends BadInputError {
  readonly code = 'STEP_NOT_PLANNED';

  constructor(goal: Goal, known: readonly string[]) {
    super(`the plans of this data set lead to no step ${goal.join(', ')}; the steps are ${known.join(', ')}`);
  }
}

/** @throws {UnknownGoalError} naming the steps there are. */
export function requireKnownGoal({ goal, steps }: Pick<TaskSnapshot, 'goal' | 'steps'>, asked: Goal | null): void {
  if (asked === null || goal !== 'unplanned') return;
  throw new UnknownGoalError(
    asked,
    steps.map(({ key }) => key),
  );
}
