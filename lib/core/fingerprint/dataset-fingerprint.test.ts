import { describe, expect, it } from 'vitest';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import type { CaseFingerprint } from './case-fingerprint.ts';
import { datasetFingerprint, NoForegroundError } from './dataset-fingerprint.ts';
import { EMPTY_SAMPLE } from './foreground-sample.ts';

const sampleOf = (value: number) => ({ values: Float32Array.of(value), cumulativeCounts: Uint32Array.of(4) });

const aCase = (changed: Partial<CaseFingerprint> = {}): CaseFingerprint => ({
  spacing: spacingZyx(3, 1, 1),
  shapeAfterCrop: shapeZyx(20, 64, 64),
  relativeSizeAfterCropping: 1,
  foreground: [sampleOf(10)],
  ...changed,
});

describe('datasetFingerprint', () => {
  it('lists grids in case order and takes the median share left by the crop', () => {
    const cases = [
      aCase({ relativeSizeAfterCropping: 0.25 }),
      aCase({ spacing: spacingZyx(2, 1, 1) }),
      aCase({ relativeSizeAfterCropping: 0.75 }),
    ];
    const fingerprint = datasetFingerprint(cases);
    expect(fingerprint.spacings).toEqual([
      [3, 1, 1],
      [2, 1, 1],
      [3, 1, 1],
    ]);
    expect(fingerprint.shapesAfterCrop).toHaveLength(3);
    expect(fingerprint.medianRelativeSizeAfterCropping).toBe(0.75);
  });

  it('describes each channel over all cases, also where some have no foreground', () => {
    const fingerprint = datasetFingerprint([
      aCase({ foreground: [sampleOf(10), sampleOf(1)] }),
      aCase({ foreground: [EMPTY_SAMPLE, EMPTY_SAMPLE] }),
      aCase({ foreground: [sampleOf(20), sampleOf(3)] }),
    ]);
    expect(fingerprint.foregroundIntensities.map(({ mean }) => mean)).toEqual([15, 2]);
  });

  it('says so when no case has foreground', () => {
    const empty = aCase({ foreground: [EMPTY_SAMPLE] });
    expect(() => datasetFingerprint([empty, empty])).toThrow(NoForegroundError);
    expect(() => datasetFingerprint([empty, empty])).toThrow('none of the 2 training cases has a voxel with a label');
  });
});
