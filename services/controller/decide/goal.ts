import type { Action } from './decide.ts';
import type { Observed } from './observed.ts';

/**
 * Keys of the steps that are asked for, such as `plan` or `train/2d/0`; one that ends in `/`, such as `preprocess/`,
 * means every step whose key begins so.
 */
export type Goal = readonly string[];

/** Whether a step is asked for by itself, not only needed. */
export const isGoal = (goal: Goal, key: string): boolean =>
  goal.some((wanted) => key === wanted || (wanted.endsWith('/') && key.startsWith(wanted)));

/** Whether a training is asked for, or something that is made of trainings; without a goal that is the Model. */
export const needsTraining = (goal: Goal | null): boolean =>
  goal === null || goal.some((key) => !/^(ingest|plan|preprocess)\b/.test(key));

/** The actions that serve the goal: attempts at other steps are left out, and so is the publication. */
export function towards(goal: Goal, actions: readonly Action[], observed: readonly Observed[]): Action[] {
  const serving = new Set(observed.flatMap((one) => stepsServing(goal, one)));
  return actions.filter((action) => {
    if (action.kind === 'apply-model') return isGoal(goal, 'publish');
    return serving.has(action.kind === 'start' ? action.attempt.step : action.step);
  });
}

/** Digests of the steps that are asked for and of all that they need. What is planned later may be asked for too. */
function stepsServing(goal: Goal, { steps }: Observed): string[] {
  const byKey = new Map(steps.map((step) => [step.node.key, step]));
  const needed = new Set(['ingest', 'plan']);
  // A step comes after those it needs, so one walk from the end finds all of them.
  for (const { node } of steps.toReversed()) {
    if (isGoal(goal, node.key)) needed.add(node.key);
    if (needed.has(node.key)) for (const key of node.needs) needed.add(key);
  }
  return [...needed].flatMap((key) => byKey.get(key)?.digest ?? []);
}
