import { describe, expect, test } from 'vitest';
import { customResourceDefinitions } from '#api/custom-resources/definitions.ts';
import type { ControllerPodSeen, DefinitionSeen, LeaseSeen, NodeSeen, Right } from '#platform/kube/cluster-probe.ts';
import type { Check } from './check.ts';
import {
  acceleratorCheck,
  apiServerCheck,
  controllerCheck,
  controllerRightsCheck,
  kindChecks,
  ownRightsChecks,
  type Probe,
} from './cluster-checks.ts';

const ADDRESS = { context: 'lab', server: 'https://10.0.0.1:6443', namespace: 'research' };
const NOW = new Date('2026-01-01T00:00:00Z');

/** Of a cluster where all is well, but for what a test says. */
const aProbe = (changes: Partial<Probe> = {}): Probe => ({
  version: async () => 'v1.34.2',
  definition: async (name) => ours(name),
  controllerPods: async () => [aPod('controller-1')],
  controllerLease: async () => aLease('controller-1'),
  nodes: async () => [],
  podRequests: async () => [],
  mayI: async () => true,
  mayAccount: async () => true,
  ...changes,
});

function ours(name: string): DefinitionSeen {
  const definition = Object.values(customResourceDefinitions()).find(({ metadata }) => metadata.name === name);
  const schemas = (definition?.spec.versions ?? []).map((one) => [one.name, one.schema.openAPIV3Schema] as const);
  return { established: true, schemas: Object.fromEntries(schemas) };
}

const aPod = (name: string, changes: Partial<ControllerPodSeen> = {}): ControllerPodSeen => ({
  ...{ name, ready: true, serviceAccount: 'pentafold-controller', trouble: null },
  ...changes,
});

const aLease = (pod: string, seconds = 10): LeaseSeen => ({
  ...{ holder: `${pod}-5f3a`, pod, until: new Date(NOW.getTime() + 1000 * seconds) },
});

const found = async (check: Check | undefined): Promise<string> => {
  if (check === undefined) throw new RangeError('there is no such check');
  const { level, detail, remedy } = await check.look();
  return `${level}: ${detail}${remedy === null ? '' : `; ${remedy}`}`;
};

describe('a kind', () => {
  test.each<{ name: string; definition: DefinitionSeen | undefined | 'forbidden'; want: string }>([
    { name: 'as ours', definition: ours('tasks.pentafold.io'), want: 'ok: tasks.pentafold.io v1alpha1, all fields' },
    { name: 'missing', definition: undefined, want: 'fault: there is no CustomResourceDefinition tasks.pentafold.io' },
    {
      name: 'not served yet',
      definition: { established: false, schemas: {} },
      want: 'fault: tasks.pentafold.io is not served',
    },
    {
      name: 'of another version',
      definition: { established: true, schemas: { v1: {} } },
      want: 'fault: tasks.pentafold.io has no version v1alpha1',
    },
    {
      name: 'of an earlier one',
      definition: { established: true, schemas: { v1alpha1: {} } },
      want: 'fault: tasks.pentafold.io is of an earlier version: it lacks apiVersion',
    },
    { name: 'not to be seen', definition: 'forbidden', want: 'warning: not looked at' },
  ])('$name', async ({ definition, want }) => {
    const [task] = kindChecks(aProbe({ definition: async () => definition }));
    expect(await found(task)).toContain(want);
  });
});

describe('the controller', () => {
  test.each<{
    name: string;
    pods: ControllerPodSeen[] | 'forbidden';
    lease?: LeaseSeen | 'forbidden' | null;
    want: string;
  }>([
    {
      name: 'that leads',
      pods: [aPod('controller-1'), aPod('controller-2', { ready: false })],
      want: 'ok: controller-1-5f3a leads; 1 of 2 pods ready',
    },
    { name: 'that is not there', pods: [], want: 'fault: none in namespace research; install it there with helm' },
    {
      name: 'that does not start',
      pods: [aPod('controller-1', { ready: false, trouble: 'ImagePullBackOff' })],
      want: 'fault: none of 1 pod is ready: controller-1: ImagePullBackOff; kubectl -n research logs controller-1',
    },
    {
      name: 'that never led',
      pods: [aPod('controller-1')],
      lease: null,
      want: 'fault: 1 of 1 pod ready, and none leads',
    },
    {
      name: 'beside one that led and is gone',
      pods: [aPod('controller-1')],
      lease: aLease('controller-10'),
      want: 'fault: 1 of 1 pod ready, and none leads',
    },
    {
      name: 'that led',
      pods: [aPod('controller-1')],
      lease: aLease('controller-1', -60),
      want: 'led until 2025-12-31T23:59:00.000Z, and none since',
    },
    {
      name: 'whose Lease is not to be seen',
      pods: [aPod('controller-1')],
      lease: 'forbidden',
      want: 'ok: 1 of 1 pod ready; who leads is not',
    },
    { name: 'that is not to be seen', pods: 'forbidden', want: 'warning: not looked at: you may not list pods' },
  ])('$name', async ({ pods, lease, want }) => {
    const changes = lease === undefined ? {} : { controllerLease: async () => lease ?? undefined };
    const check = controllerCheck(aProbe({ controllerPods: async () => pods, ...changes }), ADDRESS, () => NOW);
    expect(await found(check)).toContain(want);
  });
});

describe('rights', () => {
  const without = (verb: string) => async (right: Right) => right.verb !== verb;

  const aRight = (verb: string, group: string, resource: string, subresource = ''): Right => ({
    ...{ verb, group, resource, subresource },
  });
  const own = {
    steering: [aRight('list', 'pentafold.io', 'tasks'), aRight('patch', 'pentafold.io', 'tasks')],
    logs: [aRight('get', '', 'pods', 'log')],
    watching: [aRight('watch', 'pentafold.io', 'tasks')],
  };

  test('of this person are told by what needs them', async () => {
    const checks = (may: Probe['mayI']) => ownRightsChecks(aProbe({ mayI: may }), ADDRESS, own);
    expect(await found(checks(async () => true)[0])).toBe('ok: all of them in namespace research');
    expect(await found(checks(without('patch'))[0])).toContain('fault: you may not patch tasks.pentafold.io; ask');
    expect(await found(checks(without('get'))[1])).toContain('warning: you may not get pods/log; ask');
    expect(await found(checks(without('watch'))[2])).toContain('warning: you may not watch tasks.pentafold.io; ask');
  });

  const needed = [aRight('patch', 'pentafold.io', 'tasks', 'status'), aRight('list', '', 'pods')];

  test.each<{ name: string; may: Probe['mayAccount']; want: string }>([
    { name: 'all there', may: async () => true, want: 'ok: service account pentafold-controller has all 2' },
    {
      name: 'one missing',
      may: async (_, { verb }) => verb !== 'patch',
      want: 'fault: service account pentafold-controller may not patch tasks.pentafold.io/status; upgrade',
    },
    {
      name: 'not to be asked',
      may: async () => 'forbidden',
      want: 'warning: not looked at: you may not create subjectaccessreviews',
    },
  ])('of the controller: $name', async ({ may, want }) => {
    expect(await found(controllerRightsCheck(aProbe({ mayAccount: may }), ADDRESS, needed))).toContain(want);
  });

  test('of a controller that is not to be seen are not looked at', async () => {
    for (const pods of ['forbidden', []] as const) {
      const probe = aProbe({ controllerPods: async () => (pods === 'forbidden' ? pods : []) });
      expect(await found(controllerRightsCheck(probe, ADDRESS, needed))).toContain('its pods are not to be seen');
    }
  });
});

describe('GPUs', () => {
  const aNode = (allocatable: Record<string, string>, labels = {}): NodeSeen => ({
    name: 'a',
    ready: true,
    allocatable,
    labels,
  });

  test.each<{ name: string; nodes: NodeSeen[] | 'forbidden'; want: string }>([
    { name: 'offered', nodes: [aNode({ 'nvidia.com/gpu': '4' })], want: 'ok: nvidia.com/gpu: 4 on 1 node, 4 free' },
    { name: 'none', nodes: [aNode({ cpu: '4' })], want: 'warning: none of 1 node offers any; trainings take CPUs' },
    {
      name: 'there but not offered',
      nodes: [aNode({}, { 'nvidia.com/gpu.present': 'true' })],
      want: 'warning: NVIDIA hardware that is not offered to pods: on a; look at NVIDIA’s device plugin',
    },
    { name: 'not to be seen', nodes: 'forbidden', want: 'warning: not looked at: you may not list nodes' },
  ])('$name', async ({ nodes, want }) => {
    expect(await found(acceleratorCheck(aProbe({ nodes: async () => nodes })))).toContain(want);
  });
});

describe('the API server', () => {
  test('is told with its version, or by the error that a person understands', async () => {
    const explained = (error: unknown) => new Error(`lab: ${error}`);
    expect(await found(apiServerCheck(aProbe(), ADDRESS, explained))).toBe(
      'ok: v1.34.2 at https://10.0.0.1:6443 (context lab)',
    );
    const away = apiServerCheck({ version: () => Promise.reject('away') }, ADDRESS, explained);
    await expect(away.look()).rejects.toThrow('lab: away');
  });
});
