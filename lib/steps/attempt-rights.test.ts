import { describe, expect, test } from 'vitest';
import { policyOf } from '#platform/objects/s3-rights.ts';
import { attemptRights } from './attempt-rights.ts';

const RESULTS = { kind: 's3' as const, bucket: 'results', prefix: 'research/' };
const STEP = 'a'.repeat(64);
const described = { datasetUri: 's3://data/hippocampus', pretrainedWeightsUri: 's3://models/hippocampus' };

describe('attemptRights', () => {
  test('an attempt reads results, data set and weights, and writes in its own place', () => {
    expect(attemptRights(RESULTS, STEP, 12, described)).toEqual({
      read: [
        RESULTS,
        { kind: 's3', bucket: 'data', prefix: 'hippocampus/' },
        { kind: 's3', bucket: 'models', prefix: 'hippocampus/' },
      ],
      write: [{ kind: 's3', bucket: 'results', prefix: `research/steps/${STEP}/attempts/12/` }],
      put: [
        { bucket: 'results', name: `research/steps/${STEP}/manifest.json` },
        { bucket: 'results', name: `research/steps/${STEP}/begun/12` },
      ],
    });
  });

  test('what lies in no store is left out', () => {
    const { read } = attemptRights(RESULTS, STEP, 1, { datasetUri: 'file:///data', pretrainedWeightsUri: null });
    expect(read).toEqual([RESULTS]);
  });

  test('as a policy they are short enough for AWS and MinIO, also with long names', () => {
    const long = (letter: string) => `${letter.repeat(50)}/${letter.repeat(60)}`;
    const objects = { ...RESULTS, bucket: 'r'.repeat(63), prefix: `${long('r')}/` };
    const uris = { datasetUri: `s3://${long('d')}`, pretrainedWeightsUri: `s3://${long('w')}` };
    expect(policyOf(attemptRights(objects, STEP, 999, uris)).length).toBeLessThanOrEqual(2048);
  });
});
