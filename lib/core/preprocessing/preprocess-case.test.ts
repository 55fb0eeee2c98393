import { describe, expect, it } from 'vitest';
import { resolutionNet, shapeNet, shapeZyx, spacingNet, spacingZyx } from '#core/geometry/axes.ts';
import type { ConfigurationPlan, Plans } from '#core/planning/plans.ts';
import { preprocessCase } from './preprocess-case.ts';

const statistics = { mean: 0, median: 0, std: 1, min: 0, max: 0, percentile00_5: 0, percentile99_5: 0 };
const resampling = { isSegmentation: false, order: 1, orderZ: 0, forceSeparateZ: null } as const;

function configuration(over: Partial<ConfigurationPlan> = {}): ConfigurationPlan {
  return {
    name: '3d_fullres',
    dataIdentifier: 'p_3d_fullres',
    batchSize: 2,
    patchSize: shapeNet(4, 4, 4),
    medianImageSize: [4, 4, 4],
    spacing: spacingNet(1, 1, 1),
    normalizationSchemes: ['NoNormalization'],
    useMaskForNorm: [false],
    resampleImage: resampling,
    resampleSegmentation: { ...resampling, isSegmentation: true },
    resampleProbabilities: resampling,
    architecture: {
      kind: 'PlainConvUNet',
      dimensions: 3,
      featuresPerStage: [],
      kernelSizes: [],
      strides: [],
      encoderBlocksPerStage: [],
      decoderConvolutionsPerStage: [],
      convolutionBias: true,
      normEpsilon: 1e-5,
    },
    batchDice: false,
    previousStage: null,
    nextStages: [],
    ...over,
  };
}

function plans(over: Partial<Plans> = {}): Plans {
  return {
    datasetName: 'd',
    plansName: 'p',
    planner: 'default',
    imageReaderWriter: 'NibabelIO',
    originalMedianSpacing: spacingNet(1, 1, 1),
    originalMedianShape: shapeNet(4, 4, 4),
    transposeForward: [0, 1, 2],
    transposeBackward: [0, 1, 2],
    configurations: [],
    foregroundIntensities: [statistics],
    ...over,
  };
}

/** A block of 2 x 2 x 2 voxels in a corner of an image of zeros, labelled 1. */
function aCase() {
  const shape = shapeZyx(2, 3, 4);
  const spacing = spacingZyx(3, 1, 1);
  const inside = [0, 1, 4, 5, 12, 13, 16, 17];
  const data = Float32Array.from({ length: 24 }, (_, i) => (inside.includes(i) ? 10 + i : 0));
  const label = { shape, spacing, data: Int16Array.from({ length: 24 }, (_, i) => (inside.includes(i) ? 1 : 0)) };
  return { caseId: 'a', image: { channels: 1, shape, spacing, data }, label };
}

describe('preprocessCase', () => {
  it('crops, resamples, and records what undoes it', () => {
    const { image, label, classLocations, record } = preprocessCase(aCase(), plans(), configuration(), [1, 2]);
    expect(image.shape).toEqual([6, 2, 2]);
    expect(image.spacing).toEqual([1, 1, 1]);
    expect(label.data.every((value) => value === 1)).toBe(true);
    expect(classLocations.map(({ locations }) => locations.length / 3)).toEqual([24, 0]);
    expect(record).toEqual({
      shapeBeforeCropping: [2, 3, 4],
      cropBox: [
        [0, 2],
        [0, 2],
        [0, 2],
      ],
      shapeAfterCropping: [2, 2, 2],
      spacingBefore: [3, 1, 1],
    });
  });

  it('works in the order of axes that the plans say', () => {
    const { image, record } = preprocessCase(aCase(), plans({ transposeForward: [2, 0, 1] }), configuration(), [1]);
    expect(record.shapeBeforeCropping).toEqual([4, 2, 3]);
    expect(image.shape).toEqual([2, 6, 2]);
  });

  it('keeps the distance of the slices in 2D', () => {
    const flat = configuration({ name: '2d', spacing: resolutionNet([0.5, 1]) });
    const { image } = preprocessCase(aCase(), plans(), flat, [1]);
    expect(image.shape).toEqual([2, 4, 2]);
    expect(image.spacing).toEqual([3, 0.5, 1]);
  });

  it('normalises before it resamples, and leaves its input alone', () => {
    const given = aCase();
    const before = [...given.image.data];
    const scaled = configuration({ normalizationSchemes: ['RescaleTo01Normalization'] });
    const { image } = preprocessCase(given, plans(), scaled, [1]);
    expect(Math.max(...image.data)).toBe(1);
    expect([...given.image.data]).toEqual(before);
  });

  it('has no locations without a label, and a map of the mask instead', () => {
    const { label, classLocations } = preprocessCase({ ...aCase(), label: null }, plans(), configuration(), [1]);
    expect(classLocations).toEqual([]);
    expect(label.data.every((value) => value === 0)).toBe(true);
  });

  it('refuses an image with other channels than the plans', () => {
    const two = configuration({ normalizationSchemes: ['NoNormalization', 'NoNormalization'] });
    expect(() => preprocessCase(aCase(), plans(), two, [1])).toThrow('case a has 1 channel, the plans are for 2');
    const empty = plans({ foregroundIntensities: [] });
    expect(() => preprocessCase(aCase(), empty, configuration(), [1])).toThrow('no intensity statistics of channel 0');
  });

  it.each([
    { spacing: 1e6, becomes: '2000000 x 2000000 x 2000000' },
    { spacing: 1e-6, becomes: '0 x 0 x 0' },
  ])('refuses a case that $spacing mm make $becomes voxels', ({ spacing, becomes }) => {
    const { image } = aCase();
    const odd = { caseId: 'a', image: { ...image, spacing: spacingZyx(spacing, spacing, spacing) }, label: null };
    const message = `case a: 2 x 2 x 2 voxels of ${[spacing, spacing, spacing].join(' x ')} mm would become ${becomes} voxels`;
    expect(() => preprocessCase(odd, plans(), configuration(), [])).toThrow(message);
  });
});
