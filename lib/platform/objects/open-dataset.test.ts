import { describe, expect, test } from 'vitest';
import { ManualClock } from '#test/manual-clock.ts';
import type { ObjectAddress } from './object-address.ts';
import { datasetOpener } from './open-dataset.ts';

const SETTINGS = { s3: null, handedOver: null, patienceSeconds: 1, clock: new ManualClock() };
const FOLDER: ObjectAddress = { kind: 'folder', folder: '/home/objects' };
const BUCKET: ObjectAddress = { kind: 's3', bucket: 'imaging', prefix: '' };

describe('datasetOpener', () => {
  test('opens a folder where results are in a folder too', () => {
    expect(() => datasetOpener(SETTINGS, FOLDER)('file:///data/liver')).not.toThrow();
  });

  test.each([
    { uri: 'file:///etc', results: BUCKET, want: /a folder of one machine, which pods do not see; .* s3:\/\/bucket/ },
    { uri: 's3://imaging/liver', results: FOLDER, want: /no S3 store is known here/ },
    { uri: 'https://store/liver', results: BUCKET, want: /expected file:\/\/\/folder or s3:\/\/bucket\/prefix/ },
  ])('$uri is refused', ({ uri, results, want }) => {
    expect(() => datasetOpener(SETTINGS, results)(uri)).toThrow(want);
  });
});
