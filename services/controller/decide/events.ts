// What is told of a Task beside its status, for whoever looks at its past: `kubectl describe`. Told once, when it happens.

import type { ConditionType, TaskStatus } from '#api/v1alpha1/kinds.ts';
import { REASONS } from '#api/v1alpha1/reasons.ts';
import type { TaskEvent } from '#platform/tasks/task-events.ts';
import { attemptOutcome } from './attempt-outcome.ts';
import type { Action } from './decide.ts';
import type { AttemptSeen, Observed, ObservedStep } from './observed.ts';

/** Of so many attempts that have the same fate at one look each is named. */
const NAMED = 5;

/** What changed in the conditions that end or begin something. */
export function statusEvents(before: TaskStatus | undefined, after: TaskStatus): TaskEvent[] {
  return after.conditions.flatMap(({ type, status, reason, message }): TaskEvent[] => {
    const was = before?.conditions.find((one) => one.type === type)?.status;
    if (was === status) return [];
    const action = ACTIONS[type];
    if (action === undefined) return [];
    const normal: TaskEvent = { type: 'Normal', reason, action, note: message };
    switch (type) {
      case 'Accepted':
        return status === 'True' ? [normal] : [{ ...normal, type: 'Warning' }];
      case 'Failed':
        if (status === 'True') return [{ ...normal, type: 'Warning' }];
        return reason === REASONS.retryRequested ? [normal] : [];
      case 'Degraded':
        return status === 'True' ? [{ ...normal, type: 'Warning' }] : was === 'True' ? [normal] : [];
      case 'Suspended':
        return status === 'True' || was === 'True' ? [normal] : [];
      default:
        return status === 'True' ? [normal] : [];
    }
  });
}

/** The conditions that are told of, and what is said to have been done. */
const ACTIONS: Partial<Record<ConditionType, string>> = {
  Accepted: 'Accept',
  Succeeded: 'Finish',
  Failed: 'Judge',
  Suspended: 'Suspend',
  Degraded: 'Judge',
};

/** What became of attempts since the last look. */
export function attemptEvents(before: Observed | undefined, after: Observed): TaskEvent[] {
  if (before === undefined) return [];
  const then = new Map(before.steps.flatMap((step) => step.attempts.map((attempt) => [keyOf(step, attempt), attempt])));
  const ended = after.steps.flatMap((step) =>
    step.attempts.flatMap((attempt) => {
      const was = then.get(keyOf(step, attempt));
      const fate = was === undefined ? undefined : fateOf(was, attempt);
      return fate === undefined
        ? []
        : [{ fate, note: `${step.node.title}, attempt ${attempt.attempt}${whyOf(attempt)}` }];
    }),
  );
  return [...Map.groupBy(ended, ({ fate }) => fate)].map(([fate, all]) => ({
    ...FATES[fate],
    action: 'Run',
    note: together(all.map(({ note }) => note)),
  }));
}

type Fate = 'failed' | 'lost' | 'yielded';

const FATES: Readonly<Record<Fate, Pick<TaskEvent, 'type' | 'reason'>>> = {
  failed: { type: 'Warning', reason: 'AttemptFailed' },
  lost: { type: 'Warning', reason: 'AttemptLost' },
  yielded: { type: 'Normal', reason: 'AttemptYielded' },
};

/** One that ended without a reason is told of once a reason is written down. */
function fateOf(was: AttemptSeen, is: AttemptSeen): Fate | undefined {
  const [then, now] = [attemptOutcome(was), attemptOutcome(is)];
  if (then === now || (then !== 'live' && then !== 'unexplained')) return undefined;
  if (now === 'failed' || now === 'bad-input') return 'failed';
  return now === 'lost' || now === 'yielded' ? now : undefined;
}

const keyOf = ({ digest }: ObservedStep, { attempt }: AttemptSeen): string => `${digest}/${attempt}`;

const whyOf = ({ failure }: AttemptSeen): string => (failure === null ? '' : `: ${failure.code}: ${failure.message}`);

/** What was done about a Task. */
export function actionEvents(actions: readonly Action[]): TaskEvent[] {
  const starts = actions.flatMap((action) => (action.kind === 'start' ? [action.attempt] : []));
  const [first, again] = [starts.filter(({ attempt }) => attempt === 1), starts.filter(({ attempt }) => attempt > 1)];
  const models = actions.flatMap((action) => (action.kind === 'apply-model' ? [action.model] : []));
  const named = ({ title, attempt }: (typeof starts)[number]) => `${title}, attempt ${attempt}`;
  return [
    ...told('AttemptStarted', 'Start', first.map(named)),
    ...told('AttemptRetried', 'Start', again.map(named)),
    ...told(
      'ModelPublished',
      'Publish',
      models.map(({ metadata, spec }) => `Model ${metadata.name}, version ${spec.version}`),
    ),
  ];
}

const told = (reason: string, action: string, notes: readonly string[]): TaskEvent[] =>
  notes.length === 0 ? [] : [{ type: 'Normal', reason, action, note: together(notes) }];

function together(notes: readonly string[]): string {
  const more = notes.length - NAMED;
  return `${notes.slice(0, NAMED).join('; ')}${more > 0 ? `; and ${more} more` : ''}.`;
}
