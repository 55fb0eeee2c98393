import { describe, expect, test } from 'vitest';
import { claimOn, type LeaseState, seen } from './lease-claim.ts';

const state = (changes: Partial<LeaseState> = {}): LeaseState => ({
  holder: 'a',
  durationSeconds: 15,
  renewTime: '2026-01-01T00:00:00.000000Z',
  transitions: 3,
  ...changes,
});

describe('claimOn', () => {
  test.each([
    { name: 'no Lease', lease: undefined, nowMs: 0, want: { kind: 'take', transitions: 0 } },
    { name: 'a Lease just seen', lease: { state: state(), sinceMs: 100 }, nowMs: 100, want: { kind: 'wait' } },
    {
      name: 'a Lease unchanged for almost as long as it is granted',
      lease: { state: state(), sinceMs: 100 },
      nowMs: 15_099,
      want: { kind: 'wait' },
    },
    {
      name: 'a Lease unchanged for as long as it is granted',
      lease: { state: state(), sinceMs: 100 },
      nowMs: 15_100,
      want: { kind: 'take', transitions: 4 },
    },
    {
      name: 'a Lease that was given back',
      lease: { state: state({ holder: '' }), sinceMs: 100 },
      nowMs: 100,
      want: { kind: 'take', transitions: 4 },
    },
    {
      name: 'a Lease whose holder wrote a time of long ago',
      lease: { state: state({ renewTime: '1999-01-01T00:00:00.000000Z' }), sinceMs: 100 },
      nowMs: 200,
      want: { kind: 'wait' },
    },
  ])('on $name: $want', ({ lease, nowMs, want }) => {
    expect(claimOn(lease, nowMs)).toEqual(want);
  });
});

describe('seen', () => {
  const before = { state: state(), sinceMs: 100 };
  test.each([
    { name: 'the same again', now: state(), want: 100 },
    { name: 'a renewal', now: state({ renewTime: '2026-01-01T00:00:02.000000Z' }), want: 200 },
    {
      name: 'a renewal by a clock that was set back',
      now: state({ renewTime: '2025-01-01T00:00:00.000000Z' }),
      want: 200,
    },
    { name: 'another holder', now: state({ holder: 'b' }), want: 200 },
    { name: 'another term', now: state({ transitions: 4 }), want: 200 },
  ])('$name is dated $want', ({ now, want }) => {
    expect(seen(now, before, 200).sinceMs).toBe(want);
  });
});
