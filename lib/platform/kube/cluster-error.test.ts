import { describe, expect, test } from 'vitest';
import type { PentafoldError } from '#core/errors.ts';
import { clusterError } from './cluster-error.ts';
import { failureStatus } from './failure-status.ts';
import { KubeApiError, KubeUnreachableError } from './kube-api-error.ts';

const address = { context: 'lab', server: 'https://10.0.0.1:6443', namespace: 'research' };
const request = { method: 'GET', path: '/apis/pentafold.io/v1alpha1/namespaces/research/tasks' };

const status = (code: number, reason: string, message: string) =>
  new KubeApiError(request, failureStatus(JSON.stringify({ kind: 'Status', code, reason, message }), code));

describe('clusterError', () => {
  test.each([
    {
      name: 'no answer',
      error: new KubeUnreachableError(request, { cause: new Error('connect ECONNREFUSED 10.0.0.1:6443') }),
      code: 'CLUSTER_UNREACHABLE',
      says: 'gives no answer: connect ECONNREFUSED 10.0.0.1:6443; look at the network',
    },
    {
      name: 'a person who is not known',
      error: status(401, 'Unauthorized', 'Unauthorized'),
      code: 'CLUSTER_REFUSED',
      says: 'does not know you (401): log in again',
    },
    {
      name: 'a right that is missing',
      error: status(403, 'Forbidden', 'tasks is forbidden: User "a" cannot list resource "tasks"'),
      code: 'CLUSTER_REFUSED',
      says: 'forbids it (403): tasks is forbidden: User "a" cannot list resource "tasks"; ask its administrator',
    },
    {
      name: 'kinds that are not installed',
      error: new KubeApiError(request, failureStatus('404 page not found\n', 404)),
      code: 'KINDS_NOT_INSTALLED',
      says: 'installs it: kubectl apply --server-side --force-conflicts -f charts/pentafold/crds',
    },
    {
      name: 'a namespace that is not there',
      error: status(404, 'NotFound', 'namespaces "research" not found'),
      code: 'NAMESPACE_NOT_FOUND',
      says: "has no namespace 'research'",
    },
  ])('of $name names the cluster and says what to do', ({ error, code, says }) => {
    const shown = clusterError(error, address);
    expect(shown).toMatchObject({ code, cause: error });
    const { message } = shown as PentafoldError;
    expect(message).toContain("the cluster of context 'lab' (https://10.0.0.1:6443)");
    expect(message).toContain(says);
  });

  test.each([status(422, 'Invalid', 'spec.folds: Invalid value'), new RangeError('a fault of ours')])(
    'leaves others as they are: %s',
    (error) => {
      expect(clusterError(error, address)).toBe(error);
    },
  );
});
