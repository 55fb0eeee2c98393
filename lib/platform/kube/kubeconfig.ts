// Which cluster, as whom: found as kubectl finds it.

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { BadInputError } from '#core/errors.ts';

/** Thrown when no kubeconfig can be read, or it has no such context. */
export class KubeconfigUnusableError extends BadInputError {
  readonly code = 'KUBECONFIG_UNUSABLE';
}

/** What a person chose on the command line; `null`: what the kubeconfig says. */
export interface ClusterChoice {
  readonly context: string | null;
  readonly namespace: string | null;
}

/** Whom requests go to, for messages. */
export interface ClusterAddress {
  readonly context: string;
  /** `https://host:port` */
  readonly server: string;
  readonly namespace: string;
}

export interface ClusterLogin {
  readonly config: KubeConfig;
  readonly address: ClusterAddress;
}

const TOKEN_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/**
 * The files of KUBECONFIG, else `~/.kube/config`, else the service account of the pod that this runs in.
 *
 * Of several files the first that names something is right, and files that are not there are passed over, as with kubectl;
 * the client library's own way has the last one win.
 *
 * @throws {KubeconfigUnusableError}
 */
export function clusterLogin(
  env: Readonly<Record<string, string | undefined>>,
  { context, namespace }: ClusterChoice,
): ClusterLogin {
  const config = foundConfig(env);
  if (context !== null) config.setCurrentContext(context);
  const current = config.getContextObject(config.currentContext);
  const server = config.getCurrentCluster()?.server;
  if (current === null || server === undefined) throw new KubeconfigUnusableError(noSuchContext(config));
  return {
    config,
    address: { context: current.name, server, namespace: namespace ?? (current.namespace || 'default') },
  };
}

function foundConfig(env: Readonly<Record<string, string | undefined>>): KubeConfig {
  const named = (env.KUBECONFIG ?? '').split(delimiter).filter(Boolean);
  const files = named.length > 0 ? named : [join(env.HOME ?? '', '.kube', 'config')];
  const there = files.filter((file) => existsSync(file));
  if (there.length > 0) return merged(there);
  if (named.length > 0) throw new KubeconfigUnusableError(`KUBECONFIG names ${named.join(', ')}, which is not there`);
  if (env.KUBERNETES_SERVICE_HOST && existsSync(TOKEN_FILE)) return ofThisPod();
  throw new KubeconfigUnusableError(
    `there is no kubeconfig: neither KUBECONFIG is set nor is there ${files[0]}; ask whoever runs the cluster for one`,
  );
}

function ofThisPod(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromCluster();
  return config;
}

/** @param files at least one. */
function merged(files: readonly string[]): KubeConfig {
  const [first = new KubeConfig(), ...others] = files.map(read);
  for (const other of others) {
    first.clusters = joined(first.clusters, other.clusters);
    first.users = joined(first.users, other.users);
    first.contexts = joined(first.contexts, other.contexts);
    first.currentContext ||= other.currentContext;
  }
  return first;
}

function joined<T extends { readonly name: string }>(first: readonly T[], others: readonly T[]): T[] {
  const known = new Set(first.map(({ name }) => name));
  return [...first, ...others.filter(({ name }) => !known.has(name))];
}

function read(file: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KubeconfigUnusableError(`cannot read the kubeconfig ${file}: ${reason}`, { cause });
  }
  return config;
}

function noSuchContext({ currentContext, contexts }: KubeConfig): string {
  const known = contexts.map(({ name }) => name).join(', ') || 'none';
  return currentContext === ''
    ? `the kubeconfig has no current context; choose one with --context: ${known}`
    : `the kubeconfig has no context '${currentContext}' with a cluster; it has ${known}`;
}
