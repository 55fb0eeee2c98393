import { expect, test } from 'vitest';
import { byAge, newest } from './by-age.ts';

const made = (name: string, creationTimestamp: string) => ({
  metadata: { name, uid: name, resourceVersion: '1', creationTimestamp },
});

const PODS = [made('b', '2026-01-01T00:00:01Z'), made('c', '2026-01-01T00:00:00Z'), made('a', '2026-01-01T00:00:01Z')];

test('objects stand by age, and of one second by name, in whatever order they come', () => {
  for (const pods of [PODS, PODS.toReversed()]) {
    expect(pods.toSorted(byAge).map(({ metadata }) => metadata.name)).toEqual(['c', 'a', 'b']);
    expect(newest(pods)?.metadata.name).toBe('b');
  }
});

test('of none none is the newest', () => {
  expect(newest([])).toBeUndefined();
});
