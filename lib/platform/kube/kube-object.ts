// What every object of the Kubernetes API has, as it comes over the wire: times are text there, not `Date`.

import type { V1Job, V1Lease, V1Namespace, V1Pod } from '@kubernetes/client-node';

/** A type of the client library as its JSON is: the library turns times into `Date`, which a raw response does not. */
export type Wire<T> = T extends Date ? string : T extends object ? { [K in keyof T]: Wire<T[K]> } : T;

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

/** `metadata` of a stored object. */
export interface ObjectMeta {
  readonly name: string;
  /** Absent for objects of the whole cluster. */
  readonly namespace?: string;
  readonly uid: string;
  /** Names this state of the object; see `isOlder`. */
  readonly resourceVersion: string;
  /** Rises with the spec; some kinds have none. */
  readonly generation?: number;
  readonly creationTimestamp: string;
  /** Set once deletion was asked for and finalizers still stand. */
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
}

/** An object as the API server gives it. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** An object of the client library's types as the API server gives it. */
export type Stored<T> = Omit<Wire<T>, 'apiVersion' | 'kind' | 'metadata'> & KubeObject;

/** An object to be written: whatever the server fills in may be left out. */
export type Desired<T extends KubeObject> = Omit<T, 'metadata' | 'status'> & {
  readonly metadata: Partial<ObjectMeta> & { readonly name: string };
};

/**
 * Whether one resourceVersion came before another of the same collection.
 *
 * @see Kubernetes, KEP-5504 "comparable resource version": they are whole numbers of any length, and grow.
 */
export const isOlder = (version: string, than: string): boolean => BigInt(version) < BigInt(than);

/** Which one. */
export interface ObjectRef {
  /** `null` for objects of the whole cluster. */
  readonly namespace: string | null;
  readonly name: string;
}

/** A kind of object and where the API has it. The type parameter says what its objects look like. */
export interface Resource<T extends KubeObject> {
  /** `batch/v1`; `v1` for the core group. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  /** Never there: carries the type of the objects. */
  readonly object?: T;
}

export const JOBS: Resource<Stored<V1Job>> = { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs' };
export const PODS: Resource<Stored<V1Pod>> = { apiVersion: 'v1', kind: 'Pod', plural: 'pods' };
export const NAMESPACES: Resource<Stored<V1Namespace>> = { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces' };
export const LEASES: Resource<Stored<V1Lease>> = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  plural: 'leases',
};

/**
 * Path of a collection, or of one object in it.
 *
 * @param namespace `null`: all namespaces, or a kind of the whole cluster.
 */
export function resourcePath(
  { apiVersion, plural }: Pick<Resource<KubeObject>, 'apiVersion' | 'plural'>,
  namespace: string | null,
  name?: string,
  subresource?: 'status',
): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const parts = [
    ...(namespace === null ? [] : ['namespaces', namespace]),
    plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ];
  return `${root}/${parts.map(encodeURIComponent).join('/')}`;
}
