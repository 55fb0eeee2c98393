import { describe, expect, test } from 'vitest';
import type { Logger } from '#platform/logging/logger.ts';
import { Synchronizer } from './synchronize.ts';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

const request = (workerVersion: string) => ({
  step: 'digest',
  attempt: 2,
  workerVersion,
  progress: { activity: 'epoch 3 of 8', unitsDone: 3, unitsTotal: 8 },
});

function aSynchronizer() {
  const refused: string[] = [];
  const synchronizer = new Synchronizer({
    version: '1.4.2',
    leaseSeconds: 300,
    intervalSeconds: 15,
    wishFor: () => 'yield',
    refuse: async (step, attempt, { code }) => {
      refused.push(`${step} ${attempt} ${code}`);
    },
    log: silent,
  });
  return { synchronizer, refused };
}

describe('Synchronizer', () => {
  test('a worker hears what is wanted of its step, and when to ask again', async () => {
    const { synchronizer } = aSynchronizer();
    expect(await synchronizer.answer(request('1.4.9'))).toEqual({
      instruction: 'yield',
      leaseSeconds: 300,
      intervalSeconds: 15,
    });
  });

  test('what an attempt said of its progress is remembered for that attempt', async () => {
    const { synchronizer } = aSynchronizer();
    expect(synchronizer.progressOf('digest', 2)).toBeNull();
    await synchronizer.answer(request('1.4.2'));
    expect(synchronizer.progressOf('digest', 2)).toMatchObject({ activity: 'epoch 3 of 8' });
    expect(synchronizer.progressOf('digest', 1)).toBeNull();
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
