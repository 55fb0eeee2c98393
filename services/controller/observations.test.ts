import { describe, expect, test } from 'vitest';
import { anAttempt, anObservation } from '#test/observation.ts';
import { aTask } from '#test/observed-task.ts';
import type { Observed } from './decide/observed.ts';
import { Observations } from './observations.ts';

/** The Task of `aTask` under a name of its own; without a selection all such Tasks share their first step. */
function observed(name: string, selection?: object): Observed {
  const task = aTask({ spec: { dataset: { uri: '/data', ...(selection === undefined ? {} : { selection }) } } });
  return anObservation({ task: { ...task, metadata: { ...task.metadata, name } } });
}

const ingestOf = ({ steps }: Observed): string => steps.find(({ node }) => node.key === 'ingest')?.digest ?? '';

describe('Observations', () => {
  test('find every Task that needs a step', () => {
    const observations = new Observations();
    for (const name of ['liver', 'spleen']) observations.set(observed(name), 'working');
    observations.set(observed('heart', { train: 5, test: 0, seed: 1 }), 'working');
    expect(observations.needing(ingestOf(observed('liver')))).toEqual(['liver', 'spleen']);
  });

  test('of a Task whose spec changed count for its new steps alone', () => {
    const observations = new Observations();
    const [before, after] = [observed('liver'), observed('liver', { train: 5, test: 0, seed: 1 })];
    observations.set(before, 'working');
    observations.set(after, 'working');
    expect(observations.needing(ingestOf(before))).toEqual([]);
    expect(observations.needing(ingestOf(after))).toEqual(['liver']);
  });

  test('tell when another attempt has taken the place of one', () => {
    const observations = new Observations();
    const lost = anAttempt({ attempt: 1, run: { kind: 'killed', by: 'disruption' } });
    const seen = anObservation({ attempts: { ingest: [lost, anAttempt({ attempt: 2 })] } });
    observations.set(seen, 'working');
    expect([1, 2].map((attempt) => observations.isSuperseded(ingestOf(seen), attempt))).toEqual([true, false]);
    expect(observations.isSuperseded('a step of nobody', 1)).toBe(false);
  });

  test('keep the verdicts on the Tasks that need a step', () => {
    const observations = new Observations();
    observations.set(observed('liver'), 'working');
    observations.set(observed('spleen'), 'failed');
    observations.set(observed('liver'), 'suspended');
    const ingest = ingestOf(observed('liver'));
    expect(observations.verdictsOfThoseNeeding(ingest).sort()).toEqual(['failed', 'suspended']);
    observations.delete('liver');
    expect(observations.verdictsOfThoseNeeding(ingest)).toEqual(['failed']);
  });

  test('of a Task that is gone are gone', () => {
    const observations = new Observations();
    observations.set(observed('liver'), 'working');
    observations.delete('liver');
    observations.delete('liver');
    expect(observations.of('liver')).toBeUndefined();
    expect(observations.needing(ingestOf(observed('liver')))).toEqual([]);
  });

  test('tell whether the steps of some Task have no name', () => {
    const observations = new Observations();
    observations.set(observed('liver'), 'working');
    expect(observations.someAreUnnamed).toBe(false);
    const datasetFault = { code: 'DATASET_NOT_FOUND', message: 'no folder' };
    observations.set({ ...observed('heart'), datasetFault, steps: [] }, 'working');
    expect(observations.someAreUnnamed).toBe(true);
    observations.delete('heart');
    expect(observations.someAreUnnamed).toBe(false);
  });
});
