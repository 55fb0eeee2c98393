import { describe, expect, test } from 'vitest';
import type { AttemptState } from '#platform/runner/step-runner.ts';
import { aStep } from '#test/a-step.ts';
import { ManualClock } from '#test/manual-clock.ts';
import { RecordingLogger } from '#test/recording-logger.ts';
import { AttemptCredentials } from './attempt-credentials.ts';

const ISSUED = { accessKey: 'key', secretKey: 'secret-of-a-test', sessionToken: 'token-of-a-test', validSeconds: 3600 };
const running: AttemptState = { kind: 'running' };

function hander(states: Readonly<Record<number, AttemptState>>, issue = async () => ISSUED) {
  const log = new RecordingLogger();
  const clock = new ManualClock();
  const asked: unknown[] = [];
  const credentials = new AttemptCredentials({
    issuer: {
      validSeconds: 3600,
      issue: (...all) => {
        asked.push(all);
        return issue();
      },
    },
    running: async (step) =>
      Object.entries(states).map(([attempt, state]) => ({ step, attempt: Number(attempt), state })),
    description: async () => aStep(),
    clock,
    log,
  });
  return { credentials, asked, log, clock };
}

describe('AttemptCredentials', () => {
  test('an attempt that holds none gets some, for itself', async () => {
    const { credentials, asked } = hander({ 1: { kind: 'killed', by: 'memory' }, 2: running });
    expect(await credentials.for('step', 2, 0)).toEqual(ISSUED);
    expect(asked).toEqual([['step', 2, aStep()]]);
  });

  test.each([
    { held: 3600, want: null },
    { held: 1801, want: null },
    { held: 1800, want: ISSUED },
    { held: 1, want: ISSUED },
  ])(
    'one whose own are good for $held s of 3600 gets others only when half of that is over',
    async ({ held, want }) => {
      expect(await hander({ 1: running }).credentials.for('step', 1, held)).toEqual(want);
    },
  );

  test.each<{ name: string; states: Readonly<Record<number, AttemptState>>; want: unknown }>([
    { name: 'waits for its pod to be seen running', states: { 2: { kind: 'pending', waitsFor: null } }, want: ISSUED },
    { name: 'has ended', states: { 2: { kind: 'ended', exitCode: 0 } }, want: null },
    { name: 'was killed', states: { 2: { kind: 'killed', by: 'disruption' } }, want: null },
    { name: 'nobody runs', states: {}, want: null },
    { name: 'is followed by a later one', states: { 2: running, 3: { kind: 'pending', waitsFor: null } }, want: null },
    {
      name: 'is followed by one that has ended too',
      states: { 2: running, 3: { kind: 'ended', exitCode: 1 } },
      want: null,
    },
  ])('of an attempt that $name', async ({ states, want }) => {
    expect(await hander(states).credentials.for('step', 2, 0)).toEqual(want);
  });

  test('a service that gives none is told of in the log, and the attempt asks again', async () => {
    const { credentials, log } = hander({ 1: running }, () => Promise.reject(new Error('503')));
    expect(await credentials.for('step', 1, 0)).toBeNull();
    expect(log.lines.map(({ message }) => message)).toEqual(['no store credentials to hand over']);
  });

  test('a service that takes its time does not keep the attempt from its answer', async () => {
    const { credentials, log, clock } = hander({ 1: running }, () => new Promise(() => {}));
    const answered = credentials.for('step', 1, 0);
    clock.advance(5000);
    expect(await answered).toBeNull();
    expect(log.lines.map(({ message }) => message)).toEqual(['no store credentials to hand over']);
  });

  test('no secret is logged', async () => {
    const { credentials, log } = hander({ 1: running });
    await credentials.for('step', 1, 0);
    expect(log.lines.map(({ message }) => message)).toEqual(['store credentials handed over']);
    expect(JSON.stringify(log.lines)).not.toMatch(/secret-of-a-test|token-of-a-test/);
  });
});
