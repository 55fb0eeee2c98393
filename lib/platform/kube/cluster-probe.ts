// What `pentafold doctor` looks at in a cluster. It only looks: what is good or bad about it is judged elsewhere.

import type {
  V1CustomResourceDefinition,
  V1Node,
  V1Pod,
  V1SelfSubjectAccessReview,
  V1SubjectAccessReview,
} from '@kubernetes/client-node';
import { CONTROLLER_LEASE, podOfHolder } from './controller-lease.ts';
import { type Forbidden, orForbidden } from './forbidden.ts';
import type { KubeClient } from './kube-client.ts';
import { LEASES, PODS, type Resource, type Stored } from './kube-object.ts';
import type { PolicyRule } from './policy-rule.ts';

/** A CustomResourceDefinition. */
export interface DefinitionSeen {
  /** Whether the API server serves it. */
  readonly established: boolean;
  /** Schema of each version by its name. */
  readonly schemas: Readonly<Record<string, unknown>>;
}

/** A pod of a controller. */
export interface ControllerPodSeen {
  readonly name: string;
  readonly ready: boolean;
  readonly serviceAccount: string;
  /** Why its container does not run, in the kubelet's words. */
  readonly trouble: string | null;
}

/** The Lease of the controllers. */
export interface LeaseSeen {
  /** Empty: nobody, it was given back. */
  readonly holder: string;
  /** Whose controller its holder is. */
  readonly pod: string;
  /** Until when it is granted, by its holder's clock. */
  readonly until: Date;
}

export interface NodeSeen {
  readonly name: string;
  /** Whether it takes pods now. */
  readonly ready: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** What its pods may have, by resource, in Kubernetes' notation. */
  readonly allocatable: Readonly<Record<string, string>>;
}

/** What a pod that has not ended was given on a node. */
export interface PodRequests {
  readonly node: string;
  readonly requests: Readonly<Record<string, string>>;
}

/** One thing that somebody may or may not do in the namespace. */
export interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Empty: none. */
  readonly subresource: string;
}

const DEFINITIONS: Resource<Stored<V1CustomResourceDefinition>> = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
};
const NODES: Resource<Stored<V1Node>> = { apiVersion: 'v1', kind: 'Node', plural: 'nodes' };
const SELF_REVIEWS: Resource<Stored<V1SelfSubjectAccessReview>> = {
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
};
const REVIEWS: Resource<Stored<V1SubjectAccessReview>> = {
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
};

/** Labels of the pods of a controller. */
export const CONTROLLER_SELECTOR = 'app.kubernetes.io/name=pentafold,app.kubernetes.io/component=controller';

/** What rules allow, one by one. */
export const rightsOf = (rules: readonly PolicyRule[]): Right[] =>
  rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((path) => {
        const [resource = '', subresource = ''] = path.split('/');
        return verbs.map((verb) => ({ verb, group, resource, subresource }));
      }),
    ),
  );

export class ClusterProbe {
  readonly #client: KubeClient;
  readonly #namespace: string;

  constructor(client: KubeClient, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  /** Of the API server: `v1.34.2`. */
  async version(): Promise<string> {
    return (await this.#client.read<{ readonly gitVersion: string }>('/version')).gitVersion;
  }

  /** `undefined` when there is none. @param name such as `tasks.pentafold.io`. */
  async definition(name: string): Promise<DefinitionSeen | undefined | Forbidden> {
    const found = await orForbidden(this.#client.get(DEFINITIONS, { namespace: null, name }));
    if (found === undefined || found === 'forbidden') return found;
    const { conditions = [] } = found.status ?? {};
    return {
      established: conditions.some(({ type, status }) => type === 'Established' && status === 'True'),
      schemas: Object.fromEntries(found.spec.versions.map((one) => [one.name, one.schema?.openAPIV3Schema])),
    };
  }

  async controllerPods(): Promise<ControllerPodSeen[] | Forbidden> {
    const selection = { namespace: this.#namespace, labelSelector: CONTROLLER_SELECTOR };
    const pods = await orForbidden(this.#client.list(PODS, selection));
    return pods === 'forbidden' ? pods : pods.items.map(controllerPod);
  }

  /** `undefined`: no controller has led yet. */
  async controllerLease(): Promise<LeaseSeen | undefined | Forbidden> {
    const ref = { namespace: this.#namespace, name: CONTROLLER_LEASE };
    const lease = await orForbidden(this.#client.get(LEASES, ref));
    if (lease === undefined || lease === 'forbidden') return lease;
    const { holderIdentity, renewTime, leaseDurationSeconds = 0 } = lease.spec ?? {};
    const holder = holderIdentity ?? '';
    return {
      holder,
      pod: podOfHolder(holder),
      until: new Date(Date.parse(renewTime ?? '') + 1000 * leaseDurationSeconds),
    };
  }

  async nodes(): Promise<NodeSeen[] | Forbidden> {
    const nodes = await orForbidden(this.#client.list(NODES, { namespace: null }));
    if (nodes === 'forbidden') return nodes;
    return nodes.items.map(({ metadata: { name, labels = {} }, spec, status }) => ({
      name,
      ready:
        spec?.unschedulable !== true &&
        (status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True'),
      labels,
      allocatable: status?.allocatable ?? {},
    }));
  }

  /** Of all namespaces. */
  async podRequests(): Promise<PodRequests[] | Forbidden> {
    const fieldSelector = 'spec.nodeName!=,status.phase!=Succeeded,status.phase!=Failed';
    const pods = await orForbidden(this.#client.list(PODS, { namespace: null, fieldSelector }));
    if (pods === 'forbidden') return pods;
    return pods.items.flatMap(({ spec }) =>
      (spec?.containers ?? []).map(({ resources }) => ({
        node: spec?.nodeName ?? '',
        requests: resources?.requests ?? {},
      })),
    );
  }

  /** Whether this person has the right in the namespace. */
  async mayI(right: Right): Promise<boolean> {
    const { status } = await this.#client.review(SELF_REVIEWS, { resourceAttributes: this.#attributes(right) });
    return status?.allowed ?? false;
  }

  /** Whether a service account of the namespace has the right there. */
  async mayAccount(account: string, right: Right): Promise<boolean | Forbidden> {
    const namespace = this.#namespace;
    const review = await orForbidden(
      this.#client.review(REVIEWS, {
        user: `system:serviceaccount:${namespace}:${account}`,
        groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
        resourceAttributes: this.#attributes(right),
      }),
    );
    return review === 'forbidden' ? review : (review.status?.allowed ?? false);
  }

  #attributes = (right: Right): object => ({ namespace: this.#namespace, ...right });
}

function controllerPod({ metadata, spec, status }: Stored<V1Pod>): ControllerPodSeen {
  const waiting = status?.containerStatuses?.[0]?.state?.waiting;
  const unscheduled = status?.conditions?.find((one) => one.type === 'PodScheduled' && one.status === 'False');
  return {
    name: metadata.name,
    ready: (status?.conditions ?? []).some((one) => one.type === 'Ready' && one.status === 'True'),
    serviceAccount: spec?.serviceAccountName ?? 'default',
    trouble: [waiting?.reason, waiting?.message, unscheduled?.message].filter(Boolean).join(': ') || null,
  };
}
