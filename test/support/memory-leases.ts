import { failureStatus } from '#platform/kube/failure-status.ts';
import { KubeApiError, KubeUnreachableError } from '#platform/kube/kube-api-error.ts';
import type { KubeClient } from '#platform/kube/kube-client.ts';
import type { KubeObject } from '#platform/kube/kube-object.ts';

/** One Lease in memory, with the API server's rule about versions; each client can be cut off from it. */
export class MemoryLeases {
  stored: (KubeObject & { spec?: { holderIdentity?: string; leaseTransitions?: number } }) | undefined;
  #version = 0;

  client() {
    const line = { cut: false, answersLost: false };
    const ask = async <T>(answer: () => T): Promise<T> => {
      if (line.cut) throw new KubeUnreachableError(REQUEST, { cause: new Error('ECONNREFUSED') });
      const result = answer();
      if (line.answersLost) throw new KubeUnreachableError(REQUEST, { cause: new Error('ECONNRESET') });
      return result;
    };
    const client = {
      get: () => ask(() => structuredClone(this.stored)),
      create: (_resource: unknown, object: KubeObject) =>
        ask(() => {
          if (this.stored !== undefined) throw conflict();
          return this.#store(object);
        }),
      replace: (_resource: unknown, object: KubeObject) =>
        ask(() => {
          if (this.stored?.metadata.resourceVersion !== object.metadata.resourceVersion) throw conflict();
          return this.#store(object);
        }),
    };
    return { line, client: client as unknown as Pick<KubeClient, 'get' | 'create' | 'replace'> };
  }

  #store(object: KubeObject): KubeObject {
    this.#version += 1;
    this.stored = structuredClone({
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(this.#version) },
    });
    return structuredClone(this.stored);
  }
}

const REQUEST = { method: 'PUT', path: '/apis/coordination.k8s.io/v1/namespaces/pentafold/leases/controller' };

const conflict = () => new KubeApiError(REQUEST, failureStatus('', 409));
