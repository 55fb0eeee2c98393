// The command line against a real API server, each command a process of its own. No pod runs here: the test plays the
// controller, and logs are read by the end-to-end test.

import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { RETRY_ANNOTATION, type TaskStatus } from '#api/v1alpha1/kinds.ts';
import type { KubeClient } from '#platform/kube/kube-client.ts';
import { JOBS, PODS } from '#platform/kube/kube-object.ts';
import { LABELS, STEP_ANNOTATION, TITLE_ANNOTATION } from '#platform/runner/kubernetes/attempt-job.ts';
import { TASKS } from '#platform/tasks/custom-resources.ts';
import { metricsSubject } from '#steps/step-names.ts';
import { aTaskStatus } from '#test/a-task-resource.ts';
import { anEpochMessage } from '#test/an-epoch.ts';
import { pentafold } from '#test/command-line.ts';
import { eventually } from '#test/eventually.ts';
import { aKubeClient } from '#test/kube/a-kube-client.ts';
import { RecordingLogger } from '#test/recording-logger.ts';
import { RecordingTerminal } from '#test/recording-terminal.ts';
import { type ControlPlane, createNamespace, startControlPlane } from '#test/servers/control-plane.ts';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { startNats } from '#test/servers/nats.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { type WatchRequest, watchTask } from '../../../../services/cli/cluster/watch-task.ts';
import { openClusterBus, withCluster } from '../../../../services/cli/cluster.ts';

const aTask = (spec: object = {}, name = 'liver') =>
  stringify({
    apiVersion: 'pentafold.io/v1alpha1',
    kind: 'Task',
    metadata: { name },
    spec: { dataset: { uri: 's3://imaging/liver' }, ...spec },
  });

const FAILED = aTaskStatus([
  ['Succeeded', 'False', 'TrainingDiverged', 'train 2d fold 0 diverged.'],
  ['Failed', 'True', 'TrainingDiverged', 'train 2d fold 0 diverged.'],
]);
const WORKING = aTaskStatus([
  ['Trained', 'False', 'InProgress', '3 of 10 steps are done.'],
  ['Succeeded', 'False', 'InProgress', 'The Task is at work.'],
]);

await describeWithServers('the command line on a cluster', ['kubernetes', 'nats'], () => {
  let server: ControlPlane;
  let client: KubeClient;
  let folder: TemporaryFolder;
  let namespace: string;
  beforeAll(async () => {
    server = await startControlPlane();
    client = aKubeClient(server.kubeconfig);
    folder = await temporaryFolder();
  }, 180_000);
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    namespace = `test-${randomUUID().slice(0, 8)}`;
    await createNamespace(server, namespace);
  });

  const run = (args: readonly string[], stdin?: string) =>
    pentafold([...args, '-n', namespace], { KUBECONFIG: server.kubeconfig, HOME: folder.path }, stdin);

  const stored = async (name = 'liver') => client.get(TASKS, { namespace, name });

  /** The first attempt at a step of the Task, as the controller would make it. */
  async function begins(title: string): Promise<void> {
    const labels = { [LABELS.task]: 'liver', [LABELS.attempt]: '1' };
    const metadata = { labels, annotations: { [STEP_ANNOTATION]: title, [TITLE_ANNOTATION]: title } };
    const containers = [{ name: 'worker', image: 'localhost/worker:1' }];
    await client.create(JOBS, {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { ...metadata, name: 'liver-1', namespace },
      spec: { backoffLimit: 0, template: { metadata, spec: { restartPolicy: 'Never', containers } } },
    });
  }

  /** `watch`, in this process. */
  const watched = (
    terminal: RecordingTerminal,
    signal = new AbortController().signal,
    openBus: WatchRequest['openBus'] = null,
  ) =>
    withCluster({ context: null, namespace }, { KUBECONFIG: server.kubeconfig }, (cluster) =>
      watchTask({ task: 'liver', openBus, terminal, signal }, cluster),
    );

  async function says(status: TaskStatus): Promise<void> {
    const task = await stored();
    if (task === undefined) throw new Error('there is no Task to speak of');
    await client.replaceStatus(TASKS, task, { ...status, observedGeneration: task.metadata.generation });
  }

  test('without the kinds says how to install them', async () => {
    const { exitCode, stderr } = await run(['get']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("the cluster of context 'test'");
    expect(stderr).toContain('kubectl apply --server-side --force-conflicts -f charts/pentafold/crds');
    expect(stderr).toContain('KINDS_NOT_INSTALLED');
    expect((await run(['get', 'liver'])).stderr).toContain('KINDS_NOT_INSTALLED');
  });

  describe('with the kinds', () => {
    beforeAll(async () => {
      await server.kubectl(['apply', '--server-side', '-f', 'charts/pentafold/crds']);
      await server.kubectl(['wait', '--for=condition=Established', 'crd', 'tasks.pentafold.io', 'models.pentafold.io']);
    }, 60_000);

    describe('apply', () => {
      test('makes a Task, sees when nothing changed, and changes it', async () => {
        const file = join(folder.path, 'task.yaml');
        await writeFile(file, aTask());
        expect((await run(['apply', '-f', file])).stdout).toBe(`Task liver created in ${namespace}\n`);
        expect((await run(['apply', '-f', file])).stdout).toBe(`Task liver unchanged in ${namespace}\n`);
        await writeFile(file, aTask({ folds: 3 }));
        expect(JSON.parse((await run(['apply', '-f', file, '--json'])).stdout)).toEqual({
          ...{ task: 'liver', namespace, change: 'configured' },
        });
        expect(await stored()).toMatchObject({ spec: { folds: 3, training: { epochs: 1000 } } });
      });

      test('takes back what the file no longer says, and leaves alone what it never said', async () => {
        await run(['apply', '-f', '-'], aTask({ folds: 3 }));
        await server.kubectl([
          '-n',
          namespace,
          'patch',
          'task',
          'liver',
          '--type=merge',
          '-p',
          '{"spec":{"suspend":true}}',
        ]);
        await run(['apply', '-f', '-'], aTask());
        expect(await stored()).toMatchObject({ spec: { folds: 5, suspend: true } });
      });

      test('takes namespace, labels and annotations from the file', async () => {
        const marks = { labels: { team: 'imaging' }, annotations: { 'example.org/note': 'first' } };
        const marked = { ...parse(aTask()), metadata: { name: 'liver', namespace, ...marks } };
        const env = { KUBECONFIG: server.kubeconfig };
        expect((await pentafold(['apply', '-f', '-'], env, stringify(marked))).stdout).toContain(
          `created in ${namespace}`,
        );
        expect((await stored())?.metadata).toMatchObject(marks);
        expect((await run(['apply', '-f', '-'], aTask())).stdout).toContain('configured');
        expect((await stored())?.metadata.labels ?? {}).toEqual({});
        const elsewhere = await pentafold(['apply', '-f', '-', '-n', 'default'], env, stringify(marked));
        expect(elsewhere.stderr).toContain('NAMESPACE_MISMATCH');
      });

      test('tells all that is wrong with the file, with lines, before it asks the cluster', async () => {
        const { exitCode, stderr } = await pentafold(
          ['apply', '-f', '-'],
          {},
          aTask({ folds: 1, training: { epoch: 3 } }),
        );
        expect(exitCode).toBe(1);
        expect(stderr).toMatch(/spec\.folds \(line \d+\)/);
        expect(stderr).toMatch(/spec\.training\.epoch \(line \d+\): unknown field/);
      });

      test('refuses data on this machine', async () => {
        const { exitCode, stderr } = await run(['apply', '-f', '-'], aTask({ dataset: { uri: 'file:///data' } }));
        expect(exitCode).toBe(1);
        expect(stderr).toContain('pods cannot see the folders of this machine');
        expect(await stored()).toBeUndefined();
      });

      test('names a namespace that is not there', async () => {
        namespace = 'nowhere';
        const { stderr } = await run(['apply', '-f', '-'], aTask());
        expect(stderr).toContain("has no namespace 'nowhere'");
      });
    });

    describe('get', () => {
      test('shows all Tasks in a table', async () => {
        expect((await run(['get'])).stdout).toBe(`There are no Tasks in namespace ${namespace}.\n`);
        await run(['apply', '-f', '-'], aTask());
        await says(WORKING);
        const [header, row] = (await run(['get'])).stdout.split('\n');
        expect(header?.split(/ +/)).toEqual(['NAME', 'STATE', 'PROGRESS', 'BEST-DICE', 'ETA', 'AGE']);
        expect(row?.split(/ +/).slice(0, 5)).toEqual(['liver', 'InProgress', '42%', '-', '-']);
      });

      test('shows one Task with what waits', async () => {
        await run(['apply', '-f', '-'], aTask());
        await says(WORKING);
        await begins('train 2d fold 3');
        await eventually('there is a pod', async () => (await client.list(PODS, { namespace })).items.length > 0);
        await eventually('the scheduler has said why it waits', async () =>
          (await run(['get', 'liver'])).stdout.includes('waits for a machine: no nodes available'),
        );
        expect((await run(['get', 'liver'])).stdout).toContain('3 of 10 steps are done.');
      }, 60_000);

      test('prints what the cluster keeps, as JSON and as YAML', async () => {
        await run(['apply', '-f', '-'], aTask());
        const json = JSON.parse((await run(['get', 'liver', '-o', 'json'])).stdout);
        expect(json).toMatchObject({ kind: 'Task', metadata: { name: 'liver' }, spec: { folds: 5 } });
        expect(json.metadata.managedFields).toBeUndefined();
        expect(parse((await run(['get', 'liver', '-o', 'yaml'])).stdout)).toEqual(json);
        expect(JSON.parse((await run(['get', '-o', 'json'])).stdout)).toMatchObject({ kind: 'List', items: [json] });
      });

      test('of a Task that is not there lists those there are', async () => {
        await run(['apply', '-f', '-'], aTask());
        const { exitCode, stderr } = await run(['get', 'lung']);
        expect(exitCode).toBe(1);
        expect(stderr).toContain(`there is no Task 'lung' in namespace ${namespace} of context 'test'; it has liver`);
      });
    });

    describe('cancel and retry', () => {
      test('suspend a Task, and let it go on', async () => {
        await run(['apply', '-f', '-'], aTask());
        expect((await run(['cancel', 'liver'])).stdout).toContain('bin/pentafold retry liver lets it go on');
        expect(await stored()).toMatchObject({ spec: { suspend: true } });
        expect((await run(['cancel', 'liver'])).stdout).toContain('is suspended already');
        expect((await run(['retry', 'liver'])).stdout).toContain('goes on where it was suspended');
        const task = await stored();
        expect(task).toMatchObject({ spec: { suspend: false } });
        // It did not fail: a failure to come must not be tried again because of this.
        expect(task?.metadata.annotations?.[RETRY_ANNOTATION]).toBeUndefined();
      });

      test('ask for a failed Task to be tried again', async () => {
        await run(['apply', '-f', '-'], aTask());
        await says(FAILED);
        expect((await run(['retry', 'liver'])).stdout).toContain('failed (TrainingDiverged) and is tried again');
        const asked = (await stored())?.metadata.annotations?.[RETRY_ANNOTATION] ?? '';
        expect(Math.abs(Date.now() - Date.parse(asked))).toBeLessThan(60_000);
        expect((await run(['retry', 'liver'])).stderr).toContain('TASK_NOT_FAILED');
      });

      test('refuse what they cannot do, in words', async () => {
        await run(['apply', '-f', '-'], aTask());
        expect((await run(['retry', 'liver'])).stderr).toContain('has neither failed nor been suspended');
        await says(aTaskStatus([['Succeeded', 'True', 'ModelPublished']]));
        expect((await run(['cancel', 'liver'])).stdout).toContain('has succeeded; nothing of it runs');
        for (const command of ['cancel', 'retry', 'watch', 'logs'])
          expect((await run([command, 'lung'])).stderr).toContain("there is no Task 'lung'");
      }, 30_000);
    });

    describe('logs', () => {
      test('say that there are none yet, and which steps there are', async () => {
        await run(['apply', '-f', '-'], aTask());
        expect((await run(['logs', 'liver'])).stderr).toContain('none began yet, or they ended too long ago');
        await begins('train 2d fold 3');
        const waiting = await run(['logs', 'liver']);
        expect(waiting).toMatchObject({ exitCode: 0, stdout: '' });
        expect(waiting.stderr).toContain('train 2d fold 3: no log yet, it waits');
        expect((await run(['logs', 'liver', 'publish'])).stderr).toContain('it has train 2d fold 3');
      }, 30_000);
    });

    describe('watch', () => {
      test('has a line per change, and ends as the Task does', async () => {
        await run(['apply', '-f', '-'], aTask());
        await says(WORKING);
        const terminal = new RecordingTerminal();
        const watching = watched(terminal);
        await eventually('it has begun', () => terminal.text.includes('Trained: 3 of 10 steps are done.'));
        await begins('train 2d fold 3');
        await eventually('it sees the attempt', () => terminal.text.includes('train 2d fold 3: waits'));
        await says(FAILED);
        expect(await watching).toBe(1);
        expect(terminal.text).toContain('No curves: the address of the bus is not known');
        expect(terminal.text).toContain('Task liver failed (TrainingDiverged)');
      }, 60_000);

      test('draws the curves of folds that train, as the bus brings them', async () => {
        await using nats = await startNats();
        await run(['apply', '-f', '-'], aTask());
        await says(WORKING);
        const uid = (await stored())?.metadata.uid ?? '';
        const terminal = new RecordingTerminal(true);
        const openBus: WatchRequest['openBus'] = (log) => openClusterBus(nats.url, {}, log);
        const watching = watched(terminal, undefined, openBus);
        await using bus = openClusterBus(nats.url, {}, new RecordingLogger());
        const subject = metricsSubject({ taskUid: uid, configuration: '2d', fold: 0 });
        for (const epoch of [0, 1, 2])
          await bus.publish({ subject, id: `1.${epoch}`, body: anEpochMessage({ epoch, trainLoss: -epoch }) });
        await eventually('three epochs are drawn', () => /2d fold 0 +3\/8 +\S+ -2\.000/.test(terminal.text));
        await says(aTaskStatus([['Succeeded', 'True', 'ModelPublished']]));
        expect(await watching).toBe(0);
        expect(terminal.text).not.toContain('No curves');
      }, 60_000);

      test('says that the bus gives no answer, and shows the Task all the same', async () => {
        await run(['apply', '-f', '-'], aTask());
        await says(WORKING);
        const terminal = new RecordingTerminal();
        const watching = watched(terminal, undefined, (log) => openClusterBus('nats://127.0.0.1:9', {}, log));
        await eventually('it says so', () => terminal.text.includes('subscription interrupted: '));
        await says(FAILED);
        expect(await watching).toBe(1);
      }, 60_000);

      test('says so when the Task is deleted, and goes when asked to', async () => {
        await run(['apply', '-f', '-'], aTask());
        const terminal = new RecordingTerminal();
        const ending = new AbortController();
        const seen = watched(terminal, ending.signal);
        ending.abort();
        expect(await seen).toBe(130);
        const deleted = watched(terminal);
        deleted.catch(() => {});
        await server.kubectl(['-n', namespace, 'delete', 'task', 'liver']);
        await expect(deleted).rejects.toThrow(/was deleted while it was watched|there is no Task 'liver'/);
      });

      test('ends with 0 for a Task that has succeeded', async () => {
        await run(['apply', '-f', '-'], aTask());
        await says(aTaskStatus([['Succeeded', 'True', 'ModelPublished']], { model: { name: 'liver', version: 1 } }));
        const { exitCode, stdout } = await run(['watch', 'liver']);
        expect(exitCode).toBe(0);
        expect(stdout).toContain('Model liver, version 1');
      });
    });

    test('whoever may not is told which right is missing', async () => {
      await server.kubectl(['-n', namespace, 'create', 'serviceaccount', 'guest']);
      const token = (await server.kubectl(['-n', namespace, 'create', 'token', 'guest'])).trim();
      const config = parse(await server.kubectl(['config', 'view', '--raw', '--flatten']));
      const kubeconfig = join(folder.path, 'guest.kubeconfig');
      const as = async (user: object) => {
        await writeFile(kubeconfig, JSON.stringify({ ...config, users: [{ name: 'test', user }] }));
        return pentafold(['get', '-n', namespace], { KUBECONFIG: kubeconfig });
      };
      expect((await as({ token })).stderr).toContain('cannot list resource "tasks"');
      expect((await as({ token: 'none of yours' })).stderr).toContain('does not know you (401)');
    });
  });

  test('without a kubeconfig, or an API server, says so', async () => {
    const nowhere = await pentafold(['get'], { HOME: folder.path });
    expect(nowhere.stderr).toContain('there is no kubeconfig');
    const config = parse(await server.kubectl(['config', 'view', '--raw', '--flatten']));
    config.clusters[0].cluster.server = 'https://127.0.0.1:9';
    const kubeconfig = join(folder.path, 'away.kubeconfig');
    await writeFile(kubeconfig, JSON.stringify(config));
    const away = await pentafold(['get'], { KUBECONFIG: kubeconfig });
    expect(away.stderr).toContain("the cluster of context 'test' (https://127.0.0.1:9) gives no answer");
    expect(away.stderr).toContain('ECONNREFUSED');
  });
});
