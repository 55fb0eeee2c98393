import { expect, test } from 'vitest';
import { ChangeSignal } from './change-signal.ts';

const ended = async (wait: Promise<void>): Promise<boolean> =>
  Promise.race([wait.then(() => true), new Promise<boolean>((resolve) => setImmediate(resolve, false))]);

test('a change ends the wait that is there, or the next one, and only one', async () => {
  const change = new ChangeSignal();
  const { signal } = new AbortController();
  const waiting = change.changed(signal);
  expect(await ended(waiting)).toBe(false);
  change.note();
  expect(await ended(waiting)).toBe(true);
  change.note();
  change.note();
  expect(await ended(change.changed(signal))).toBe(true);
  expect(await ended(change.changed(signal))).toBe(false);
});

test('a wait that is called off leaves the change to the next one', async () => {
  const change = new ChangeSignal();
  const calledOff = new AbortController();
  const waiting = change.changed(calledOff.signal);
  calledOff.abort();
  expect(await ended(waiting)).toBe(true);
  change.note();
  expect(await ended(change.changed(calledOff.signal))).toBe(true);
  expect(await ended(change.changed(new AbortController().signal))).toBe(true);
});
