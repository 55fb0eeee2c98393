import { describe, expect, it } from 'vitest';
import { type PatchRequest, patchesTried } from './patch-size.ts';
import { PLANNERS } from './planners.ts';

const aRequest = (changed: Partial<PatchRequest>): PatchRequest => ({
  planner: PLANNERS.default,
  spacing: [1, 1, 1],
  medianImageSize: [64, 64, 64],
  allowedEstimate: 560e6,
  labelEntries: 2,
  ...changed,
});

describe('patchesTried', () => {
  it('starts and ends with the median image where that fits', () => {
    const [only, ...others] = patchesTried(aRequest({}));
    expect(only.patchSize).toEqual([64, 64, 64]);
    expect(only.estimate).toBe(56_270_848);
    expect(others).toEqual([]);
  });

  it('shrinks the axis that covers most of the image until the memory suffices', () => {
    const tried = patchesTried(aRequest({ spacing: [1.45, 0.79, 0.79], medianImageSize: [207, 512, 512] }));
    expect(tried).toHaveLength(13);
    expect(tried.at(-1)).toMatchObject({ patchSize: [64, 192, 192], estimate: 507_082_752 });
    expect(tried.at(-2)?.estimate).toBeGreaterThan(560e6);
  });

  it('follows anisotropic spacing with strides and kernels', () => {
    const request = aRequest({ spacing: [4, 0.8, 0.8], medianImageSize: [40.5, 449, 458.5], labelEntries: 3 });
    const tried = patchesTried(request);
    expect(tried).toHaveLength(10);
    expect(tried.at(-1)).toMatchObject({ patchSize: [28, 256, 256], estimate: 541_313_024 });
  });

  it('starts a slice at 2048² voxels’ field of view', () => {
    const huge = patchesTried(aRequest({ spacing: [1, 1], medianImageSize: [9000, 9000], allowedEstimate: 1e12 }));
    expect(huge[0].patchSize).toEqual([2048, 2048]);
  });

  it('asks of a residual network that its reference batch fits', () => {
    const request = { spacing: [1, 1], medianImageSize: [512, 512], allowedEstimate: 100e6 };
    const plain = patchesTried(aRequest(request));
    const residual = patchesTried(aRequest({ ...request, planner: PLANNERS.resenc }));
    expect(plain).toHaveLength(1);
    expect(residual.length).toBeGreaterThan(1);
    expect(residual.at(-1)?.estimate).toBeLessThanOrEqual(100e6);
  });
});
