import { type Condition, LONGEST_MESSAGE, type Task, type TaskStatus } from '#api/v1alpha1/kinds.ts';
import { PentafoldError } from '#core/errors.ts';
import { cut } from '#formats/cut-text.ts';
import { type JudgedStep, reasonOf, type Verdict } from './verdict.ts';

type Said = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** Whether the Task goes on, but not as it should: steps are tried again after failures or losses. */
export function degraded(verdict: Verdict): Said {
  const troubled = verdict.kind === 'working' ? verdict.steps.filter(isTroubled) : [];
  const [first] = troubled;
  if (first === undefined)
    return said('False', 'NoTrouble', 'Nothing is tried again, and all that is needed is in reach.');
  const others = troubled.length === 1 ? '' : ` Other steps in trouble: ${troubled.length - 1}.`;
  const reason = troubled.some(({ trouble }) => trouble.failures > 0) ? 'StepsFailing' : 'StepsLost';
  return said('True', reason, `${sentenceOn(first)}${others}`);
}

const said = (status: Said['status'], reason: string, message: string): Said => ({
  type: 'Degraded',
  status,
  reason,
  message,
});

/** Of a step that is done nothing is told. */
const isTroubled = ({ trouble }: JudgedStep): boolean => trouble.failures + trouble.losses > 0;

function sentenceOn({ node, trouble: { failures, losses, last } }: JudgedStep): string {
  const failed = last === null ? [] : [`failed ${times(failures)} (${last.code}: ${last.message})`];
  const lost = losses === 0 ? [] : [`was killed ${times(losses)} without leaving a reason`];
  return `${node.title} ${[...failed, ...lost].join(' and ')}, and is tried again.`;
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/**
 * The status of a Task that cannot be looked at, since something that it needs is out of reach.
 *
 * Of an error that is not ours only its kind is said: its text may name files of a data set.
 */
export function outOfReach({ metadata, status }: Task, error: unknown, now: Date): TaskStatus {
  const before = status?.conditions ?? [];
  const since = before.find(({ type, status }) => type === 'Degraded' && status === 'True')?.lastTransitionTime;
  const isOurs = error instanceof PentafoldError;
  const what = isOurs ? error.message : `${kindOf(error)}; the controller’s log says more`;
  const message = `The Task cannot be looked at now: ${what}. It is tried again.`;
  const condition: Condition = {
    ...said('True', isOurs ? reasonOf(error) : 'OutOfReach', cut(message, LONGEST_MESSAGE)),
    lastTransitionTime: since ?? now.toISOString(),
    observedGeneration: metadata.generation,
  };
  const rest = status ?? { observedGeneration: metadata.generation, progress: '0%', configurations: [] };
  return { ...rest, conditions: [...before.filter(({ type }) => type !== 'Degraded'), condition] };
}

/** `ECONNREFUSED`, or the error's class. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'an error without a name';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
