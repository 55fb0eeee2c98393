import { describe, expect, test } from 'vitest';
import type { Instruction } from '#platform/link/controller-link.ts';
import type { Logger } from '#platform/logging/logger.ts';
import { ManualClock } from '#test/manual-clock.ts';
import { Synchronizer } from './synchronize.ts';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

const request = (workerVersion: string) => ({
  step: 'digest',
  attempt: 2,
  workerVersion,
  progress: { activity: 'epoch 3 of 8', unitsDone: 3, unitsTotal: 8 },
  credentialsSeconds: 7,
});

const credentials = { accessKey: 'key', secretKey: 'secret', sessionToken: 'token', validSeconds: 3600 };

function aSynchronizer(clock = new ManualClock(), wish: Instruction = 'yield') {
  const refused: string[] = [];
  const asked: unknown[] = [];
  const synchronizer = new Synchronizer({
    version: '1.4.2',
    leaseSeconds: 300,
    intervalSeconds: 15,
    wishFor: () => wish,
    refuse: async (step, attempt, { code }) => {
      refused.push(`${step} ${attempt} ${code}`);
    },
    credentialsFor: async (...all) => {
      asked.push(all);
      return credentials;
    },
    clock,
    log: silent,
  });
  return { synchronizer, refused, asked };
}

describe('Synchronizer', () => {
  test('a worker hears what is wanted of its step, and when to ask again', async () => {
    const { synchronizer } = aSynchronizer();
    expect(await synchronizer.answer(request('1.4.9'))).toEqual({
      instruction: 'yield',
      leaseSeconds: 300,
      intervalSeconds: 15,
      credentials,
    });
  });

  test('a worker is handed credentials, by how long those that it holds are good', async () => {
    const { synchronizer, asked } = aSynchronizer();
    await synchronizer.answer(request('1.4.2'));
    expect(asked).toEqual([['digest', 2, 7]]);
  });

  test('a worker that is to stop is handed none', async () => {
    const { synchronizer, asked } = aSynchronizer(new ManualClock(), 'stop');
    expect(await synchronizer.answer(request('1.4.2'))).toMatchObject({ instruction: 'stop', credentials: null });
    expect(asked).toEqual([]);
  });

  test('what an attempt said of its progress is remembered for that attempt', async () => {
    const { synchronizer } = aSynchronizer();
    expect(synchronizer.reportOf('digest', 2)).toBeNull();
    await synchronizer.answer(request('1.4.2'));
    expect(synchronizer.reportOf('digest', 2)?.progress).toMatchObject({ activity: 'epoch 3 of 8' });
    expect(synchronizer.reportOf('digest', 1)).toBeNull();
    synchronizer.forget('digest');
    expect(synchronizer.reportOf('digest', 2)).toBeNull();
  });

  test('the pace of an attempt is measured from its first report, since it may have gone on from an earlier one', async () => {
    const clock = new ManualClock();
    const { synchronizer } = aSynchronizer(clock);
    const say = async (unitsDone: number) => {
      await synchronizer.answer({ ...request('1.4.2'), progress: { activity: 'epoch', unitsDone, unitsTotal: 1000 } });
      return synchronizer.reportOf('digest', 2)?.pace;
    };
    expect(await say(500)).toBeNull();
    clock.advance(5000);
    expect(await say(510)).toBeNull();
    clock.advance(15_000);
    expect(await say(540)).toBeCloseTo(0.002);
    expect(await say(100)).toBeNull();
  });

  test.each(['1.3.0', '1.4.9', '1.5.0'])('a worker of version %j is understood', async (version) => {
    const { synchronizer, refused } = aSynchronizer();
    expect((await synchronizer.answer(request(version))).instruction).toBe('yield');
    expect(refused).toEqual([]);
  });

  test.each(['1.6.0', '2.4.2', ''])(
    'a worker of version %j is stopped, and its attempt counts as failed',
    async (version) => {
      const { synchronizer, refused } = aSynchronizer();
      expect((await synchronizer.answer(request(version))).instruction).toBe('stop');
      expect(refused).toEqual(['digest 2 WORKER_VERSION_MISMATCH']);
    },
  );
});
