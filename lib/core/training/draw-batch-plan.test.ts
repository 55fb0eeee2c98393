import { describe, expect, it } from 'vitest';
import { AUGMENTATIONS } from '#core/augmentation/settings.ts';
import { extentNet } from '#core/geometry/axes.ts';
import { drawTrainingBatch, drawValidationBatch, patchSource } from './draw-batch-plan.ts';
import type { SampledCase } from './patch-sampling.ts';

const cases: SampledCase[] = [0, 1, 2].map((i) => ({
  shape: [60, 60, 60],
  classLocations: [{ label: 1, locations: Int32Array.of(40 + i, 30, 30) }],
}));
const configuration = { patchSize: extentNet([16, 24, 24]), batchSize: 4, useMaskForNorm: [false, true] };
const DRAWS = { oversampleForeground: 0.33, settings: AUGMENTATIONS.v2, previousStageLabels: 0 };
const source = patchSource(cases, configuration, DRAWS);
const place = { seed: 1, epoch: 2, iteration: 3 };

describe('drawTrainingBatch', () => {
  it('gives the same batch at the same place, whatever was drawn before', () => {
    const first = drawTrainingBatch(source, place);
    drawTrainingBatch(source, { ...place, iteration: 4 });
    expect(drawTrainingBatch(source, place)).toEqual(first);
  });

  it.each([
    { name: 'seed', other: { ...place, seed: 2 } },
    { name: 'epoch', other: { ...place, epoch: 3 } },
    { name: 'iteration', other: { ...place, iteration: 2 } },
  ])('gives another batch at another $name', ({ other }) => {
    expect(drawTrainingBatch(source, other)).not.toEqual(drawTrainingBatch(source, place));
  });

  it('reads the initial patch and hands the network the final one', () => {
    const { patchSize, initialPatchSize, samples } = drawTrainingBatch(source, place);
    expect(patchSize).toEqual([16, 24, 24]);
    expect(initialPatchSize).toEqual(source.initialPatchSize);
    expect(samples).toHaveLength(4);
    expect(samples[0]?.augmentation?.maskedChannels).toEqual([1]);
  });

  it('centres only the last third on foreground', () => {
    const centred = [0, 0, 0, 0];
    for (let iteration = 0; iteration < 200; iteration++)
      for (const [j, { caseIndex, corner }] of drawTrainingBatch(source, { ...place, iteration }).samples.entries())
        if (corner[0] === 40 + caseIndex - Math.floor((source.initialPatchSize[0] ?? 0) / 2))
          centred[j] = (centred[j] ?? 0) + 1;
    const [first = 0, second = 0, third = 0, last = 0] = centred;
    expect(last).toBe(200);
    // By chance, one start in about 20.
    for (const free of [first, second, third]) expect(free).toBeLessThan(40);
  });

  it('draws every case', () => {
    const drawn = Array.from({ length: 50 }, (_, iteration) => drawTrainingBatch(source, { ...place, iteration }));
    expect(new Set(drawn.flatMap(({ samples }) => samples.map(({ caseIndex }) => caseIndex)))).toEqual(
      new Set([0, 1, 2]),
    );
  });
});

describe('drawValidationBatch', () => {
  it('reads the final patch as it is', () => {
    const { patchSize, initialPatchSize, samples } = drawValidationBatch(source, place);
    expect(initialPatchSize).toEqual(patchSize);
    for (const { augmentation } of samples) expect(augmentation).toBeNull();
  });

  it('draws its own numbers, not those of the training batch', () => {
    const training = Array.from({ length: 20 }, (_, iteration) => drawTrainingBatch(source, { ...place, iteration }));
    const validation = Array.from({ length: 20 }, (_, iteration) =>
      drawValidationBatch(source, { ...place, iteration }),
    );
    const drawn = (batches: typeof training): number[] =>
      batches.flatMap(({ samples }) => samples.map(({ caseIndex }) => caseIndex));
    expect(drawn(validation)).not.toEqual(drawn(training));
  });
});

describe('patchSource', () => {
  it('refuses a fold without a case', () => {
    expect(() => patchSource([], configuration, DRAWS)).toThrow('at least one case');
  });
});
