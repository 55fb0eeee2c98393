import type { Task } from '#api/v1alpha1/kinds.ts';
import { conditionOf, currentCondition } from '#api/v1alpha1/standing.ts';
import type { StepFailure } from '#steps/step-failure.ts';
import { refusal } from './acceptance.ts';
import type { Limits } from './limits.ts';
import type { Observed, ObservedStep } from './observed.ts';
import { type StepStanding, type StepTrouble, stepStanding, stepTrouble } from './step-standing.ts';

export interface JudgedStep extends ObservedStep {
  readonly standing: StepStanding;
  readonly trouble: StepTrouble;
}

/**
 * What is to become of a Task.
 *
 * `failed` is terminal until the spec changes or a retry is asked for; `succeeded`: the Model exists. `working` and
 * `suspended` say the same of the steps, but only the first starts any.
 */
export type Verdict =
  | { readonly kind: 'working'; readonly steps: readonly JudgedStep[] }
  | { readonly kind: 'suspended'; readonly steps: readonly JudgedStep[] }
  | { readonly kind: 'succeeded'; readonly steps: readonly JudgedStep[] }
  | { readonly kind: 'failed'; readonly steps: readonly JudgedStep[]; readonly failure: TaskFailure };

export interface TaskFailure {
  /** PascalCase. */
  readonly reason: string;
  readonly message: string;
}

export function verdictOn(observed: Observed, limits: Limits, now: Date): Verdict {
  const since = failuresCountedSince(observed.task, now);
  const steps = observed.steps.map((step) => ({
    ...step,
    standing: stepStanding(step, since, limits, now),
    trouble: stepTrouble(step, since),
  }));
  const failure = standingFailure(observed.task) ?? newFailure(observed, steps);
  if (failure !== undefined) return { kind: 'failed', steps, failure };
  if (isPublished(observed)) return { kind: 'succeeded', steps };
  return { kind: observed.task.spec.suspend ? 'suspended' : 'working', steps };
}

/**
 * Failures before this moment do not count: it is when `Failed` last became false, by creation, by a changed spec or by
 * a retry.
 */
function failuresCountedSince(task: Task, now: Date): Date {
  // Of a Task that stays failed all failures are shown; of one whose spec changed since, none count.
  if (currentCondition(task, 'Failed')?.status === 'True') return new Date(0);
  const failed = conditionOf(task, 'Failed');
  const since = failed?.status === 'False' ? new Date(failed.lastTransitionTime) : now;
  // A status written by hand, or by a clock that was ahead, must not make every failure one of the past.
  return since > now ? now : since;
}

function standingFailure(task: Task): TaskFailure | undefined {
  const failed = currentCondition(task, 'Failed');
  return failed?.status === 'True' ? { reason: failed.reason, message: failed.message } : undefined;
}

function newFailure(observed: Observed, steps: readonly JudgedStep[]): TaskFailure | undefined {
  const fault = refusal(observed) ?? observed.datasetFault;
  if (fault !== null) return { reason: reasonOf(fault), message: sentence(fault.message) };
  for (const { node, standing } of steps) {
    if (standing.kind !== 'given-up') continue;
    return { reason: reasonOf(standing.failure), message: sentence(`${node.title}: ${standing.failure.message}`) };
  }
  return undefined;
}

/** `DATASET_FAULTY` → `DatasetFaulty`. */
export const reasonOf = ({ code }: StepFailure): string =>
  code
    .toLowerCase()
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');

const sentence = (message: string): string => (/[.!?]$/.test(message) ? message : `${message}.`);

/**
 * Whether the Model is out. A Model of the same name that another Task published later takes nothing away from this
 * one: otherwise two such Tasks would raise the version for ever.
 */
function isPublished({ steps, model, task }: Observed): boolean {
  const publish = steps.find(({ node }) => node.kind === 'publish');
  if (publish === undefined || publish.manifest === null || model === null) return false;
  return model.spec.step === publish.digest || currentCondition(task, 'Succeeded')?.status === 'True';
}
