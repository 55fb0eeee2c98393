import { EXIT_CODES } from '#steps/exit-codes.ts';
import type { AttemptState } from '../step-runner.ts';

interface ConditionSeen {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** What is looked at of a Job. */
export interface JobSeen {
  readonly spec?: { readonly suspend?: boolean };
  readonly status?: { readonly conditions?: readonly ConditionSeen[] };
}

/** What is looked at of a pod. */
export interface PodSeen {
  readonly metadata?: { readonly deletionTimestamp?: string };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly ConditionSeen[];
    readonly containerStatuses?: readonly { readonly state?: ContainerSeen }[];
  };
}

export interface ContainerSeen {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: { readonly reason?: string; readonly exitCode: number };
}

/** A quota or a missing class may forbid it; only the Job's own events say so. */
const POD_TO_BE_MADE = 'its pod to be made (what hinders it stands in the events of its Job)';

/**
 * How an attempt stands, as its Job and its pod tell.
 *
 * A pod that is told to go because its machine is lost, or needed for something more important, counts as gone as soon as
 * its time to save is over: a lost machine never says that it ended. Pods that were told to go are removed once they
 * ended, those of a lost machine too; why then stands in the Job alone.
 *
 * @param pod the newest of the Job's pods; `undefined` when there is none.
 */
export function attemptState(job: JobSeen, pod: PodSeen | undefined, now: Date): AttemptState {
  const ended = pod === undefined ? undefined : podEnd(pod, now);
  if (ended !== undefined) return ended;
  if (isTrue(job.status?.conditions, 'Complete')) return { kind: 'ended', exitCode: EXIT_CODES.done };
  if (isTrue(job.status?.conditions, 'Failed')) return endWithoutPod(job);
  if (job.spec?.suspend === true) return { kind: 'pending', waitsFor: 'its queue to admit it' };
  if (pod?.status?.phase === 'Running') return { kind: 'running' };
  return { kind: 'pending', waitsFor: pod === undefined ? POD_TO_BE_MADE : whatItWaitsFor(pod) };
}

function podEnd(pod: PodSeen, now: Date): AttemptState | undefined {
  const disrupted = isTrue(pod.status?.conditions, 'DisruptionTarget');
  if (disrupted && isOverdue(pod, now)) return { kind: 'killed', by: 'disruption' };
  const phase = pod.status?.phase;
  if (phase !== 'Succeeded' && phase !== 'Failed') return undefined;
  const terminated = pod.status?.containerStatuses?.[0]?.state?.terminated;
  if (terminated?.reason === 'OOMKilled') return { kind: 'killed', by: 'memory' };
  if (terminated !== undefined && isItsOwn(terminated.exitCode, disrupted))
    return { kind: 'ended', exitCode: terminated.exitCode };
  return { kind: 'killed', by: disrupted || pod.metadata?.deletionTimestamp !== undefined ? 'disruption' : 'unknown' };
}

/**
 * Whether an exit code is what the program had to say. That of a signal, 128 and its number, is not; and what fails while
 * its machine is being taken away may fail because of that.
 */
const isItsOwn = (exitCode: number, disrupted: boolean): boolean =>
  exitCode <= 128 && !(disrupted && exitCode === EXIT_CODES.failed);

/** By what the Job controller says of the rule of `podFailurePolicy` that applied. */
function endWithoutPod({ status }: JobSeen): AttemptState {
  const failed = status?.conditions?.find(({ type, reason }) => type === 'Failed' && reason === 'PodFailurePolicy');
  const message = failed?.message ?? '';
  if (message.includes('has condition DisruptionTarget')) return { kind: 'killed', by: 'disruption' };
  const exitCode = /failed with exit code (\d+)/.exec(message)?.[1];
  return exitCode === undefined ? { kind: 'killed', by: 'unknown' } : { kind: 'ended', exitCode: Number(exitCode) };
}

/** The API server sets the deletion's time to when the grace is over. */
function isOverdue({ metadata }: PodSeen, now: Date): boolean {
  const over = metadata?.deletionTimestamp;
  return over !== undefined && new Date(over) <= now;
}

function whatItWaitsFor({ status }: PodSeen): string | null {
  const unscheduled = status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (unscheduled?.message !== undefined) return `a machine: ${unscheduled.message}`;
  const waiting = status?.containerStatuses?.[0]?.state?.waiting;
  if (waiting?.reason === undefined) return null;
  return waiting.message === undefined ? waiting.reason : `${waiting.reason}: ${waiting.message}`;
}

const isTrue = (conditions: readonly ConditionSeen[] | undefined, type: string): boolean =>
  conditions?.some((one) => one.type === type && one.status === 'True') ?? false;
