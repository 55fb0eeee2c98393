import type { Candidate, Task } from '#api/v1alpha1/kinds.ts';
import type { FoldName } from '#core/training/folds.ts';
import type { Progress } from '#platform/link/controller-link.ts';
import { type CaseWarnings, ingestResultSchema, trainResultSchema } from '#steps/results.ts';
import type { StepKind } from '#steps/step.ts';
import { ensembleScores } from './decide/ensemble-scores.ts';
import { type Goal, isGoal } from './decide/goal.ts';
import { doneShare } from './decide/progress.ts';
import type { JudgedStep, Verdict } from './decide/verdict.ts';

/** A Task as the controller last saw it, for whoever shows it. */
export interface TaskSnapshot {
  /** With the status as last written. */
  readonly task: Task;
  readonly verdict: Verdict['kind'];
  /** `unplanned`: the plan is made, and has no such step. Without a goal it is the Model. */
  readonly goal: 'ahead' | 'reached' | 'unplanned';
  /** Share of the forecast work that is done, in [0, 1]. */
  readonly doneShare: number;
  readonly steps: readonly StepSnapshot[];
  /** All candidates, best first; empty until they are scored. */
  readonly ranking: readonly Candidate[];
  /** What ingest found odd about the data set. */
  readonly warnings: CaseWarnings;
}

export interface StepSnapshot {
  readonly key: string;
  readonly kind: StepKind;
  /** Which configuration it preprocesses or trains; `null` for steps of the whole Task, and for earlier schedules. */
  readonly configuration: string | null;
  /** Which fold it trains; `null` for other kinds, and for earlier schedules. */
  readonly fold: FoldName | null;
  readonly title: string;
  /** Digest; `null` until all inputs are known. */
  readonly step: string | null;
  /**
   * `blocked`: an input is missing. `waiting`: for a free worker, or to be started. `pausing`: failed, will be tried
   * again. `given-up`: failed for good.
   */
  readonly state: 'blocked' | 'waiting' | 'running' | 'pausing' | 'given-up' | 'done';
  /** The attempt that runs or, of a step that failed, the last one. */
  readonly attempt: number | null;
  readonly progress: Progress | null;
  /** Why the last attempt failed, of a step that is `pausing` or `given-up`. */
  readonly failure: string | null;
  /** Of a fold that is trained: foreground mean of its validation cases; else `null`. */
  readonly validationDice: number | null;
}

export const snapshotOf = (task: Task, verdict: Verdict, goal: Goal | null): TaskSnapshot => ({
  task,
  verdict: verdict.kind,
  goal: goalState(verdict, goal),
  doneShare: doneShare(task.spec, verdict.steps),
  steps: verdict.steps.map(stepSnapshot),
  ranking: ensembleScores(verdict.steps)?.ranking ?? [],
  warnings: datasetWarnings(verdict.steps),
});

function datasetWarnings(steps: readonly JudgedStep[]): CaseWarnings {
  const manifest = steps.find(({ node }) => node.kind === 'ingest')?.manifest ?? null;
  return manifest === null ? { total: 0, first: [] } : ingestResultSchema.parse(manifest.result).warnings;
}

function goalState({ kind, steps }: Verdict, goal: Goal | null): TaskSnapshot['goal'] {
  if (goal === null) return kind === 'succeeded' ? 'reached' : 'ahead';
  const wanted = steps.filter(({ node }) => isGoal(goal, node.key));
  const isDone = ({ standing }: JudgedStep) => standing.kind === 'done';
  const isPlanned = steps.some((step) => step.node.kind === 'plan' && isDone(step));
  if (wanted.length === 0) return isPlanned ? 'unplanned' : 'ahead';
  // Until the plan is made a goal may mean more steps than are known.
  const isReached = wanted.every(isDone) && (isPlanned || goal.every((key) => key === 'ingest'));
  return isReached && (kind === 'succeeded' || !isGoal(goal, 'publish')) ? 'reached' : 'ahead';
}

function stepSnapshot(step: JudgedStep): StepSnapshot {
  const { key, kind, configuration, fold, title } = step.node;
  const { manifest } = step;
  const last = step.standing.kind === 'live' ? step.standing.attempt : step.attempts.at(-1);
  return {
    key,
    kind,
    configuration,
    fold,
    title,
    step: step.digest,
    state: stateOf(step),
    attempt: last?.attempt ?? null,
    progress: last?.progress ?? null,
    failure: 'failure' in step.standing ? step.standing.failure.message : null,
    validationDice: kind === 'train' && manifest !== null ? trainResultSchema.parse(manifest.result).meanDice : null,
  };
}

function stateOf({ standing }: JudgedStep): StepSnapshot['state'] {
  if (standing.kind === 'ready') return 'waiting';
  if (standing.kind !== 'live') return standing.kind;
  return standing.attempt.run.kind === 'pending' ? 'waiting' : 'running';
}
