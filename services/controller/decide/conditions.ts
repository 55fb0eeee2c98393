import { type Condition, type ConditionType, LONGEST_MESSAGE, type Model, type Task } from '#api/v1alpha1/kinds.ts';
import { REASONS } from '#api/v1alpha1/reasons.ts';
import { conditionOf, currentCondition } from '#api/v1alpha1/standing.ts';
import { cut } from '#formats/cut-text.ts';
import type { StepKind } from '#steps/step.ts';
import { refusal } from './acceptance.ts';
import { degraded } from './degraded.ts';
import type { Observed } from './observed.ts';
import { TRIED_AGAIN } from './retry.ts';
import { type JudgedStep, reasonOf, type Verdict } from './verdict.ts';

/** What a condition says, without when it began to. */
type Statement = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

const is = (type: ConditionType, reason: string, message: string): Statement => ({
  type,
  status: 'True',
  reason,
  message,
});

const isNot = (type: ConditionType, reason: string, message: string): Statement => ({
  type,
  status: 'False',
  reason,
  message,
});

/** Stages of a Task: the kinds of step that each takes, and what is said once all of them are done. */
const STAGES: readonly {
  readonly type: ConditionType;
  readonly kinds: readonly StepKind[];
  readonly reason: string;
  readonly message: string;
}[] = [
  { type: 'Planned', kinds: ['ingest', 'plan'], reason: 'PlansReady', message: 'The plans are made.' },
  { type: 'Preprocessed', kinds: ['preprocess'], reason: 'ArraysReady', message: 'All cases are preprocessed.' },
  { type: 'Trained', kinds: ['train'], reason: 'FoldsTrained', message: 'All folds are trained and validated.' },
  { type: 'Ensembled', kinds: ['ensemble'], reason: 'CandidatesRanked', message: 'The best candidate is chosen.' },
  { type: 'Published', kinds: ['publish'], reason: 'ModelPublished', message: 'The model is published.' },
];

/** All conditions of a Task, in the order of `ConditionType`. A condition keeps its time while its status stays. */
export function conditions(observed: Observed, verdict: Verdict, now: Date): Condition[] {
  const statements = [
    accepted(observed),
    ...STAGES.map((stage) => stageStatement(stage, verdict)),
    succeeded(verdict, observed.model),
    failed(verdict, observed.task),
    suspended(verdict),
    degraded(verdict),
  ];
  return statements.map((statement) => dated(statement, observed.task, now));
}

function dated(statement: Statement, task: Task, now: Date): Condition {
  const before = conditionOf(task, statement.type);
  const lastTransitionTime = before?.status === statement.status ? before.lastTransitionTime : now.toISOString();
  // Errors of a data set may name many cases.
  const message = cut(statement.message, LONGEST_MESSAGE);
  return { ...statement, message, lastTransitionTime, observedGeneration: task.metadata.generation };
}

function accepted(observed: Observed): Statement {
  const fault = refusal(observed);
  if (fault !== null) return isNot('Accepted', reasonOf(fault), `${fault.message}.`);
  return is('Accepted', 'SpecAccepted', 'The spec can be carried out.');
}

function stageStatement({ type, kinds, reason, message }: (typeof STAGES)[number], { steps }: Verdict): Statement {
  const mine = steps.filter(({ node }) => kinds.includes(node.kind));
  const done = mine.filter(({ standing }) => standing.kind === 'done');
  const allKnown = kinds.every((kind) => mine.some(({ node }) => node.kind === kind));
  if (allKnown && done.length === mine.length) return is(type, reason, message);
  if (mine.length === 0) return isNot(type, 'Waiting', 'What there is to do is not planned yet.');
  const begun = mine.some(({ standing }) => standing.kind !== 'blocked');
  const waits = waiting(mine);
  const progress = `${done.length} of ${mine.length} steps are done.${waits}`;
  return isNot(type, begun ? 'InProgress' : 'Waiting', progress);
}

/** Why the first step that waits does, and how many more do; a sentence, or nothing. */
function waiting(steps: readonly JudgedStep[]): string {
  const reasons = steps.flatMap(({ node, standing }) => {
    const run = standing.kind === 'live' ? standing.attempt.run : null;
    return run?.kind === 'pending' && run.waitsFor !== null ? [`${node.title} waits for ${run.waitsFor}`] : [];
  });
  const [first, ...others] = reasons;
  if (first === undefined) return '';
  const sentence = ` ${first}${first.endsWith('.') ? '' : '.'}`;
  return others.length === 0 ? sentence : `${sentence} Others that wait: ${others.length}.`;
}

function succeeded(verdict: Verdict, model: Model | null): Statement {
  switch (verdict.kind) {
    case 'succeeded':
      return is('Succeeded', 'ModelPublished', `Model ${model?.metadata.name ?? ''} is published.`);
    case 'failed':
      return isNot('Succeeded', verdict.failure.reason, verdict.failure.message);
    case 'suspended':
      return isNot('Succeeded', 'Suspended', 'The Task is suspended.');
    case 'working':
      return isNot('Succeeded', 'InProgress', 'The Task is at work.');
  }
}

function failed(verdict: Verdict, task: Task): Statement {
  if (verdict.kind === 'failed') return is('Failed', verdict.failure.reason, verdict.failure.message);
  const pausing = verdict.steps.flatMap(retryMessage);
  if (pausing.length > 0) return isNot('Failed', REASONS.retrying, pausing.join(' '));
  return wasRetried(task)
    ? isNot('Failed', TRIED_AGAIN.reason, TRIED_AGAIN.message)
    : isNot('Failed', 'NoFailure', 'Nothing has failed for good.');
}

/** A reason says why the status became what it is, so it stays until something else is to be said. */
function wasRetried(task: Task): boolean {
  const before = currentCondition(task, 'Failed');
  return before?.status === 'False' && before.reason === REASONS.retryRequested;
}

function retryMessage({ node, standing }: JudgedStep): string[] {
  if (standing.kind !== 'pausing') return [];
  const { failure, until } = standing;
  return [`${node.title} failed (${failure.code}: ${failure.message}) and is tried again at ${until.toISOString()}.`];
}

function suspended(verdict: Verdict): Statement {
  if (verdict.kind !== 'suspended')
    return isNot('Suspended', REASONS.notSuspended, 'The spec does not suspend the Task.');
  const live = verdict.steps.filter(({ standing }) => standing.kind === 'live').length;
  if (live > 0) return isNot('Suspended', REASONS.stopping, `${live} workers are asked to checkpoint and end.`);
  return is('Suspended', 'SpecSuspends', 'Nothing runs; spec.suspend: false goes on.');
}
