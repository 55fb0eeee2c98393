import { expect, test } from 'vitest';
import { LABELS, STEP_ANNOTATION } from './attempt-job.ts';
import { JOB_NAME, seenJob, seenPod } from './seen-objects.ts';

const metadata = {
  name: 'liver-1',
  namespace: 'imaging',
  uid: 'uid',
  resourceVersion: '7',
  creationTimestamp: '2026-01-01T00:00:00Z',
};
const rest = { managedFields: [{ manager: 'pentafold-controller' }], ownerReferences: [] };

test('of a Job stays what tells whose attempt it is, and how it stands', () => {
  const labels = { [LABELS.attempt]: '1' };
  const annotations = { [STEP_ANNOTATION]: 'digest' };
  const job = {
    ...{ apiVersion: 'batch/v1', kind: 'Job' },
    metadata: {
      ...{ ...metadata, ...rest },
      labels: { ...labels, 'app.kubernetes.io/name': 'pentafold' },
      annotations: { ...annotations, 'pentafold.io/title': 'ingest' },
    },
    spec: { template: { spec: {} }, suspend: true },
    status: { conditions: [{ type: 'Suspended', status: 'True', lastProbeTime: '2026-01-01T00:00:00Z' }], active: 0 },
  };
  expect(seenJob(job)).toEqual({
    ...{ apiVersion: 'batch/v1', kind: 'Job' },
    metadata: { ...metadata, labels, annotations },
    spec: { suspend: true },
    status: { conditions: [{ type: 'Suspended', status: 'True' }] },
  });
});

test('of a pod stays what tells whose it is and for which step, what it waits for, and how it ended', () => {
  const conditions = [
    { type: 'DisruptionTarget', status: 'True' },
    { type: 'PodScheduled', status: 'False', message: 'no machine' },
  ];
  const deletionTimestamp = '2026-01-01T01:00:00Z';
  const pod = {
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: {
      ...{ ...metadata, ...rest, deletionTimestamp },
      labels: { [JOB_NAME]: 'liver-1', other: 'label' },
      annotations: { [STEP_ANNOTATION]: 'digest', 'pentafold.io/title': 'ingest' },
    },
    spec: { containers: [] },
    status: {
      phase: 'Failed',
      conditions: [...conditions, { type: 'Ready', status: 'False' }],
      containerStatuses: [
        { name: 'worker', state: { terminated: { exitCode: 42, reason: 'Error', containerID: 'containerd://1' } } },
      ],
    },
  };
  expect(seenPod(pod)).toEqual({
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: {
      ...{ ...metadata, deletionTimestamp },
      labels: { [JOB_NAME]: 'liver-1' },
      annotations: { [STEP_ANNOTATION]: 'digest' },
    },
    status: {
      phase: 'Failed',
      conditions,
      containerStatuses: [{ state: { terminated: { exitCode: 42, reason: 'Error' } } }],
    },
  });
});
