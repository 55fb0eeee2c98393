import { describe, expect, test } from 'vitest';
import { workersSpec } from '#api/v1alpha1/workers.ts';
import { anAttempt } from '#test/step-runner-conformance.ts';
import { attemptJob, type JobSettings, jobName } from './attempt-job.ts';

const SETTINGS: JobSettings = {
  namespace: 'research',
  images: { worker: 'registry.local/worker:1', ensemble: 'registry.local/ensemble:1' },
  imagePullPolicy: 'IfNotPresent',
  environment: { LOG_LEVEL: 'info' },
  environmentSecrets: ['store'],
  secretFolders: [{ secret: 'bus', folder: '/var/run/secrets/bus' }],
  authoritySecret: null,
  serviceAccount: 'pentafold-worker',
  controllerAddress: 'pentafold-controller:8443',
  accelerators: [{ resource: 'nvidia.com/gpu', memoryBytes: 24 * 2 ** 30 }],
  device: 'cuda',
  graceSeconds: 120,
  keptSeconds: 600,
  cacheGiB: 32,
};

const trains = { memoryBytes: 2 ** 30, trainingBytes: 8 * 2 ** 30 };

const variable = (job: ReturnType<typeof attemptJob>, name: string) =>
  job.spec?.template.spec?.containers[0]?.env?.find((one) => one.name === name)?.value;

describe('attemptJob', () => {
  test('the name is the same each time, and fits into a pod’s labels whatever the Task is called', () => {
    const attempt = { ...anAttempt('train'), task: { name: `${'a'.repeat(29)}-${'b'.repeat(33)}`, uid: 'uid-1' } };
    expect(jobName(attempt)).toBe(jobName(structuredClone(attempt)));
    expect(jobName(attempt)).toMatch(/^a{29}-[0-9a-f]{12}-1$/);
  });

  test('two attempts, two steps and a Task made anew under its name have other names', () => {
    const attempt = anAttempt('train');
    const others = [
      { ...attempt, attempt: 2 },
      { ...attempt, step: 'b'.repeat(64) },
      { ...attempt, task: { ...attempt.task, uid: 'another uid' } },
    ];
    expect(new Set([attempt, ...others].map(jobName)).size).toBe(4);
  });

  test('belongs to its Task, and is never tried again by the cluster', () => {
    const job = attemptJob(anAttempt('train'), SETTINGS);
    expect(job.metadata?.ownerReferences).toMatchObject([{ kind: 'Task', name: 'liver', uid: 'uid-of-liver' }]);
    expect(job.spec).toMatchObject({ backoffLimit: 0, podReplacementPolicy: 'Failed' });
    expect(job.spec?.template.spec?.restartPolicy).toBe('Never');
  });

  test('a training computes on the accelerator it is given, anything else on the CPU', () => {
    const training = attemptJob({ ...anAttempt('train'), demand: trains }, SETTINGS);
    expect(training.spec?.template.spec?.containers[0]?.resources?.limits).toMatchObject({ 'nvidia.com/gpu': '1' });
    expect(variable(training, 'DEVICE')).toBe('cuda');
    expect(variable(attemptJob(anAttempt('ingest'), SETTINGS), 'DEVICE')).toBe('cpu');
    expect(
      variable(attemptJob({ ...anAttempt('train'), demand: trains }, { ...SETTINGS, device: 'cpu' }), 'DEVICE'),
    ).toBe('cpu');
  });

  test('has the program carried out that the step is of', () => {
    expect(
      attemptJob({ ...anAttempt('ensemble'), program: 'ensemble' }, SETTINGS).spec?.template.spec?.containers[0],
    ).toMatchObject({
      image: 'registry.local/ensemble:1',
      args: ['services/ensemble/main.ts'],
    });
  });

  test('secrets are variables or files, and one of them vouches for the controller', () => {
    const job = attemptJob(anAttempt('train'), { ...SETTINGS, authoritySecret: 'controller-ca' });
    const pod = job.spec?.template.spec;
    expect(pod?.containers[0]?.envFrom).toEqual([{ secretRef: { name: 'store' } }]);
    const secretAt = (folder: string) => {
      const volume = pod?.containers[0]?.volumeMounts?.find(({ mountPath }) => mountPath === folder)?.name;
      return pod?.volumes?.find(({ name }) => name === volume)?.secret?.secretName;
    };
    expect(secretAt('/var/run/secrets/bus')).toBe('bus');
    const authority = variable(job, 'CONTROLLER_CA_FILE') ?? '';
    expect(secretAt(authority.slice(0, authority.lastIndexOf('/')))).toBe('controller-ca');
    expect(variable(attemptJob(anAttempt('train'), SETTINGS), 'CONTROLLER_CA_FILE')).toBeUndefined();
  });

  test('the pod keeps to the restricted pod security standard, and has no rights in the cluster', () => {
    const pod = attemptJob(anAttempt('train'), SETTINGS).spec?.template.spec;
    expect(pod).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true } });
    expect(pod?.containers[0]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  test('what the Task says of its workers is passed on to whoever places the pod', () => {
    const workers = workersSpec.parse({
      nodeSelector: { disk: 'fast' },
      tolerations: [{ key: 'gpu', operator: 'Exists' }],
      queueName: 'gpu-queue',
      priorityClassName: 'high',
      schedulerName: 'bin-packer',
    });
    const { metadata, spec } = attemptJob({ ...anAttempt('train'), workers }, SETTINGS);
    expect(metadata?.labels).toMatchObject({
      'kueue.x-k8s.io/queue-name': 'gpu-queue',
      'kueue.x-k8s.io/priority-class': 'high',
    });
    expect(spec?.template.spec).toMatchObject({
      nodeSelector: { disk: 'fast' },
      tolerations: [{ key: 'gpu', operator: 'Exists' }],
      priorityClassName: 'high',
      schedulerName: 'bin-packer',
    });
  });
});
