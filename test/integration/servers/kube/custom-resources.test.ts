import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { InvalidTaskError } from '#api/v1alpha1/invalid-task-error.ts';
import { API_VERSION, type Condition, type Model, type TaskStatus, taskSpec } from '#api/v1alpha1/kinds.ts';
import { parseTask } from '#api/v1alpha1/parse-task.ts';
import { systemClock } from '#platform/clock/system-clock.ts';
import { EVENT_RECORDER_RULES, EventRecorder } from '#platform/kube/event-recorder.ts';
import { NotLeadingError } from '#platform/kube/fence.ts';
import { KubeApiError } from '#platform/kube/kube-api-error.ts';
import type { KubeClient } from '#platform/kube/kube-client.ts';
import { NAMESPACES } from '#platform/kube/kube-object.ts';
import { LEADER_ELECTION_RULES, LeaderElection } from '#platform/kube/leader-election.ts';
import type { PolicyRule } from '#platform/kube/policy-rule.ts';
import {
  CustomResourceTaskStore,
  DELETION_RULES,
  TASK_STORE_RULES,
} from '#platform/tasks/custom-resource-task-store.ts';
import { MODELS, TASKS, type TaskResource } from '#platform/tasks/custom-resources.ts';
import { KubeTaskEvents } from '#platform/tasks/kube-task-events.ts';
import { eventually } from '#test/eventually.ts';
import { aKubeClient, aKubeClientAs } from '#test/kube/a-kube-client.ts';
import { RecordingLogger } from '#test/recording-logger.ts';
import { type ControlPlane, startControlPlane } from '#test/servers/control-plane.ts';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { testsTaskStore } from '#test/task-store-conformance.ts';

const manifest = (spec: object, name = 'phantom') => ({
  apiVersion: API_VERSION,
  kind: 'Task',
  metadata: { name },
  spec: { dataset: { uri: 'file:///data' }, ...spec },
});

await describeWithServers('CustomResources on a real API server', ['kubernetes'], () => {
  let server: ControlPlane;
  let client: KubeClient;
  beforeAll(async () => {
    server = await startControlPlane();
    client = aKubeClient(server.kubeconfig);
    await server.kubectl(['apply', '--server-side', '-f', 'charts/pentafold/crds']);
    await server.kubectl(['wait', '--for=condition=Established', 'crd', 'tasks.pentafold.io', 'models.pentafold.io']);
  }, 180_000);
  afterAll(() => server[Symbol.asyncDispose]());

  async function aNamespace(): Promise<string> {
    const name = `test-${randomUUID().slice(0, 8)}`;
    await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    return name;
  }

  const created = (namespace: string, spec: object, name?: string): Promise<TaskResource> => {
    const task = manifest(spec, name);
    return client.create(TASKS, { ...task, metadata: { ...task.metadata, namespace } });
  };

  /** Of a service account that may do what these rules say, in its namespace. */
  async function aToken(namespace: string, rules: readonly PolicyRule[]): Promise<string> {
    const metadata = { namespace, name: 'controller' };
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'controller' };
    const subjects = [{ kind: 'ServiceAccount', ...metadata }];
    for (const object of [
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules },
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata, roleRef, subjects },
    ]) {
      await server.kubectl(['apply', '-f', '-'], JSON.stringify(object));
    }
    return (await server.kubectl(['-n', namespace, 'create', 'token', 'controller'])).trim();
  }

  const aStore = (namespace: string, log = new RecordingLogger(), through = client) =>
    new CustomResourceTaskStore({ client: through, namespace, clock: systemClock, random: Math.random, log });

  testsTaskStore('CustomResources', async () => {
    const store = aStore(await aNamespace());
    return { store, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
  });

  describe('the API server', () => {
    test.each([
      { name: 'nothing but a data set', spec: {} },
      { name: 'words where there may be numbers or groups', spec: { folds: 'all', training: { augmentation: 'v1' } } },
      {
        name: 'groups within groups',
        spec: {
          planner: { overrides: { '2d': { batchSize: 2 }, '3d_fullres': { patchSize: [32, 64, 64] } } },
          training: {
            epochs: 9,
            continueFrom: [3, 6],
            pretrainedWeights: { '2d': 'file:///weights' },
            augmentation: { elastic: null, rotation: { chance: 0.5 }, mirror: { chance: 0.5, axes: [0] } },
          },
          workers: { resources: { 'nvidia.com/gpu': '1' }, tolerations: [{ key: 'gpu' }] },
          dataset: { uri: 'file:///data', selection: { train: 40 } },
          publish: { model: 'hippocampus' },
        },
      },
    ])('takes $name, and fills in what zod does', async ({ spec }) => {
      const stored = await created(await aNamespace(), spec);
      expect(stored.spec).toEqual(JSON.parse(JSON.stringify(taskSpec.parse(manifest(spec).spec))));
    });

    test.each([
      { name: 'too little', spec: { training: { epochs: 0 } } },
      { name: 'too much', spec: { folds: 21 } },
      { name: 'the open end of a range', spec: { inference: { stepFraction: 0 } } },
      { name: 'another word', spec: { folds: 'some' } },
      { name: 'another choice', spec: { training: { optimizer: 'adam' } } },
      { name: 'another kind of value', spec: { suspend: 'no' } },
      { name: 'a fraction', spec: { training: { epochs: 1.5 } } },
      { name: 'another form', spec: { planner: { gpuMemoryTarget: '8GB' } } },
      { name: 'an entry that is none', spec: { configurations: ['2d', '4d'] } },
      { name: 'too few entries', spec: { configurations: [] } },
      { name: 'a missing field', spec: { publish: {} } },
      { name: 'a value deep inside', spec: { planner: { overrides: { '2d': { batchSize: 0 } } } } },
      { name: 'a setting of the augmentation', spec: { training: { augmentation: { rotation: { chance: 2 } } } } },
      { name: 'numbers that do not ascend', spec: { training: { epochs: 9, continueFrom: [3, 2] } } },
      { name: 'a number twice', spec: { training: { epochs: 9, continueFrom: [3, 3] } } },
      { name: 'a number above another field', spec: { training: { epochs: 9, continueFrom: [3, 9] } } },
      { name: 'too many entries of a map', spec: { workers: { nodeSelector: manyLabels(33) } } },
    ])('refuses $name, and names the field that zod names', async ({ spec }) => {
      const fields = await refusedFields(created(await aNamespace(), spec));
      expect(fields).toHaveLength(1);
      // Of an augmentation zod also says that as a whole it cannot be followed.
      expect(problemPaths(manifest(spec))).toEqual(expect.arrayContaining([...fields]));
    });

    test('refuses a name in a map that is too long, and names the map', async () => {
      const spec = { workers: { nodeSelector: { ['x'.repeat(317)]: '1' } } };
      expect(await refusedFields(created(await aNamespace(), spec))).toEqual(['spec.workers.nodeSelector']);
      expect(problemPaths(manifest(spec))).toEqual([expect.stringMatching(/^spec\.workers\.nodeSelector/)]);
    });

    test.each([
      { name: 'a misspelt field', spec: { training: { epoch: 3 } } },
      { name: 'a misspelt configuration', spec: { planner: { overrides: { '3d_fulres': {} } } } },
    ])('refuses $name, and names it', async ({ spec }) => {
      const [path] = problemPaths(manifest(spec));
      await expect(created(await aNamespace(), spec)).rejects.toThrow(`unknown field "${path}"`);
    });

    test.each(['a.b', 'x'.repeat(64)])('refuses the name %s', async (name) => {
      await expect(created(await aNamespace(), {}, name)).rejects.toThrow('metadata.name: expected lower-case letters');
    });

    test('lets no version of a Model change', async () => {
      const namespace = await aNamespace();
      const model = (version: number, task = 'phantom') => ({
        apiVersion: API_VERSION,
        kind: 'Model',
        metadata: { namespace, name: 'phantom' },
        spec: {
          version,
          task,
          step: 'a'.repeat(64),
          best: { members: ['2d'], voting: 'soft' as const, meanDice: null },
        },
      });
      await client.apply(MODELS, model(2));
      await client.apply(MODELS, model(2));
      await expect(client.apply(MODELS, model(2, 'another'))).rejects.toThrow('a version of a model does not change');
      await expect(client.apply(MODELS, model(1))).rejects.toThrow('a version of a model does not change');
      expect((await client.apply(MODELS, model(3, 'another'))).spec.version).toBe(3);
    });
  });

  describe('a person', () => {
    test('is explained every field', async () => {
      expect(await server.kubectl(['explain', 'task.spec.training.epochs'])).toContain('Epochs per fold.');
      expect(await server.kubectl(['explain', 'task.spec.planner.overrides.2d.batchSize'])).toContain(
        'Patches per step.',
      );
      expect(await server.kubectl(['explain', 'task.spec.training.augmentation.blur.sigma'])).toContain(
        'Voxels, drawn',
      );
      expect(await server.kubectl(['explain', 'model.spec'])).not.toContain('<no description>');
      const everything = await server.kubectl(['explain', 'task', '--recursive']);
      expect(everything).toContain('estimatedCompletionTime');
      for (const part of ['spec', 'spec.training', 'spec.workers', 'status', 'status.conditions', 'status.best']) {
        expect(await server.kubectl(['explain', `task.${part}`])).not.toContain('<no description>');
      }
    });

    test('sees how Tasks stand, under their short name and among all our kinds', async () => {
      const namespace = await aNamespace();
      const task = await created(namespace, {});
      await client.replaceStatus(TASKS, task, aStatus('Succeeded', 'False', 'InProgress'));
      const [header, row] = (await server.kubectl(['-n', namespace, 'get', 'pft'])).split('\n');
      expect(header?.split(/ +/)).toEqual(['NAME', 'STATE', 'PROGRESS', 'BEST-DICE', 'ETA', 'AGE']);
      expect(row?.split(/ +/).slice(0, 5)).toEqual(['phantom', 'InProgress', '42%', '0.893', '2026-01-02T03:04:05Z']);
      expect(await server.kubectl(['-n', namespace, 'get', 'pentafold'])).toContain('task.pentafold.io/phantom');
      expect(await server.kubectl(['-n', namespace, 'get', 'pft', '-o', 'wide'])).toContain('["2d","3d_fullres"]');
    });

    test('can wait for a Task to succeed', async () => {
      const namespace = await aNamespace();
      const task = await created(namespace, {});
      const waiting = server.kubectl(['-n', namespace, 'wait', '--for=condition=Succeeded', 'task/phantom']);
      await client.replaceStatus(TASKS, task, aStatus('Succeeded', 'True', 'ModelPublished'));
      expect(await waiting).toContain('condition met');
    });

    test('who writes a status through the spec changes nothing, and a spec through the status neither', async () => {
      const namespace = await aNamespace();
      const task = await created(namespace, {});
      await client.replaceStatus(TASKS, task, aStatus('Succeeded', 'False', 'InProgress'));
      await server.kubectl([
        '-n',
        namespace,
        'patch',
        'task',
        'phantom',
        '--type=merge',
        '-p',
        '{"status":{"progress":"99%"}}',
      ]);
      const patch = ['patch', 'task', 'phantom', '--subresource=status', '--type=merge', '-p', '{"spec":{"folds":3}}'];
      await server.kubectl(['-n', namespace, ...patch]);
      const now = await client.get(TASKS, { namespace, name: 'phantom' });
      expect(now).toMatchObject({ spec: { folds: 5 }, status: { progress: '42%' }, metadata: { generation: 1 } });
    });
  });

  describe('the store', () => {
    test('says in its status what the API server could not see, once', async () => {
      const namespace = await aNamespace();
      await created(namespace, { training: { augmentation: { blurr: { chance: 1 } } } });
      const log = new RecordingLogger();
      await using store = aStore(namespace, log);
      expect([await store.list(), await store.list(), await store.get('phantom')]).toEqual([[], [], undefined]);
      const waited = await server.kubectl(['-n', namespace, 'wait', '--for=condition=Failed', 'task/phantom']);
      expect(waited).toContain('condition met');
      const stored = await client.get(TASKS, { namespace, name: 'phantom' });
      expect(stored?.status?.conditions[0]).toMatchObject({
        type: 'Accepted',
        status: 'False',
        reason: 'InvalidTask',
        message: 'The Task is not valid: spec.training.augmentation.blurr: unknown field; did you mean blur?.',
      });
      expect(log.lines.map(({ message }) => message)).toEqual(['task is not valid']);
    });

    test('gives back a Task once it is mended', async () => {
      const namespace = await aNamespace();
      await created(namespace, { training: { augmentation: 3 } });
      await using store = aStore(namespace);
      expect(await store.list()).toEqual([]);
      await store.changed(new AbortController().signal);
      const mend = '{"spec":{"training":{"augmentation":"v2"}}}';
      await server.kubectl(['-n', namespace, 'patch', 'task', 'phantom', '--type=merge', '-p', mend]);
      await store.changed(new AbortController().signal);
      expect((await store.list()).map(({ metadata }) => metadata.generation)).toEqual([2]);
    });

    test('hears of a retry that somebody asks for by an annotation, once per value', async () => {
      const namespace = await aNamespace();
      await created(namespace, {});
      await using store = aStore(namespace);
      const { signal } = new AbortController();
      expect((await store.get('phantom'))?.metadata).not.toHaveProperty('retryRequestedAt');
      await store.changed(signal);
      const annotate = ['-n', namespace, 'annotate', '--overwrite', 'task', 'phantom'];
      for (const value of ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z']) {
        const changed = store.changed(signal);
        await server.kubectl([...annotate, `pentafold.io/retry-requested-at=${value}`]);
        await changed;
        const task = await store.get('phantom');
        expect(task?.metadata).toMatchObject({ generation: 1, retryRequestedAt: value });
        await store.updateStatus('phantom', { ...aStatus('Failed', 'True', 'Broken'), lastRetryRequestedAt: value });
        expect((await store.get('phantom'))?.status?.lastRetryRequestedAt).toBe(value);
      }
    });

    test('holds a Task that is deleted until it is let go, with the rights that this takes and no finalizer lost', async () => {
      const namespace = await aNamespace();
      await created(namespace, { deletionPolicy: 'Delete' });
      const ref = { namespace, name: 'phantom' };
      await client.merge(TASKS, ref, { metadata: { finalizers: ['example.org/another'] } });
      const token = await aToken(namespace, [...TASK_STORE_RULES, ...DELETION_RULES]);
      await using store = aStore(namespace, new RecordingLogger(), aKubeClientAs(server.kubeconfig, token));
      await store.hold('phantom', true);
      await store.hold('phantom', true);
      expect((await client.get(TASKS, ref))?.metadata.finalizers).toEqual([
        'example.org/another',
        'pentafold.io/stored-data',
      ]);
      expect(await store.leaving()).toEqual([]);
      await client.delete(TASKS, ref, 'Background');
      await eventually('it is leaving', async () => (await store.leaving()).length === 1);
      const [leaving] = await store.leaving();
      expect(leaving?.task?.spec.deletionPolicy).toBe('Delete');
      expect(Math.abs((leaving?.since.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
      expect(await store.get('phantom')).toBeUndefined();
      await store.hold('phantom', false);
      expect(await store.leaving()).toEqual([]);
      await client.merge(TASKS, ref, { metadata: { finalizers: null } });
      await eventually('it is gone', async () => (await client.get(TASKS, ref)) === undefined);
      await store.hold('phantom', false);
    });

    test('knows when all of its namespace goes', async () => {
      const namespace = await aNamespace();
      await created(namespace, { deletionPolicy: 'Delete' });
      await using store = aStore(namespace);
      await store.hold('phantom', true);
      expect(await store.everythingGoes()).toBe(false);
      await client.delete(NAMESPACES, { namespace: null, name: namespace }, 'Background');
      await eventually('it goes', () => store.everythingGoes());
      await eventually('the Task is leaving', async () => (await store.leaving()).length === 1);
      await store.hold('phantom', false);
      await eventually(
        'it is gone',
        async () => (await client.get(TASKS, { namespace, name: 'phantom' })) === undefined,
      );
    });

    test('keeps what a Task took in', async () => {
      const namespace = await aNamespace();
      await created(namespace, {});
      await using store = aStore(namespace);
      const takenIn = { generation: 1, revision: 'a'.repeat(64), pretrainedWeights: { '2d': 'b'.repeat(64) } };
      await store.updateStatus('phantom', { ...aStatus('Succeeded', 'False', 'InProgress'), takenIn });
      expect((await client.get(TASKS, { namespace, name: 'phantom' }))?.status?.takenIn).toEqual(takenIn);
    });

    test('leaves out a Task that is being deleted', async () => {
      const namespace = await aNamespace();
      const task = await created(namespace, {});
      const ref = { namespace, name: 'phantom' };
      await client.merge(TASKS, ref, { metadata: { finalizers: ['pentafold.io/test'] } });
      await using store = aStore(namespace);
      expect(await store.list()).toHaveLength(1);
      await client.delete(TASKS, ref, 'Background', { uid: task.metadata.uid });
      await eventually('it is left out', async () => (await store.list()).length === 0);
      await client.merge(TASKS, ref, { metadata: { finalizers: null } });
      await eventually('it is gone', async () => (await client.get(TASKS, ref)) === undefined);
    });

    test('a status for a Task that went, or was made anew, is nobody’s', async () => {
      const namespace = await aNamespace();
      const task = await created(namespace, {});
      await using store = aStore(namespace);
      await store.synced();
      await using blind = aStore(namespace);
      await blind.synced();
      await blind[Symbol.asyncDispose]();
      await client.delete(TASKS, { namespace, name: 'phantom' }, 'Background', { uid: task.metadata.uid });
      await blind.updateStatus('phantom', aStatus('Succeeded', 'False', 'InProgress'));
      const anew = await created(namespace, {});
      await blind.updateStatus('phantom', aStatus('Succeeded', 'False', 'InProgress'));
      expect((await client.get(TASKS, { namespace, name: 'phantom' }))?.metadata).toEqual(anew.metadata);
    });

    test('a status that cannot be written is not passed over', async () => {
      const namespace = await aNamespace();
      await created(namespace, {});
      const check = () => {
        throw new NotLeadingError();
      };
      const fenced = client.fencedBy({ signal: new AbortController().signal, check });
      await using store = aStore(namespace, new RecordingLogger(), fenced);
      const update = store.updateStatus('phantom', aStatus('Succeeded', 'False', 'InProgress'));
      await expect(update).rejects.toThrow(NotLeadingError);
      const tooLong = { ...aStatus('Succeeded', 'False', 'InProgress'), progress: '100000%' };
      await using free = aStore(namespace);
      await expect(free.updateStatus('phantom', tooLong)).rejects.toThrow('status.progress: Too long');
    });

    test('a status is replaced as a whole, and the spec is left alone', async () => {
      const namespace = await aNamespace();
      const task = await created(namespace, {});
      const { best: _, ...without } = aStatus('Succeeded', 'False', 'InProgress');
      await client.replaceStatus(TASKS, task, aStatus('Succeeded', 'False', 'InProgress'));
      expect(await client.replaceStatus(TASKS, task, without)).toMatchObject({ status: without, spec: task.spec });
      expect((await client.get(TASKS, { namespace, name: 'phantom' }))?.status?.best).toBeUndefined();
      const another = { ...task, metadata: { ...task.metadata, uid: randomUUID() } };
      await expect(client.replaceStatus(TASKS, another, {})).rejects.toMatchObject({ failure: { status: 422 } });
    });

    test('a status that says the same is not written', async () => {
      const namespace = await aNamespace();
      await created(namespace, {});
      await using store = aStore(namespace);
      const versions: (string | undefined)[] = [];
      for (let i = 0; i < 2; i++) {
        await store.updateStatus('phantom', aStatus('Succeeded', 'False', 'InProgress'));
        versions.push((await client.get(TASKS, { namespace, name: 'phantom' }))?.metadata.resourceVersion);
      }
      expect(versions[0]).toBe(versions[1]);
    });

    test('needs no more rights than its rules give, and may not change what is wanted', async () => {
      const namespace = await aNamespace();
      await created(namespace, {});
      const token = await aToken(namespace, [...TASK_STORE_RULES, ...LEADER_ELECTION_RULES, ...EVENT_RECORDER_RULES]);
      const controller = aKubeClientAs(server.kubeconfig, token);
      const log = new RecordingLogger();
      await using store = aStore(namespace, log, controller);
      await store.updateStatus('phantom', aStatus('Succeeded', 'False', 'InProgress'));
      await store.applyModel(aModel(1));
      await store.applyModel(aModel(2));
      await expect(store.apply({ ...parseTask(stringify(manifest({ folds: 3 }))) })).rejects.toThrow('403 Forbidden');

      const ending = new AbortController();
      const election = new LeaderElection({
        ...{ client: controller, lease: { namespace, name: 'controller' }, identity: 'a', clock: systemClock, log },
        ...{ leaseSeconds: 15, renewSeconds: 3, safetySeconds: 3, monotonicMs: () => performance.now() },
      });
      await election.run(async () => ending.abort(), ending.signal);
      const recorder = new EventRecorder({
        ...{ client: controller, controller: 'pentafold.io/controller', instance: 'a', clock: systemClock, log },
        newSuffix: randomUUID,
      });
      const seen = await store.get('phantom');
      if (seen === undefined) throw new Error('the Task should be there');
      const note = 'It began.';
      new KubeTaskEvents(recorder, namespace).record(seen, {
        ...{ type: 'Normal', reason: 'AttemptStarted', action: 'Start', note },
      });
      await recorder.flushed();
      expect(log.lines.filter(({ level }) => level === 'warn')).toEqual([]);
      expect(await server.kubectl(['-n', namespace, 'describe', 'task', 'phantom'])).toContain('AttemptStarted');
    });

    test('two that publish under one name at once do not make one version twice', async () => {
      const namespace = await aNamespace();
      await using first = aStore(namespace);
      await using second = aStore(namespace);
      await Promise.all([first.synced(), second.synced()]);
      await second[Symbol.asyncDispose]();
      await first.applyModel(aModel(1, 'a'));
      await expect(second.applyModel(aModel(1, 'b'))).rejects.toThrow('a version of a model does not change');
      expect((await client.get(MODELS, { namespace, name: 'phantom' }))?.spec.task).toBe('a');
    });
  });
});

const manyLabels = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`label${i}`, '1']));

/** Fields that the API server names as it refuses. */
async function refusedFields(creation: Promise<unknown>): Promise<readonly string[]> {
  try {
    await creation;
  } catch (error) {
    if (error instanceof KubeApiError) return error.failure.fields.filter((field) => field !== '<nil>');
    throw error;
  }
  throw new Error('the Task should have been refused');
}

/** Fields that `pentafold run` names as it refuses the same file. */
function problemPaths(task: object): string[] {
  try {
    parseTask(stringify(task));
  } catch (error) {
    if (error instanceof InvalidTaskError) return error.problems.map(({ path }) => path);
    throw error;
  }
  throw new Error('the Task should not be valid');
}

const aModel = (version: number, task = 'phantom'): Model => ({
  apiVersion: API_VERSION,
  kind: 'Model',
  metadata: { name: 'phantom', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { version, task, step: 'a'.repeat(64), best: { members: ['2d'], voting: 'soft', meanDice: 0.9 } },
});

function aStatus(type: Condition['type'], status: Condition['status'], reason: string): TaskStatus {
  const lastTransitionTime = '2026-01-01T00:00:00Z';
  return {
    observedGeneration: 1,
    conditions: [{ type, status, reason, message: 'As it is.', lastTransitionTime, observedGeneration: 1 }],
    progress: '42%',
    estimatedCompletionTime: '2026-01-02T03:04:05Z',
    configurations: [{ name: '2d', folds: 5, foldsDone: 5, meanDice: '0.880' }],
    best: { members: ['2d', '3d_fullres'], voting: 'soft', dice: '0.893' },
  };
}
