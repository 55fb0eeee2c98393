// What the runner keeps of Jobs and pods. There may be tens of thousands, of ten kilobytes each, and it looks at little.

import { JOBS, type KubeObject, type ObjectMeta, PODS, type Resource } from '../../kube/kube-object.ts';
import { LABELS, STEP_ANNOTATION } from './attempt-job.ts';
import type { ContainerSeen, JobSeen, PodSeen } from './attempt-state.ts';

/** The label by which a Job finds its pods. */
export const JOB_NAME = 'batch.kubernetes.io/job-name';

export type SeenJob = KubeObject & JobSeen;
export type SeenPod = KubeObject & Pick<PodSeen, 'status'>;

export const SEEN_JOBS: Resource<SeenJob> = JOBS;
export const SEEN_PODS: Resource<SeenPod> = PODS;

export const seenJob = ({ apiVersion, kind, metadata, spec, status }: SeenJob): SeenJob => ({
  apiVersion,
  kind,
  metadata: {
    ...identityOf(metadata),
    labels: only(metadata.labels, LABELS.attempt),
    annotations: only(metadata.annotations, STEP_ANNOTATION),
  },
  spec: { suspend: spec?.suspend === true },
  // By reason and message the Job tells why it failed, once its pod is gone.
  status: {
    conditions: (status?.conditions ?? []).map(({ type, status, reason, message }) => ({
      ...{ type, status },
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
    })),
  },
});

export const seenPod = ({ apiVersion, kind, metadata, status }: SeenPod): SeenPod => ({
  apiVersion,
  kind,
  metadata: {
    ...identityOf(metadata),
    labels: only(metadata.labels, JOB_NAME),
    annotations: only(metadata.annotations, STEP_ANNOTATION),
  },
  status: {
    ...(status?.phase === undefined ? {} : { phase: status.phase }),
    conditions: (status?.conditions ?? []).filter(({ type }) => LOOKED_AT.has(type)),
    containerStatuses: (status?.containerStatuses ?? []).slice(0, 1).map(({ state }) => ({ state: stateOf(state) })),
  },
});

/** Conditions of pods that say something of an attempt. */
const LOOKED_AT: ReadonlySet<string> = new Set(['DisruptionTarget', 'PodScheduled']);

function stateOf({ waiting, terminated }: ContainerSeen = {}): ContainerSeen {
  if (waiting !== undefined) return { waiting };
  return terminated === undefined ? {} : { terminated: { exitCode: terminated.exitCode, ...reasonOf(terminated) } };
}

const reasonOf = ({ reason }: { readonly reason?: string }) => (reason === undefined ? {} : { reason });

/** What every object has, and no more. */
function identityOf(metadata: ObjectMeta): ObjectMeta {
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp } = metadata;
  return {
    ...{ name, uid, resourceVersion, creationTimestamp },
    ...(namespace === undefined ? {} : { namespace }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
  };
}

function only(texts: Readonly<Record<string, string>> | undefined, key: string): Readonly<Record<string, string>> {
  const text = texts?.[key];
  return text === undefined ? {} : { [key]: text };
}
