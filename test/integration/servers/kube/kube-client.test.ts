import { randomUUID } from 'node:crypto';
import type { V1ConfigMap, V1Namespace } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '#platform/clock/system-clock.ts';
import type { RecordedEvent } from '#platform/kube/event-ledger.ts';
import { EVENTS, EventRecorder } from '#platform/kube/event-recorder.ts';
import { isConflict, isGone, isTransient, KubeApiError } from '#platform/kube/kube-api-error.ts';
import type { KubeClient, WatchEvent } from '#platform/kube/kube-client.ts';
import { type Desired, LEASES, type Resource, type Stored } from '#platform/kube/kube-object.ts';
import { LeaderElection } from '#platform/kube/leader-election.ts';
import { ListAndWatch } from '#platform/kube/list-and-watch.ts';
import type { Term } from '#platform/kube/term.ts';
import { eventually } from '#test/eventually.ts';
import { aKubeClient, aKubeClientThrough } from '#test/kube/a-kube-client.ts';
import { silentProxy } from '#test/kube/silent-proxy.ts';
import { ManualClock } from '#test/manual-clock.ts';
import { RecordingLogger } from '#test/recording-logger.ts';
import { type ControlPlane, startControlPlane } from '#test/servers/control-plane.ts';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';

type ConfigMap = Stored<V1ConfigMap>;

const NAMESPACES: Resource<Stored<V1Namespace>> = { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces' };
const CONFIG_MAPS: Resource<ConfigMap> = { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps' };

await describeWithServers('the kube module on a real API server', ['kubernetes'], () => {
  let server: ControlPlane;
  let client: KubeClient;
  beforeAll(async () => {
    server = await startControlPlane();
    client = aKubeClient(server.kubeconfig);
  }, 180_000);
  afterAll(() => server[Symbol.asyncDispose]());

  /** A namespace of a test's own. */
  async function aNamespace(): Promise<string> {
    const name = `test-${randomUUID().slice(0, 8)}`;
    await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    return name;
  }

  /** Those of a test: every namespace is given one by the controller manager. */
  const ours = (namespace: string) => ({ namespace, labelSelector: 'test=yes' });

  const aConfigMap = (namespace: string, name: string, data: Record<string, string> = {}): Desired<ConfigMap> => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace, name, labels: { test: 'yes' } },
    data,
  });

  test('lists all pages, each object saying what it is, and only those selected', async () => {
    const namespace = await aNamespace();
    for (let i = 0; i < 7; i++) await client.create(CONFIG_MAPS, aConfigMap(namespace, `c${i}`));
    const { items, resourceVersion } = await client.list(CONFIG_MAPS, ours(namespace));
    expect(items.map(({ kind, metadata }) => [kind, metadata.name])).toEqual(
      Array.from({ length: 7 }, (_, i) => ['ConfigMap', `c${i}`]),
    );
    expect(resourceVersion).toMatch(/^[0-9]+$/);
    expect((await client.list(CONFIG_MAPS, { namespace, labelSelector: 'test=no' })).items).toEqual([]);
    const named = await client.list(CONFIG_MAPS, { namespace, fieldSelector: 'metadata.name=c3' });
    expect(named.items).toHaveLength(1);
  });

  test('what is not there is undefined, and deleting it is fine', async () => {
    const namespace = await aNamespace();
    expect(await client.get(CONFIG_MAPS, { namespace, name: 'none' })).toBeUndefined();
    await client.delete(CONFIG_MAPS, { namespace, name: 'none' }, 'Background');
  });

  test('an object is made once, and replaced only by who knows its newest state', async () => {
    const namespace = await aNamespace();
    const first = await client.create(CONFIG_MAPS, aConfigMap(namespace, 'c', { a: '1' }));
    await expect(client.create(CONFIG_MAPS, aConfigMap(namespace, 'c'))).rejects.toSatisfy(isConflict);
    const second = await client.replace(CONFIG_MAPS, { ...first, data: { a: '2' } });
    expect(second.data).toEqual({ a: '2' });
    await expect(client.replace(CONFIG_MAPS, { ...first, data: { a: '3' } })).rejects.toSatisfy(isConflict);
  });

  test('applying creates, changes, removes what is named no more, and leaves the fields of others alone', async () => {
    const namespace = await aNamespace();
    const ref = { namespace, name: 'c' };
    await client.apply(CONFIG_MAPS, aConfigMap(namespace, 'c', { ours: '1', gone: '1' }));
    await client.merge(CONFIG_MAPS, ref, { data: { theirs: '1' } });
    const other = aKubeClient(server.kubeconfig, { fieldManager: 'somebody' });
    await other.merge(CONFIG_MAPS, ref, { data: { theirs: '2' } });
    const applied = await client.apply(CONFIG_MAPS, aConfigMap(namespace, 'c', { ours: '2' }));
    expect(applied.data).toEqual({ ours: '2', theirs: '2' });
    const again = await client.apply(CONFIG_MAPS, aConfigMap(namespace, 'c', { ours: '2' }));
    expect(again.metadata.resourceVersion).toBe(applied.metadata.resourceVersion);
  });

  test('a field that the API does not know is refused, by its path', async () => {
    const namespace = await aNamespace();
    const wrong = { ...aConfigMap(namespace, 'c'), wrong: 1 };
    await expect(client.create(CONFIG_MAPS, wrong)).rejects.toThrow('unknown field "wrong"');
  });

  test('deleting keeps to its preconditions', async () => {
    const namespace = await aNamespace();
    const stored = await client.create(CONFIG_MAPS, aConfigMap(namespace, 'c'));
    const ref = { namespace, name: 'c' };
    const wrong = client.delete(CONFIG_MAPS, ref, 'Background', { uid: randomUUID() });
    await expect(wrong).rejects.toSatisfy(isConflict);
    await client.delete(CONFIG_MAPS, ref, 'Background', { uid: stored.metadata.uid });
    expect(await client.get(CONFIG_MAPS, ref)).toBeUndefined();
  });

  test('a closed fence lets nothing be written, and everything be read', async () => {
    const namespace = await aNamespace();
    const fenced = client.fencedBy({
      signal: new AbortController().signal,
      check() {
        throw new Error('closed');
      },
    });
    const object = aConfigMap(namespace, 'c');
    const stored = await client.create(CONFIG_MAPS, object);
    expect(() => fenced.create(CONFIG_MAPS, object)).toThrow('closed');
    expect(() => fenced.apply(CONFIG_MAPS, object)).toThrow('closed');
    expect(() => fenced.replace(CONFIG_MAPS, stored)).toThrow('closed');
    expect(() => fenced.replaceStatus(CONFIG_MAPS, stored, {})).toThrow('closed');
    expect(() => fenced.merge(CONFIG_MAPS, { namespace, name: 'c' }, {})).toThrow('closed');
    await expect(fenced.delete(CONFIG_MAPS, { namespace, name: 'c' }, 'Orphan')).rejects.toThrow('closed');
    expect(await fenced.get(CONFIG_MAPS, { namespace, name: 'c' })).toEqual(stored);
  });

  test('a watch tells what happens after the list, and ends in time', async () => {
    const namespace = await aNamespace();
    const { resourceVersion } = await client.list(CONFIG_MAPS, ours(namespace));
    await client.create(CONFIG_MAPS, aConfigMap(namespace, 'c'));
    await client.merge(CONFIG_MAPS, { namespace, name: 'c' }, { data: { a: '1' } });
    await client.delete(CONFIG_MAPS, { namespace, name: 'c' }, 'Background');
    const events: WatchEvent<ConfigMap>[] = await Array.fromAsync(
      client.watch(CONFIG_MAPS, ours(namespace), { resourceVersion, seconds: 2 }, new AbortController().signal),
    );
    expect(events.map(({ type }) => type).slice(0, 3)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
  });

  test('a watch from a moment that is forgotten fails as gone', async () => {
    const namespace = await aNamespace();
    // What it remembers begins with its start.
    await server.apiServer.restart();
    const watch = client.watch(
      CONFIG_MAPS,
      { namespace },
      { resourceVersion: '1', seconds: 2 },
      new AbortController().signal,
    );
    await expect(Array.fromAsync(watch)).rejects.toSatisfy(isGone);
  });

  test('what the API server refuses does not pass by itself; that it cannot be reached does', async () => {
    const refused = client.list({ apiVersion: 'v1', kind: 'Nothing', plural: 'nothings' }, { namespace: null });
    await expect(refused).rejects.toSatisfy((error) => error instanceof KubeApiError && !isTransient(error));
    const unreachable = aKubeClientThrough(server.kubeconfig, 1);
    await expect(unreachable.list(NAMESPACES, { namespace: null })).rejects.toSatisfy(isTransient);
  });

  test('a server that accepts a request and says nothing is given up in time', async () => {
    await using proxy = await silentProxy(portOf(server));
    const through = aKubeClientThrough(server.kubeconfig, proxy.port);
    await through.list(NAMESPACES, { namespace: null });
    proxy.silence();
    const refusal = expect(through.get(NAMESPACES, { namespace: null, name: 'default' })).rejects;
    await refusal.toThrow(/GET .*: the Kubernetes API gives no answer: .*timeout/);
  });

  /** Keeps a cache of the ConfigMaps of a namespace. */
  const cached = (through: KubeClient, namespace: string, silenceMs = 150_000) =>
    new ListAndWatch({
      client: through,
      resource: CONFIG_MAPS,
      selection: ours(namespace),
      changed: () => {},
      silenceMs,
      watchSeconds: 300,
      backoff: { firstMs: 50, longestMs: 500 },
      clock: systemClock,
      random: Math.random,
      log: new RecordingLogger(),
    });

  test('a cache survives the death of the API server, and knows what happened when it is back', async () => {
    const namespace = await aNamespace();
    await client.create(CONFIG_MAPS, aConfigMap(namespace, 'stays'));
    await client.create(CONFIG_MAPS, aConfigMap(namespace, 'goes'));
    await using watched = cached(client, namespace);
    await watched.synced;
    expect(watched.cache.size).toBe(2);
    await server.apiServer.kill();
    await server.apiServer.restart();
    await client.delete(CONFIG_MAPS, { namespace, name: 'goes' }, 'Background');
    await client.create(CONFIG_MAPS, aConfigMap(namespace, 'comes'));
    await eventually('the cache has caught up', () => watched.cache.all().map(nameOf).join() === 'comes,stays');
  }, 120_000);

  test('a cache whose connection falls silent opens another', async () => {
    const namespace = await aNamespace();
    await using proxy = await silentProxy(portOf(server));
    await using watched = cached(aKubeClientThrough(server.kubeconfig, proxy.port), namespace, 1000);
    await watched.synced;
    await client.create(CONFIG_MAPS, aConfigMap(namespace, 'heard'));
    await eventually('it hears', () => watched.cache.size === 1);
    proxy.silence();
    await client.create(CONFIG_MAPS, aConfigMap(namespace, 'missed'));
    await eventually('it hears again', () => watched.cache.size === 2);
  });

  test('of three who want to lead one does; when it ends another leads', async () => {
    const namespace = await aNamespace();
    const candidates = ['a', 'b', 'c'].map((identity) => {
      const ending = new AbortController();
      const terms: Term[] = [];
      const election = new LeaderElection({
        client,
        lease: { namespace, name: 'controller' },
        identity,
        leaseSeconds: 3,
        renewSeconds: 0.5,
        safetySeconds: 1,
        clock: systemClock,
        monotonicMs: () => performance.now(),
        log: new RecordingLogger(),
      });
      const run = election.run((term) => {
        terms.push(term);
        return new Promise((resolve) => {
          for (const signal of [term.signal, ending.signal]) signal.addEventListener('abort', () => resolve());
        });
      }, ending.signal);
      return { identity, ending, run, leads: () => terms.some(({ remainingMs }) => remainingMs > 0) };
    });
    const leaders = () => candidates.filter(({ leads }) => leads());
    await eventually('one leads', () => leaders().length > 0);
    expect(leaders()).toHaveLength(1);
    const [first] = leaders();
    expect((await client.get(LEASES, { namespace, name: 'controller' }))?.spec?.holderIdentity).toBe(first?.identity);
    first?.ending.abort();
    await first?.run;
    await eventually('another leads', () => leaders().length > 0);
    expect(leaders()).toHaveLength(1);
    for (const { ending } of candidates) ending.abort();
    await Promise.all(candidates.map(({ run }) => run));
  });

  test('events are written once, counted when they repeat, and shown by kubectl', async () => {
    const namespace = await aNamespace();
    const { metadata } = await client.create(CONFIG_MAPS, aConfigMap(namespace, 'c'));
    const clock = new ManualClock(new Date());
    const log = new RecordingLogger();
    const newSuffix = () => randomUUID().slice(0, 8);
    const recorder = new EventRecorder({
      client,
      controller: 'pentafold.io/controller',
      instance: 'controller-0',
      clock,
      newSuffix,
      log,
    });
    const event: RecordedEvent = {
      regarding: { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'c', uid: metadata.uid },
      type: 'Warning',
      reason: 'AttemptLost',
      action: 'Observe',
      note: 'x'.repeat(5000),
    };
    for (let i = 0; i < 50; i++) recorder.record(event);
    clock.advance(61_000);
    recorder.record(event);
    await recorder.flushed();
    expect(log.lines).toEqual([]);
    const { items } = await client.list(EVENTS, { namespace });
    expect(items).toMatchObject([{ reason: 'AttemptLost', series: { count: 51 } }]);
    expect(Buffer.byteLength(items[0]?.note ?? '')).toBeLessThanOrEqual(1024);
    expect(await server.kubectl(['-n', namespace, 'describe', 'configmap', 'c'])).toMatch(/Warning +AttemptLost/);
  });

  test('events that cannot be written are dropped with a line in the log', async () => {
    const log = new RecordingLogger();
    const recorder = new EventRecorder({
      client,
      controller: 'pentafold.io/controller',
      instance: 'controller-0',
      clock: systemClock,
      newSuffix: randomUUID,
      log,
    });
    const regarding = { apiVersion: 'batch/v1', kind: 'Job', namespace: 'nowhere', name: 'job', uid: 'u' };
    for (let i = 0; i < 200; i++)
      recorder.record({
        regarding: { ...regarding, uid: `u${i}` },
        type: 'Normal',
        reason: 'R',
        action: 'A',
        note: 'n',
      });
    await recorder.flushed();
    expect(log.lines.filter(({ message }) => message === 'event dropped')).toHaveLength(100);
    expect(log.lines.filter(({ message }) => message === 'event not written')).toHaveLength(100);
  });
});

const portOf = ({ url }: ControlPlane): number => Number(new URL(url).port);

const nameOf = ({ metadata }: ConfigMap): string => metadata.name;
