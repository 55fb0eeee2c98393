import { describe, expect, test } from 'vitest';
import type { ScaleReport } from './scale-run.ts';
import { idleTable, replaceTables, runTable } from './scale-tables.ts';

const report: ScaleReport = {
  size: {
    ...{ tasks: 2, nodes: 3, configurations: ['2d'], folds: 5, patienceSeconds: 1 },
    idle: { seconds: 60, finishedTasks: 1000 },
  },
  seconds: 4,
  controllerCpuSeconds: 3,
  highestRssMiB: 120.4,
  apiRequests: new Map([
    ['create jobs 201', 20],
    ['create events 201', 15],
  ]),
  storeRequests: new Map([['GetObject 200', 5]]),
  appliedToPods: [1, 2],
  lastPodToSucceeded: [0.5, 0.75, 9],
  largestStatusBytes: 2048,
  failedPods: 0,
  idle: { afterWork: { rssMiB: 130.2, core: 0.0123 }, startedAnew: { rssMiB: 99.5, core: 0 } },
};

describe('the tables of a run', () => {
  test('tell each size in a row', () => {
    expect(runTable([report]).split('\n').at(-1)).toBe(
      '| 2 × 5 | 3 | 20 (5/s) | 4 s | 1.50 s | 120 MiB | 3.5 | 0.5 | 1.0 s, 95 %: 1.0 s | 0.8 s, 95 %: 0.8 s | 2.0 KiB |',
    );
  });

  test('tell of idle controllers where some were watched', () => {
    expect(idleTable(report)[0]?.split('\n').slice(2)).toEqual([
      '| that did the work | 130 MiB | 1.23 % |',
      '| started when it was done | 100 MiB | 0.00 % |',
    ]);
    expect(idleTable({ ...report, idle: null })).toEqual([]);
  });

  test('take the place of those before, between their marks', () => {
    const page = 'before\n<!-- written by npm run test:scale -->\nold\n<!-- end of what it writes -->\nafter';
    expect(replaceTables(page, ['new'])).toBe(
      'before\n<!-- written by npm run test:scale -->\n\nnew\n\n<!-- end of what it writes -->\nafter',
    );
    expect(() => replaceTables('no marks', [])).toThrow(RangeError);
  });
});
