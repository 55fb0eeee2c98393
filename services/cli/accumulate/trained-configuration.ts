import { carryOutGoal, type GoalRequest } from '../dataset-task/carry-out-goal.ts';
import { doneStep, requireTrained } from '../dataset-task/trained-folds.ts';
import { openHome, type Programs } from '../embedded.ts';
import { UnknownGoalError } from '../run/unknown-goal-error.ts';
import type { TrainedConfiguration } from './accumulate.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The outputs of a configuration's cross-validation, whose folds are all done; trains nothing, and leaves the Task as the
 * home knows it.
 *
 * @returns `null` when the plan could not be made; the reason was printed.
 * @throws {UnknownGoalError} for a configuration of which the Task has no cross-validation. @throws {FoldsMissingError}
 */
export async function trainedConfiguration(
  { configuration, ...request }: Omit<GoalRequest, 'goal' | 'changes'> & { readonly configuration: string },
  env: Environment,
  programs?: Programs,
): Promise<TrainedConfiguration | null> {
  const planned = await carryOutGoal({ ...request, changes: {}, goal: ['plan'] }, env, programs);
  if (planned === null) return null;
  const { steps } = planned.snapshot;
  const folds = steps.filter((step) => step.configuration === configuration && typeof step.fold === 'number');
  if (folds.length === 0)
    throw new UnknownGoalError(
      [`train/${configuration}/0`],
      steps.map(({ key }) => key),
    );
  const trained = requireTrained(folds, 'train them first');
  await using home = await openHome(request.home, env, programs);
  const outputs = ({ step }: { readonly step: string }) => home.steps.outputs(step);
  return {
    ingest: await outputs(doneStep(steps, 'ingest')),
    plan: await outputs(doneStep(steps, 'plan')),
    folds: await Promise.all(trained.map(outputs)),
  };
}
