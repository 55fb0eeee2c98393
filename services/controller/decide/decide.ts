import type { Model } from '#api/v1alpha1/kinds.ts';
import type { StepAttempt } from '#platform/runner/step-runner.ts';
import { demandOf } from '#steps/demand.ts';
import { EXIT_CODES } from '#steps/exit-codes.ts';
import { type PlanResult, planResultSchema } from '#steps/results.ts';
import type { StepDescription, StepIdentity } from '#steps/step.ts';
import type { StepFailure } from '#steps/step-failure.ts';
import { attemptOutcome } from './attempt-outcome.ts';
import type { Limits } from './limits.ts';
import type { AttemptSeen, Observed, ObservedStep } from './observed.ts';
import { publishedModel } from './published-model.ts';
import { type JudgedStep, verdictOn } from './verdict.ts';

/** What the loop is to do. Doing any of them twice is harmless. */
export type Action =
  /** Have the runner carry an attempt out. */
  | { readonly kind: 'start'; readonly attempt: StepAttempt; readonly description: StepDescription }
  /** Carry an attempt at the `plan` step out here. */
  | { readonly kind: 'plan'; readonly attempt: number; readonly step: string; readonly description: StepDescription }
  /** Write down a failure that left no reason behind. */
  | { readonly kind: 'record-failure'; readonly step: string; readonly attempt: number; readonly failure: StepFailure }
  /** Make a step whose outputs are damaged not done; its attempt counts as failed. Done late it costs work, no result. */
  | { readonly kind: 'withdraw'; readonly step: string; readonly attempt: number; readonly failure: StepFailure }
  /** Remove what attempts kept of a step that another one has done. */
  | { readonly kind: 'tidy-up'; readonly step: string; readonly attempts: readonly number[] }
  | { readonly kind: 'apply-model'; readonly model: Model };

/** What to do about a Task as observed. Pure: the loop performs the actions, then patches the status once. */
export function decide(observed: Observed, limits: Limits, now: Date): Action[] {
  const verdict = verdictOn(observed, limits, now);
  const leftBehind = observed.steps.flatMap(tidyingUp);
  if (verdict.kind === 'failed' || verdict.kind === 'succeeded') return leftBehind;
  const unexplained = [...leftBehind, ...verdict.steps.flatMap(explanations)];
  if (verdict.kind === 'suspended') return unexplained;
  // A step whose last failure is not written down yet waits for that: its pause is counted from there.
  const ready = verdict.steps.filter((step) => step.standing.kind === 'ready' && explanations(step).length === 0);
  return [
    ...unexplained,
    ...begunFirst(ready).flatMap((step) => nextAttempt(observed, step)),
    ...publication(observed, now),
  ];
}

/** Workers are given in the order of the starts: what was begun is finished before more is begun. */
const begunFirst = (steps: readonly JudgedStep[]): JudgedStep[] =>
  steps.toSorted((a, b) => Number(b.hasCheckpoint) - Number(a.hasCheckpoint));

/** The attempt that was first may remove nothing of the others. */
const tidyingUp = ({ digest, leftBehind }: ObservedStep): Action[] =>
  digest === null || leftBehind.length === 0 ? [] : [{ kind: 'tidy-up', step: digest, attempts: leftBehind }];

function explanations(step: ObservedStep): Action[] {
  if (step.digest === null || step.manifest !== null) return [];
  const { digest, damage } = step;
  if (damage !== null) {
    const failure = { code: 'OBJECT_CORRUPT', message: damage };
    return [{ kind: 'withdraw', step: digest, attempt: lastAttempt(step) || 1, failure }];
  }
  return step.attempts.flatMap((seen): Action[] => {
    if (attemptOutcome(seen) !== 'unexplained') return [];
    return [{ kind: 'record-failure', step: digest, attempt: seen.attempt, failure: explanation(seen) }];
  });
}

const explanation = ({ run }: AttemptSeen): StepFailure =>
  run.kind === 'ended'
    ? { code: 'STEP_CRASHED', message: crashMessage(run.exitCode) }
    : {
        code: 'STEP_OUT_OF_MEMORY',
        message: 'it took more memory than it may have; raise spec.workers.resources.memory',
      };

const crashMessage = (exitCode: number): string =>
  exitCode === EXIT_CODES.done
    ? 'the process ended as if the step were done, but its manifest is missing'
    : `the process ended with exit code ${exitCode} and left no reason; its log says more`;

const lastAttempt = ({ attempts }: ObservedStep): number => attempts.at(-1)?.attempt ?? 0;

function nextAttempt(observed: Observed, step: JudgedStep): Action[] {
  const { node, digest } = step;
  const { identity } = node;
  if (identity === null || digest === null) return [];
  const description = descriptionOf(observed, node, identity);
  const attempt = lastAttempt(step) + 1;
  if (node.program === 'controller') return [{ kind: 'plan', step: digest, attempt, description }];
  const { program, title } = node;
  const { task } = description;
  const { workers } = observed.task.spec;
  const demand = demandOf(node, planResult(observed));
  return [{ kind: 'start', attempt: { step: digest, attempt, program, title, task, demand, workers }, description }];
}

function descriptionOf({ task }: Observed, node: ObservedStep['node'], identity: StepIdentity): StepDescription {
  return {
    identity,
    inputSteps: node.inputSteps,
    title: node.title,
    task: { name: task.metadata.name, uid: task.metadata.uid },
    datasetUri: task.spec.dataset.uri,
    checkpointIntervalSeconds: task.spec.training.checkpointIntervalSeconds,
    pretrainedWeightsUri: node.pretrainedWeightsUri,
  };
}

function planResult({ steps }: Observed): PlanResult | null {
  const manifest = steps.find(({ node }) => node.kind === 'plan')?.manifest ?? null;
  return manifest === null ? null : planResultSchema.parse(manifest.result);
}

function publication(observed: Observed, now: Date): Action[] {
  const publish = observed.steps.find(({ node }) => node.kind === 'publish');
  if (publish === undefined || publish.manifest === null) return [];
  return [{ kind: 'apply-model', model: publishedModel(observed.task, publish.manifest, observed.model, now) }];
}
