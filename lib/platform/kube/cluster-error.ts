// What a failed request means to a person at a command line, who knows the cluster by the context of a kubeconfig.

import { INSTALL_DEFINITIONS } from '#api/custom-resources/definitions.ts';
import { PentafoldError } from '#core/errors.ts';
import { KubeApiError, KubeUnreachableError } from './kube-api-error.ts';
import type { ClusterAddress } from './kubeconfig.ts';

/** Thrown when a person's cluster gives no answer. */
export class ClusterUnreachableError extends PentafoldError {
  readonly code = 'CLUSTER_UNREACHABLE';
}

/** Thrown when a cluster does not know a person, or does not let them do what they ask. */
export class ClusterRefusedError extends PentafoldError {
  readonly code = 'CLUSTER_REFUSED';
}

/** Thrown when a cluster has no kinds Task and Model. */
export class KindsNotInstalledError extends PentafoldError {
  readonly code = 'KINDS_NOT_INSTALLED';
}

/** Thrown when a cluster has no namespace of that name. */
export class NamespaceNotFoundError extends PentafoldError {
  readonly code = 'NAMESPACE_NOT_FOUND';
}

/** The error to show instead of one of a request; any other error as it is. */
export function clusterError(error: unknown, address: ClusterAddress): unknown {
  if (error instanceof KubeUnreachableError) return unreachable(error, address);
  return error instanceof KubeApiError ? refused(error, address) : error;
}

const placeOf = ({ context, server }: ClusterAddress): string => `the cluster of context '${context}' (${server})`;

function unreachable(cause: KubeUnreachableError, address: ClusterAddress): ClusterUnreachableError {
  const reason = cause.cause instanceof Error ? cause.cause.message || cause.cause.name : String(cause.cause);
  return new ClusterUnreachableError(
    `${placeOf(address)} gives no answer: ${reason}; look at the network and the address, or choose another --context`,
    { cause },
  );
}

function refused(cause: KubeApiError, address: ClusterAddress): PentafoldError {
  const { status, reason, message } = cause.failure;
  const place = placeOf(address);
  if (status === 401)
    return new ClusterRefusedError(`${place} does not know you (401): log in again, or renew the kubeconfig`, {
      cause,
    });
  if (status === 403)
    return new ClusterRefusedError(`${place} forbids it (403): ${message}; ask its administrator for that right`, {
      cause,
    });
  // A path that the API server does not have is answered in plain text, an object that is missing by a Status.
  if (status === 404 && reason === '')
    return new KindsNotInstalledError(
      `${place} has no kind Task; its administrator installs it: ${INSTALL_DEFINITIONS}`,
      {
        cause,
      },
    );
  if (status === 404 && message.startsWith('namespaces '))
    return new NamespaceNotFoundError(`${place} has no namespace '${address.namespace}'; choose another with -n`, {
      cause,
    });
  return cause;
}
