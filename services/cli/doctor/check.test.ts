import { describe, expect, test } from 'vitest';
import { examine, fault, findingsText, isHealthy, ok, warning } from './check.ts';

const found = (...levels: readonly (typeof ok | typeof warning | typeof fault)[]) =>
  levels.map((level, i) => ({ name: `check ${i}`, ...level('something is so', 'mend it') }));

describe('examine', () => {
  test('goes on after a check that throws, and counts that as a fault', async () => {
    const findings = await examine([
      { name: 'disk', look: () => Promise.reject(new Error('no such disk')) },
      { name: 'memory', look: async () => ok('64 GiB') },
    ]);
    expect(findings).toMatchObject([
      { name: 'disk', level: 'fault', detail: 'no such disk' },
      { name: 'memory', level: 'ok', detail: '64 GiB' },
    ]);
  });
});

describe('isHealthy', () => {
  test.each([
    { name: 'nothing to remark', levels: [ok], want: true },
    { name: 'a warning', levels: [ok, warning], want: true },
    { name: 'a fault', levels: [warning, fault], want: false },
  ])('$name: $want', ({ levels, want }) => {
    expect(isHealthy(found(...levels))).toBe(want);
  });
});

describe('findingsText', () => {
  test('lines up what was found, says what to do below it, and ends with the verdict', () => {
    const text = findingsText(
      [
        { name: 'disk', ...ok('12 GiB free') },
        { name: 'engine', ...fault('not built', 'run npm run setup') },
      ],
      'here',
    );
    expect(text.split('\n')).toEqual([
      'ok       disk    12 GiB free',
      'fault    engine  not built',
      '                 run npm run setup',
      'to be mended first: engine',
      '',
    ]);
  });

  test('says where Tasks can be carried out when nothing stands in the way', () => {
    expect(findingsText([{ name: 'disk', ...ok('12 GiB free') }], 'on this cluster')).toContain(
      'Tasks can be carried out on this cluster',
    );
  });
});
