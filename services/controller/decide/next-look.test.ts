import { describe, expect, test } from 'vitest';
import { anAttempt, NOW, secondsAgo } from '#test/observation.ts';
import { nextLook } from './next-look.ts';
import type { StepStanding } from './step-standing.ts';

const failure = { code: 'NO_LUCK', message: 'the dice fell badly' };
const pausing = (seconds: number): StepStanding => ({ kind: 'pausing', until: secondsAgo(-seconds), failure });
const live: StepStanding = { kind: 'live', attempt: anAttempt() };

describe('nextLook', () => {
  test.each<{ name: string; standings: StepStanding[]; wantSeconds: number | null }>([
    { name: 'at intervals while something runs', standings: [{ kind: 'done' }, live], wantSeconds: 10 },
    { name: 'when a pause ends', standings: [pausing(60)], wantSeconds: 60 },
    { name: 'at whichever comes first', standings: [live, pausing(3), pausing(60)], wantSeconds: 3 },
    {
      name: 'never, of what is done or waits for others',
      standings: [{ kind: 'done' }, { kind: 'blocked' }],
      wantSeconds: null,
    },
    { name: 'never, of what was given up', standings: [{ kind: 'given-up', failure }], wantSeconds: null },
  ])('$name', ({ standings, wantSeconds }) => {
    const next = nextLook(
      standings.map((standing) => ({ standing })),
      10_000,
      NOW,
    );
    expect(next === null ? null : (next.getTime() - NOW.getTime()) / 1000).toBe(wantSeconds);
  });
});
