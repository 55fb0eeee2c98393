import { describe, expect, it } from 'vitest';
import type { DatasetFingerprint } from '#core/fingerprint/dataset-fingerprint.ts';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { formatFingerprint, parseFingerprint } from './fingerprint-json.ts';

const statistics = { mean: 100, median: 99, std: 10, min: 0, max: 200, percentile00_5: 1.5, percentile99_5: 190 };

const fingerprint: DatasetFingerprint = {
  spacings: [spacingZyx(3, 1, 1), spacingZyx(2.5, 1, 1)],
  shapesAfterCrop: [shapeZyx(20, 64, 64), shapeZyx(24, 60, 62)],
  // Eleven, so that a channel order by text (0, 1, 10, 2) would show.
  foregroundIntensities: Array.from({ length: 11 }, (_, channel) => ({ ...statistics, median: channel })),
  medianRelativeSizeAfterCropping: 0.8,
};

describe('dataset_fingerprint.json', () => {
  it('survives the round trip, channels in order', () => {
    expect(parseFingerprint(formatFingerprint(fingerprint))).toEqual(fingerprint);
  });

  it('has nnU-Net’s keys, sorted', () => {
    const json = JSON.parse(formatFingerprint(fingerprint));
    expect(Object.keys(json)).toEqual([
      'foreground_intensity_properties_per_channel',
      'median_relative_size_after_cropping',
      'shapes_after_crop',
      'spacings',
    ]);
    const wantKeys = ['max', 'mean', 'median', 'min', 'percentile_00_5', 'percentile_99_5', 'std'];
    expect(Object.keys(json.foreground_intensity_properties_per_channel['0'])).toEqual(wantKeys);
  });

  it.each([
    { name: 'no case', change: { spacings: [] } },
    { name: 'a spacing of 0', change: { spacings: [[0, 1, 1]] } },
    { name: 'a spacing too few', change: { spacings: [[3, 1, 1]] } },
    { name: 'no channel', change: { foreground_intensity_properties_per_channel: {} } },
    { name: 'a shape of two axes', change: { shapes_after_crop: [[20, 64]] } },
  ])('refuses $name', ({ change }) => {
    const text = JSON.stringify({ ...JSON.parse(formatFingerprint(fingerprint)), ...change });
    expect(() => parseFingerprint(text)).toThrow(Object.keys(change)[0]);
  });

  it('says how the lengths of its lists differ', () => {
    const text = formatFingerprint({ ...fingerprint, spacings: [spacingZyx(3, 1, 1)] });
    expect(() => parseFingerprint(text)).toThrow('got 2 in shapes_after_crop and 1 in spacings');
  });
});
