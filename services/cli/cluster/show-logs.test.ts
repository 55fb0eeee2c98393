import { describe, expect, test } from 'vitest';
import { BadInputError } from '#core/errors.ts';
import type { ShownAttempt } from '#platform/runner/kubernetes/shown-attempts.ts';
import { aTaskResource, aTaskStatus } from '#test/a-task-resource.ts';
import { RecordingTerminal } from '#test/recording-terminal.ts';
import type { Cluster } from '../cluster.ts';
import { followLogs, type LogRequest, showLogs } from './show-logs.ts';

class LostNodeError extends BadInputError {
  readonly code = 'KUBERNETES_API';
}

const anAttempt = (title: string, changes: Partial<ShownAttempt> = {}): ShownAttempt => ({
  ...{ title, step: title, attempt: 1, state: { kind: 'running' }, pod: `pod of ${title}`, startedAt: null },
  ...changes,
});

/** A cluster with these attempts; the logs of pods that are not in `lines` cannot be read. */
function aCluster(attempts: readonly ShownAttempt[] | 'forbidden', lines: Record<string, string[]>): Cluster {
  const tasks = {
    get: async () => aTaskResource({ status: aTaskStatus([['Succeeded', 'True']]) }),
    attempts: async () => attempts,
    async *log(pod: string) {
      const found = lines[pod];
      if (found === undefined) throw new LostNodeError('the machine gives no answer');
      yield* found;
    },
  };
  return { tasks } as unknown as Cluster;
}

const REQUEST = { task: 'liver', step: null, previous: false };
const outputs = () => ({ out: new RecordingTerminal(), err: new RecordingTerminal() });

describe('showLogs', () => {
  test('names what has no log yet, and what cannot be read, beside what can', async () => {
    const attempts = [
      anAttempt('ingest'),
      anAttempt('train 2d fold 0'),
      anAttempt('train 2d fold 1', { state: { kind: 'pending', waitsFor: 'a machine' }, pod: null }),
    ];
    const output = outputs();
    await showLogs(REQUEST, aCluster(attempts, { 'pod of ingest': ['read'] }), output);
    expect(output.out.text).toBe('ingest | read\n');
    expect(output.err.text).toBe(
      'train 2d fold 0: its log cannot be read: the machine gives no answer\n' +
        'train 2d fold 1: no log yet, it waits for a machine\n',
    );
  });

  test('fails when no log can be read', async () => {
    await expect(showLogs(REQUEST, aCluster([anAttempt('ingest')], {}), outputs())).rejects.toThrow(LostNodeError);
  });

  test('says which right is missing to find logs', async () => {
    await expect(showLogs(REQUEST, aCluster('forbidden', {}), outputs())).rejects.toMatchObject({
      code: 'CLUSTER_REFUSED',
      message: expect.stringContaining('ask its administrator for the Role for people'),
    });
  });
});

describe('followLogs', () => {
  test('ends with the Task, after the last line', async () => {
    const output = outputs();
    const cluster = aCluster([anAttempt('publish')], { 'pod of publish': ['begins', 'ends'] });
    await followLogs(REQUEST, cluster, output, new AbortController().signal);
    expect(output.out.text).toBe('publish | begins\npublish | ends\n');
  });

  /** A cluster with a Task at work, and then with what else a test says; a look later it has ended. */
  function aClusterAtWork(changes: object = {}): Cluster {
    let looks = 0;
    const get = async () => aTaskResource({ status: aTaskStatus([['Succeeded', looks++ === 0 ? 'False' : 'True']]) });
    const { tasks } = aCluster([anAttempt('publish')], { 'pod of publish': ['begins'] });
    const mayPass = (error: unknown) => error instanceof LostNodeError;
    return {
      tasks: { ...tasks, get, ...changes },
      mayPass,
      explained: (error: unknown) => error,
    } as unknown as Cluster;
  }

  const follow = (cluster: Cluster, output = outputs(), request: LogRequest = REQUEST) =>
    followLogs(request, cluster, output, new AbortController().signal);

  test('outlives a look that fails', async () => {
    let looks = 0;
    const attempts = async () => {
      if (looks++ === 1) throw new LostNodeError('the cluster gives no answer');
      return [anAttempt('publish')];
    };
    const output = outputs();
    await follow(aClusterAtWork({ attempts }), output);
    expect(looks).toBe(3);
    expect(output.out.text).toBe('publish | begins\n');
    expect(output.err.text).toBe('not looked at, and tried again: the cluster gives no answer\n');
  }, 20_000);

  test('says at once that there is no such step, and fails when the Task ends without it', async () => {
    const output = outputs();
    const request = { ...REQUEST, step: 'pubilsh' };
    await expect(follow(aClusterAtWork(), output, request)).rejects.toMatchObject({ code: 'LOG_NOT_FOUND' });
    expect(output.err.text).toBe(
      "Task liver has no step 'pubilsh' that began; it has publish; looking until the Task ends\n",
    );
  });

  test('ends at once by a fault of ours, and with it', async () => {
    const fault = new RangeError('a fault of ours');
    const cluster = aClusterAtWork({
      // biome-ignore lint/correctness/useYield: a log that breaks before its first line.
      async *log() {
        throw fault;
      },
      get: async () => aTaskResource({ status: aTaskStatus([['Succeeded', 'False']]) }),
    });
    await expect(follow(cluster)).rejects.toBe(fault);
  });
});
