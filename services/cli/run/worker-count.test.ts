import { describe, expect, test } from 'vitest';
import { workerCount } from './worker-count.ts';

describe('workerCount', () => {
  test.each([
    { workers: { threads: 1 }, cores: 8, want: 8 },
    { workers: { threads: 3 }, cores: 8, want: 2 },
    { workers: { threads: 16 }, cores: 8, want: 1 },
    { workers: { threads: 4, parallel: 5 }, cores: 8, want: 5 },
  ])('$workers on $cores cores run $want at once', ({ workers, cores, want }) => {
    expect(workerCount(workers, cores)).toBe(want);
  });
});
