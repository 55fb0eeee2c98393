// The other place where the command line is joined with adapters: those for a person who talks to a cluster.

import * as z from 'zod';
import { loadEnvironment } from '#formats/environment.ts';
import { type BusAddress, tryBusAddress } from '#platform/bus/bus-address.ts';
import { type BusFinding, checkBus } from '#platform/bus/check-bus.ts';
import type { MessageBus } from '#platform/bus/message-bus.ts';
import { loadNatsConfig } from '#platform/bus/nats-config.ts';
import { openBus } from '#platform/bus/open-bus.ts';
import { systemClock } from '#platform/clock/system-clock.ts';
import { controllerRules } from '#platform/controller-rules.ts';
import { clusterError } from '#platform/kube/cluster-error.ts';
import { ClusterProbe, type Right, rightsOf } from '#platform/kube/cluster-probe.ts';
import { HttpConnection } from '#platform/kube/http-connection.ts';
import { isTransient } from '#platform/kube/kube-api-error.ts';
import { KubeClient } from '#platform/kube/kube-client.ts';
import { type ClusterAddress, type ClusterChoice, clusterLogin } from '#platform/kube/kubeconfig.ts';
import type { Logger } from '#platform/logging/logger.ts';
import { tryObjectAddress } from '#platform/objects/object-address.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import { openObjects, PART_BYTES } from '#platform/objects/open-objects.ts';
import { s3Environment } from '#platform/objects/s3-config.ts';
import { ATTEMPT_LOG_RULES, CLI_FIELD_MANAGER, TASK_CLIENT_RULES, TaskClient } from '#platform/tasks/task-client.ts';
import { WATCHED_TASK_RULES, WatchedTask } from '#platform/tasks/watched-task.ts';
import { CredentialIssuer } from '#steps/credential-issuer.ts';
import { stsEnvironment } from '#steps/sts-environment.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a person needs to be allowed, by the commands that need it. */
export interface OwnRights {
  /** apply, get, cancel, retry */
  readonly steering: readonly Right[];
  readonly logs: readonly Right[];
  readonly watching: readonly Right[];
}

/** A cluster as one person reaches it, in one namespace. */
export interface Cluster {
  readonly address: ClusterAddress;
  readonly tasks: TaskClient;
  /** The error to show instead of one of a request: it names the cluster, and says what to do. */
  readonly explained: (error: unknown) => unknown;
  /** Whether the same request may succeed later without anybody mending anything. */
  readonly mayPass: (error: unknown) => boolean;
  readonly probe: ClusterProbe;
  readonly ownRights: OwnRights;
  /** What the program of a controller needs to be allowed. */
  readonly controllerRights: readonly Right[];
  watchTask(name: string, log: Logger): WatchedTask;
}

const REQUEST_TIMEOUT_MS = 15_000;

const OWN_RIGHTS: OwnRights = {
  steering: rightsOf(TASK_CLIENT_RULES),
  logs: rightsOf(ATTEMPT_LOG_RULES),
  watching: rightsOf(WATCHED_TASK_RULES),
};

const CONTROLLER_RIGHTS = rightsOf(Object.values(controllerRules).flat());

/**
 * Does something with the cluster that a person chose.
 *
 * @throws {KubeconfigUnusableError} when it is not known which that is.
 * @throws {PentafoldError} that names the cluster, for a request of `work` that failed.
 */
export async function withCluster<T>(
  choice: ClusterChoice,
  env: Environment,
  work: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const { config, address } = clusterLogin(env, choice);
  using connection = new HttpConnection(config);
  const client = new KubeClient({
    connection,
    fieldManager: CLI_FIELD_MANAGER,
    timeoutMs: REQUEST_TIMEOUT_MS,
    pageSize: 500,
  });
  const { namespace } = address;
  try {
    return await work({
      address,
      tasks: new TaskClient(client, namespace),
      explained: (error) => clusterError(error, address),
      mayPass: isTransient,
      probe: new ClusterProbe(client, namespace),
      ownRights: OWN_RIGHTS,
      controllerRights: CONTROLLER_RIGHTS,
      watchTask: (name, log) =>
        new WatchedTask({ client, namespace, name, clock: systemClock, random: Math.random, log }),
    });
  } catch (error) {
    throw clusterError(error, address);
  }
}

/** The bus of a cluster. @param text as BUS would be. @throws {RangeError} for what is no address of NATS. */
export const openClusterBus = (text: string, env: Environment, log: Logger): MessageBus =>
  openBus({ address: natsAddress(text), nats: loadNatsConfig(env), clock: systemClock, log });

/** What `pentafold doctor` says of a bus. @throws {RangeError} for what is no address of NATS. */
export async function checkClusterBus(text: string, env: Environment): Promise<BusFinding[]> {
  const { servers, tls } = natsAddress(text);
  const nats = loadNatsConfig(env);
  return checkBus({ servers, requiresTls: tls, ...nats }, nats);
}

function natsAddress(text: string): Extract<BusAddress, { kind: 'nats' }> {
  const address = tryBusAddress(text);
  if (address?.kind === 'nats') return address;
  throw new RangeError(`'${text}' is no address of a cluster's bus: expected nats://host:port or tls://host:port`);
}

/** Whether a controller would look for what a Task names there in an object store. */
export const isInStore = (uri: string): boolean => tryObjectAddress(uri)?.kind === 's3';

/** A person waits: one that is away is told at once. */
const STORE_PATIENCE_SECONDS = 5;

/** A store, and beyond which size it is sent an object in parts. */
export interface ClusterObjects {
  readonly store: ObjectStore;
  readonly partBytes: number;
  /** Tries whether the store gives temporary credentials for workers; `null`: it is not asked for any. */
  readonly checkCredentials: (() => Promise<void>) | null;
}

/**
 * The object store of a cluster, not waited for long.
 *
 * @param text as OBJECTS would be.
 * @throws {RangeError} for what is no address in a store, or when S3_ENDPOINT and the like do not say which store.
 */
export function openClusterObjects(text: string, env: Environment): ClusterObjects {
  const address = tryObjectAddress(text);
  if (address?.kind !== 's3') throw new RangeError(`'${text}' is no address in a store: expected s3://bucket/prefix`);
  const { s3, sts } = loadEnvironment(z.object({}).and(s3Environment).and(stsEnvironment), env);
  const store = openObjects(address, {
    s3,
    handedOver: null,
    patienceSeconds: STORE_PATIENCE_SECONDS,
    clock: systemClock,
  });
  const issuer =
    sts === null || s3 === null ? null : new CredentialIssuer({ objects: address, s3, sts, clock: systemClock });
  return { store, partBytes: PART_BYTES, checkCredentials: issuer === null ? null : () => issuer.check() };
}
