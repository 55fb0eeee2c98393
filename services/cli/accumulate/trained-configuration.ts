import type { TaskSnapshot } from '../../controller/service.ts';
import { carryOutGoal, type GoalRequest } from '../dataset-task/carry-out-goal.ts';
import { FoldsMissingError } from '../dataset-task/find-best-configuration.ts';
import { openHome, type Programs } from '../embedded.ts';
import { UnknownGoalError } from '../run/unknown-goal-error.ts';
import type { TrainedConfiguration } from './accumulate.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The outputs of a configuration's trainings, which are all done; trains nothing.
 *
 * @returns `null` when the plan could not be made; the reason was printed.
 * @throws {UnknownGoalError} for a configuration that is not planned. @throws {FoldsMissingError}
 */
export async function trainedConfiguration(
  { configuration, ...request }: Omit<GoalRequest, 'goal' | 'changes'> & { readonly configuration: string },
  env: Environment,
  programs?: Programs,
): Promise<TrainedConfiguration | null> {
  const changes = { configurations: 'all', folds: 'numbered' } as const;
  const planned = await carryOutGoal({ ...request, changes, goal: ['plan'] }, env, programs);
  if (planned === null) return null;
  const { steps } = planned.snapshot;
  const folds = steps.filter((step) => step.kind === 'train' && step.configuration === configuration);
  if (folds.length === 0)
    throw new UnknownGoalError(
      [`train/${configuration}`],
      steps.map(({ key }) => key),
    );
  const missing = folds.filter(({ state }) => state !== 'done');
  if (missing.length > 0) throw new FoldsMissingError(missing.map(({ title }) => title));
  await using home = await openHome(request.home, env, programs);
  const outputs = (step: TaskSnapshot['steps'][number] | undefined) => home.steps.outputs(step?.step ?? '');
  return {
    ingest: await outputs(steps.find(({ kind }) => kind === 'ingest')),
    plan: await outputs(steps.find(({ kind }) => kind === 'plan')),
    folds: await Promise.all(folds.map(outputs)),
  };
}
