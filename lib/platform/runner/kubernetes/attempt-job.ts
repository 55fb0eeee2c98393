// One attempt at a step as a batch/v1 Job. A Job is never asked to try again by itself: the controller gives each try a
// number of its own, under which it writes, so that a pod on a lost machine damages nothing when it comes back.

import type { V1Job, V1PodSpec } from '@kubernetes/client-node';
import { digestOf } from '#formats/digest.ts';
import { EXIT_CODES } from '#steps/exit-codes.ts';
import type { Desired, Stored, Wire } from '../../kube/kube-object.ts';
import type { StepAttempt } from '../step-runner.ts';
import { type Accelerator, attemptResources, hasAccelerator } from './attempt-resources.ts';

/** What all Jobs of a cluster have in common. */
export interface JobSettings {
  readonly namespace: string;
  /** Images of the programs. */
  readonly images: Readonly<Record<StepAttempt['program'], string>>;
  readonly imagePullPolicy: string;
  /** Environment of every worker. */
  readonly environment: Readonly<Record<string, string>>;
  /** Secrets whose keys become environment variables: access to the store and the bus. */
  readonly environmentSecrets: readonly string[];
  /** Secrets whose keys become files: certificates, credentials that are renewed. */
  readonly secretFolders: readonly { readonly secret: string; readonly folder: string }[];
  /** Secret whose `ca.crt` vouches for the controller; `null`: it speaks in clear text. */
  readonly authoritySecret: string | null;
  /** What its pods run as; it has no rights. */
  readonly serviceAccount: string;
  /** `host:port` of the controller. */
  readonly controllerAddress: string;
  readonly accelerators: readonly Accelerator[];
  /** What trainings with an accelerator compute on. */
  readonly device: 'cpu' | 'cuda';
  /** How long a worker that is asked to end may take to save. */
  readonly graceSeconds: number;
  /** How long a Job that ended is kept. */
  readonly keptSeconds: number;
  readonly cacheGiB: number;
}

/** Labels by which the runner finds its Jobs and pods again, and people theirs. */
export const LABELS = {
  managedBy: 'app.kubernetes.io/managed-by',
  task: 'pentafold.io/task',
  attempt: 'pentafold.io/attempt',
} as const;

/** The whole digest: a label is too short for it. */
export const STEP_ANNOTATION = 'pentafold.io/step';

/** The step in words: `train 3d_fullres fold 2`. */
export const TITLE_ANNOTATION = 'pentafold.io/title';

/** Selects everything that this runner made. */
export const MANAGED_BY = 'pentafold-controller';

/** Audience of the token by which a worker tells the controller who it is. */
export const TOKEN_AUDIENCE = 'pentafold-controller';

/** The name that an attempt's Job always has. */
export const jobName = ({ task, step, attempt }: Pick<StepAttempt, 'task' | 'step' | 'attempt'>): string =>
  `${task.name.slice(0, 30).replace(/-+$/, '')}-${digestOf([task.uid, step]).slice(0, 12)}-${attempt}`;

export function attemptJob(attempt: StepAttempt, settings: JobSettings): Desired<Stored<V1Job>> {
  const { task, workers } = attempt;
  const labels = {
    'app.kubernetes.io/name': 'pentafold',
    'app.kubernetes.io/component': attempt.program,
    [LABELS.managedBy]: MANAGED_BY,
    [LABELS.task]: task.name,
    [LABELS.attempt]: String(attempt.attempt),
  };
  const annotations = { [STEP_ANNOTATION]: attempt.step, [TITLE_ANNOTATION]: attempt.title };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(attempt),
      namespace: settings.namespace,
      labels: {
        ...labels,
        ...(workers.queueName === undefined ? {} : { 'kueue.x-k8s.io/queue-name': workers.queueName }),
        ...(workers.priorityClassName === undefined
          ? {}
          : { 'kueue.x-k8s.io/priority-class': workers.priorityClassName }),
      },
      annotations,
      ownerReferences: [
        { apiVersion: 'pentafold.io/v1alpha1', kind: 'Task', name: task.name, uid: task.uid, controller: true },
      ],
    },
    spec: {
      backoffLimit: 0,
      completions: 1,
      parallelism: 1,
      // A pod that is being ended may still be saving: its successor has to wait for that.
      podReplacementPolicy: 'Failed',
      podFailurePolicy: {
        rules: [
          { action: 'FailJob', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          { action: 'FailJob', onExitCodes: { operator: 'In', values: [EXIT_CODES.badInput, EXIT_CODES.yielded] } },
        ],
      },
      ttlSecondsAfterFinished: settings.keptSeconds,
      template: { metadata: { labels, annotations }, spec: podSpec(attempt, settings) },
    },
  };
}

const SCRATCH = '/scratch';
const TOKEN_FOLDER = '/var/run/secrets/pentafold';

function podSpec(attempt: StepAttempt, settings: JobSettings): Wire<V1PodSpec> {
  const { workers, program } = attempt;
  const secrets = secretFolders(settings);
  const resources = attemptResources(attempt, settings.accelerators);
  const device = hasAccelerator(resources.requests) ? settings.device : 'cpu';
  return {
    restartPolicy: 'Never',
    serviceAccountName: settings.serviceAccount,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: settings.graceSeconds,
    nodeSelector: workers.nodeSelector,
    tolerations: workers.tolerations,
    ...(workers.priorityClassName === undefined ? {} : { priorityClassName: workers.priorityClassName }),
    ...(workers.schedulerName === undefined ? {} : { schedulerName: workers.schedulerName }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      fsGroup: 65_532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: program,
        image: settings.images[program],
        imagePullPolicy: settings.imagePullPolicy,
        args: [`services/${program}/main.ts`],
        env: environmentOf(attempt, settings, device),
        envFrom: settings.environmentSecrets.map((name) => ({ secretRef: { name } })),
        resources,
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [
          { name: 'scratch', mountPath: SCRATCH },
          { name: 'tmp', mountPath: '/tmp' },
          { name: 'shm', mountPath: '/dev/shm' },
          { name: 'token', mountPath: TOKEN_FOLDER, readOnly: true },
          ...secrets.map(({ folder }, i) => ({ name: `secret-${i}`, mountPath: folder, readOnly: true })),
        ],
      },
    ],
    volumes: [
      { name: 'scratch', emptyDir: {} },
      { name: 'tmp', emptyDir: {} },
      // In memory: the 64 MiB that a container is given otherwise are too little to share batches through.
      { name: 'shm', emptyDir: { medium: 'Memory' } },
      {
        name: 'token',
        projected: {
          sources: [{ serviceAccountToken: { audience: TOKEN_AUDIENCE, expirationSeconds: 3600, path: 'token' } }],
        },
      },
      ...secrets.map((secret, i) => ({ name: `secret-${i}`, secret: secretVolume(secret) })),
    ],
  };
}

const AUTHORITY_FOLDER = '/var/run/secrets/pentafold-authority';
const AUTHORITY = 'ca.crt';

/** Of the authority's Secret one key alone: it may be the one that has the controller's private key too. */
const secretVolume = ({ secret, folder }: JobSettings['secretFolders'][number]) => ({
  secretName: secret,
  ...(folder === AUTHORITY_FOLDER ? { items: [{ key: AUTHORITY, path: AUTHORITY }] } : {}),
});

const secretFolders = ({ secretFolders, authoritySecret }: JobSettings): JobSettings['secretFolders'] => [
  ...secretFolders,
  ...(authoritySecret === null ? [] : [{ secret: authoritySecret, folder: AUTHORITY_FOLDER }]),
];

function environmentOf(attempt: StepAttempt, settings: JobSettings, device: 'cpu' | 'cuda') {
  const variables = {
    ...settings.environment,
    STEP: attempt.step,
    ATTEMPT: String(attempt.attempt),
    CONTROLLER_ADDRESS: settings.controllerAddress,
    CONTROLLER_TOKEN_FILE: `${TOKEN_FOLDER}/token`,
    ...(settings.authoritySecret === null ? {} : { CONTROLLER_CA_FILE: `${AUTHORITY_FOLDER}/${AUTHORITY}` }),
    SCRATCH,
    DEVICE: device,
    CACHE_GIB: String(settings.cacheGiB),
  };
  return Object.entries(variables).map(([name, value]) => ({ name, value }));
}
