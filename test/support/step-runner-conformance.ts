import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { workersSpec } from '#api/v1alpha1/workers.ts';
import type { AttemptState, StepAttempt, StepRunner } from '#platform/runner/step-runner.ts';
import { eventually } from './eventually.ts';

/**
 * A runner for one test, with two places, whose programs do what the attempt's title says: `exit 3` ends with that code;
 * `yield` runs until it is asked for a checkpoint, then ends with 75; `hang` runs whatever it is asked.
 */
export interface RunnerUnderTest extends AsyncDisposable {
  readonly runner: StepRunner;
  /** Resolves when the program of an attempt listens to what it is asked. */
  listening(attempt: StepAttempt): Promise<void>;
}

/** An attempt whose program does what `title` says. */
export const anAttempt = (title: string, attempt = 1, step = 'a'.repeat(64)): StepAttempt => ({
  step,
  attempt,
  program: 'worker',
  title,
  task: { name: 'liver', uid: 'uid-of-liver' },
  demand: { memoryBytes: 2 ** 30, trainingBytes: null },
  workers: workersSpec.parse({}),
});

/** What every step runner does, whatever runs the programs. */
export function testsStepRunner(name: string, open: () => Promise<RunnerUnderTest>): void {
  describe(`step runner: ${name}`, () => {
    let opened: RunnerUnderTest;
    let runner: StepRunner;
    beforeEach(async () => {
      opened = await open();
      runner = opened.runner;
    });
    afterEach(() => opened[Symbol.asyncDispose]());

    async function stateOf(attempt: StepAttempt): Promise<AttemptState | undefined> {
      const all = await runner.list();
      return all.find((one) => one.step === attempt.step && one.attempt === attempt.attempt)?.state;
    }

    const reaches = (attempt: StepAttempt, kind: AttemptState['kind']) =>
      eventually(`attempt ${attempt.attempt} is ${kind}`, async () => (await stateOf(attempt))?.kind === kind);

    test.each([0, 1, 42, 75])('an attempt whose program exits with %i has ended with it', async (exitCode) => {
      const attempt = anAttempt(`exit ${exitCode}`);
      await runner.start(attempt);
      await reaches(attempt, 'ended');
      expect(await runner.list()).toEqual([{ step: attempt.step, attempt: 1, state: { kind: 'ended', exitCode } }]);
    });

    test('the attempts at one step are told apart from all others', async () => {
      const [one, other] = [anAttempt('hang'), anAttempt('hang', 1, 'b'.repeat(64))];
      for (const attempt of [one, other, { ...one, attempt: 2 }]) await runner.start(attempt);
      expect((await runner.listOf(one.step)).map(({ attempt }) => attempt).sort()).toEqual([1, 2]);
      expect((await runner.listOf(other.step)).map(({ step }) => step)).toEqual([other.step]);
      expect(await runner.listOf('c'.repeat(64))).toEqual([]);
      expect(await runner.list()).toHaveLength(3);
    });

    test('starting an attempt that exists does nothing, also when it has ended', async () => {
      const attempt = anAttempt('exit 1');
      await runner.start(attempt);
      await runner.start({ ...attempt, title: 'hang' });
      await reaches(attempt, 'ended');
      await runner.start({ ...attempt, title: 'hang' });
      expect(await runner.list()).toHaveLength(1);
      expect(await stateOf(attempt)).toEqual({ kind: 'ended', exitCode: 1 });
    });

    test('attempts beyond the places wait, and begin in the order of their start', async () => {
      const attempts = [1, 2, 3, 4].map((attempt) => anAttempt('yield', attempt));
      for (const attempt of attempts) await runner.start(attempt);
      const kinds = async () => (await runner.list()).map(({ state }) => state.kind);
      await eventually('two run', async () => (await kinds()).filter((kind) => kind === 'running').length === 2);
      expect(await kinds()).toEqual(['running', 'running', 'pending', 'pending']);
      await runner.stop(anAttempt('yield', 2), 'now');
      await eventually('the third runs', async () => (await kinds())[2] === 'running');
      expect(await kinds()).toEqual(['running', 'killed', 'running', 'pending']);
    });

    test('an attempt that is asked for a checkpoint ends by itself, however often it is asked', async () => {
      const attempt = anAttempt('yield');
      await runner.start(attempt);
      await opened.listening(attempt);
      for (let i = 0; i < 3; i++) await runner.stop(attempt, 'checkpoint');
      await reaches(attempt, 'ended');
      expect(await stateOf(attempt)).toEqual({ kind: 'ended', exitCode: 75 });
    });

    test('an attempt that is stopped now is killed', async () => {
      const attempt = anAttempt('hang');
      await runner.start(attempt);
      await opened.listening(attempt);
      await runner.stop(attempt, 'checkpoint');
      await runner.stop(attempt, 'now');
      await reaches(attempt, 'killed');
      expect(await stateOf(attempt)).toEqual({ kind: 'killed', by: 'unknown' });
    });

    test.each([
      { how: 'checkpoint', want: { kind: 'ended', exitCode: 75 } },
      { how: 'now', want: { kind: 'killed', by: 'unknown' } },
    ] as const)('a waiting attempt that is stopped ($how) never begins', async ({ how, want }) => {
      const [first, second, waiting] = [1, 2, 3].map((attempt) => anAttempt('yield', attempt));
      if (!first || !second || !waiting) throw new Error('three attempts are made above');
      for (const attempt of [first, second, waiting]) await runner.start(attempt);
      await runner.stop(waiting, how);
      expect(await stateOf(waiting)).toEqual(want);
      await runner.stop(first, 'now');
      await reaches(first, 'killed');
      expect(await stateOf(waiting)).toEqual(want);
    });

    test('stopping an attempt that is unknown or has ended is fine', async () => {
      await runner.stop(anAttempt('exit 0'), 'now');
      await runner.start(anAttempt('exit 0'));
      await reaches(anAttempt('exit 0'), 'ended');
      await runner.stop(anAttempt('exit 0'), 'checkpoint');
      await runner.stop(anAttempt('exit 0'), 'now');
      expect(await stateOf(anAttempt('exit 0'))).toEqual({ kind: 'ended', exitCode: 0 });
    });

    test('a step may be written to until its last attempt has ended', async () => {
      const [going, over] = [anAttempt('yield'), anAttempt('exit 0', 1, 'b'.repeat(64))];
      for (const attempt of [going, over]) await runner.start(attempt);
      expect(await runner.mayStillWrite(over.step)).toBe(true);
      await reaches(over, 'ended');
      expect(await runner.mayStillWrite(over.step)).toBe(false);
      await opened.listening(going);
      await runner.stop(going, 'checkpoint');
      expect(await runner.mayStillWrite(going.step)).toBe(true);
      await reaches(going, 'ended');
      expect(await runner.mayStillWrite(going.step)).toBe(false);
      expect(await runner.mayStillWrite('c'.repeat(64))).toBe(false);
    });

    test('a wait for a change ends at the end of an attempt, and whenever its signal aborts', async () => {
      await runner.start(anAttempt('yield'));
      await opened.listening(anAttempt('yield'));
      await reaches(anAttempt('yield'), 'running');
      const never = new AbortController();
      const changed = runner.changed(never.signal);
      const aborting = new AbortController();
      const aborted = runner.changed(aborting.signal);
      aborting.abort();
      await aborted;
      await runner.changed(aborting.signal);
      await runner.stop(anAttempt('yield'), 'checkpoint');
      await changed;
    });

    test('a change between a list and the wait for the next one is not missed', async () => {
      await runner.list();
      await runner.start(anAttempt('hang'));
      await runner.changed(new AbortController().signal);
    });
  });
}
