// What the controller of a cluster is told beside how its loop works: where it is, and what the pods of attempts are like.

import * as z from 'zod';
import { hostAndPort, loadEnvironment, requiredText, wholeNumberOr } from '#formats/environment.ts';
import { logLevel } from '#steps/step-environment.ts';
import { OPEN_STORE_VARIABLES, storeEnvironment } from '#steps/store-environment.ts';
import { stsEnvironment } from '#steps/sts-environment.ts';
import { loopEnvironment } from './config.ts';

const text = (otherwise: string) => z.preprocess((given) => given || otherwise, z.string());

/** `a,b` → the items. */
const items = z
  .string()
  .default('')
  .transform((list) => list.split(',').filter((item) => item !== ''));

/** `a=x,b=y` → pairs. */
const pairs = (expected: string, value: RegExp) =>
  items.transform((list, context) =>
    list.map((item) => {
      const [, name = '', given = ''] = /^([^=]+)=(.+)$/.exec(item) ?? [];
      if (!value.test(given)) context.addIssue(`must be ${expected}, separated by commas; got '${item}'`);
      return [name, given] as const;
    }),
  );

const GIB = 2 ** 30;

const variables = z.object({
  NAMESPACE: requiredText,
  POD_NAME: requiredText,
  HEALTH_ADDRESS: z.preprocess((given) => given || '0.0.0.0:8080', hostAndPort),
  ADVERTISED_ADDRESS: hostAndPort,
  TLS_CERTIFICATE_FILE: text(''),
  TLS_KEY_FILE: text(''),
  WORKER_IMAGE: requiredText,
  ENSEMBLE_IMAGE: text(''),
  IMAGE_PULL_POLICY: z.preprocess(
    (given) => given || 'IfNotPresent',
    z.enum(['Always', 'IfNotPresent', 'Never'], 'must be one of Always, IfNotPresent, Never'),
  ),
  WORKER_SERVICE_ACCOUNT: requiredText,
  WORKER_ENVIRONMENT_SECRETS: items,
  WORKER_SECRET_FOLDERS: pairs('secret=/folder', /^\/./),
  WORKER_CA_SECRET: text(''),
  ACCELERATORS: pairs('resource=memory in Gi, as nvidia.com/gpu=24Gi', /^[1-9]\d{0,3}Gi$/),
  DEVICE: z.preprocess((given) => given || 'cuda', z.enum(['cpu', 'cuda'], 'must be one of cpu, cuda')),
  GRACE_SECONDS: wholeNumberOr(120),
  KEPT_SECONDS: wholeNumberOr(3600),
  CACHE_GIB: wholeNumberOr(32),
  LOG_LEVEL: logLevel,
});

const environment = variables
  .refine((env) => (env.TLS_CERTIFICATE_FILE === '') === (env.TLS_KEY_FILE === ''), {
    path: ['TLS_KEY_FILE'],
    error: 'must come with TLS_CERTIFICATE_FILE, and that with it',
    when: () => true,
  })
  .transform((env) => ({
    namespace: env.NAMESPACE,
    podName: env.POD_NAME,
    health: hostPort(env.HEALTH_ADDRESS),
    /** In PEM; `null`: the door speaks in clear text. */
    tls: env.TLS_KEY_FILE === '' ? null : { certificateFile: env.TLS_CERTIFICATE_FILE, keyFile: env.TLS_KEY_FILE },
    logLevel: env.LOG_LEVEL,
    /** Of the pods of attempts. */
    jobs: {
      namespace: env.NAMESPACE,
      images: { worker: env.WORKER_IMAGE, ensemble: env.ENSEMBLE_IMAGE || env.WORKER_IMAGE },
      imagePullPolicy: env.IMAGE_PULL_POLICY,
      environmentSecrets: env.WORKER_ENVIRONMENT_SECRETS,
      secretFolders: env.WORKER_SECRET_FOLDERS.map(([secret, folder]) => ({ secret, folder })),
      authoritySecret: env.WORKER_CA_SECRET || null,
      serviceAccount: env.WORKER_SERVICE_ACCOUNT,
      controllerAddress: env.ADVERTISED_ADDRESS,
      accelerators: env.ACCELERATORS.map(([resource, memory]) => ({
        resource,
        memoryBytes: Number.parseInt(memory, 10) * GIB,
      })),
      device: env.DEVICE,
      graceSeconds: env.GRACE_SECONDS,
      keptSeconds: env.KEPT_SECONDS,
      cacheGiB: env.CACHE_GIB,
    },
  }))
  .and(storeEnvironment)
  .and(stsEnvironment)
  .and(loopEnvironment.transform((loop) => ({ loop })))
  .superRefine(({ s3, sts, objects }, context) => {
    const complain = (variable: string, message: string) =>
      context.addIssue({ code: 'custom', path: [variable], message });
    if (s3?.keys === null) complain('S3_CREDENTIALS_FROM', 'is for workers; a controller has keys');
    if (sts !== null && (s3 === null || objects.kind !== 's3'))
      complain('S3_STS_ENDPOINT', 'must come with S3_ENDPOINT and with OBJECTS in that store');
  })
  .readonly();

export type ClusterConfig = z.infer<typeof environment>;

function hostPort(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
}

/**
 * The configuration from environment variables; docs/cluster.md has them all.
 *
 * @throws {RangeError} naming every variable that is missing or wrong, one a line.
 */
export const loadClusterConfig = (env: Readonly<Record<string, string | undefined>>): ClusterConfig =>
  loadEnvironment(environment, env);

/** What the programs of steps are told as this one was: where results and messages go. Secrets come to them by themselves. */
const HANDED_ON = ['LOG_LEVEL', ...OPEN_STORE_VARIABLES];

export const handedOn = (env: Readonly<Record<string, string | undefined>>): Record<string, string> => ({
  ...Object.fromEntries(
    HANDED_ON.flatMap((name) => {
      const value = env[name];
      return value ? [[name, value]] : [];
    }),
  ),
  ...(env.S3_STS_ENDPOINT ? { S3_CREDENTIALS_FROM: 'controller' } : {}),
});
