import { expect, test } from 'vitest';
import { anAttempt, anObservation } from '#test/observation.ts';
import { isSuperseded } from './superseded.ts';

const first = anAttempt({ attempt: 1, run: { kind: 'killed', by: 'disruption' } });
const second = anAttempt({ attempt: 2 });
const [done] = anObservation({ done: ['ingest'] }).steps;
const [undone] = anObservation().steps;
const manifest = done?.manifest ?? null;

test.each([
  { name: 'the only attempt goes on', of: { manifest: null, attempts: [anAttempt()] }, attempt: 1, want: false },
  {
    name: 'one whose successor runs has lost its place',
    of: { manifest: null, attempts: [first, second] },
    attempt: 1,
    want: true,
  },
  { name: 'the successor goes on', of: { manifest: null, attempts: [first, second] }, attempt: 2, want: false },
  {
    name: 'one whose successor still waits goes on meanwhile',
    of: { manifest: null, attempts: [first, { ...second, run: { kind: 'pending', waitsFor: null } as const }] },
    attempt: 1,
    want: false,
  },
  {
    name: 'the one that made the step done ends by itself',
    of: { manifest, attempts: [] },
    attempt: manifest?.attempt ?? 0,
    want: false,
  },
  { name: 'another one has lost its place then', of: { manifest, attempts: [] }, attempt: 7, want: true },
])('$name', ({ of, attempt, want }) => {
  expect(undone?.manifest).toBeNull();
  expect(manifest).not.toBeNull();
  expect(isSuperseded(of, attempt)).toBe(want);
});
