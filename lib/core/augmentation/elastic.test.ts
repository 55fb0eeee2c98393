import { describe, expect, it } from 'vitest';
import { elasticDisplacement } from './elastic.ts';
import { transformPatch } from './spatial.ts';

const plan = { amplitude: 100, sigma: 2, key: [3, 4] as const };

describe('elasticDisplacement', () => {
  const extent = [12, 16, 10];
  const voxels = 12 * 16 * 10;

  it('moves every axis its own way, the patch as a whole nowhere', () => {
    const displacement = elasticDisplacement(plan, extent);
    const fields = [0, 1, 2].map((axis) => displacement.slice(axis * voxels, (axis + 1) * voxels));
    for (const field of fields) {
      expect(Math.abs(field.reduce((sum, value) => sum + value, 0) / voxels)).toBeLessThan(1e-5);
      expect(Math.max(...field)).toBeGreaterThan(1);
    }
    expect(fields[0]).not.toEqual(fields[1]);
  });

  it('changes little from voxel to voxel', () => {
    const displacement = elasticDisplacement(plan, extent);
    const steps = Array.from({ length: voxels }, (_, i) =>
      i % 10 === 9 ? 0 : Math.abs((displacement[i + 1] ?? 0) - (displacement[i] ?? 0)),
    );
    const largest = displacement.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(Math.max(...steps)).toBeLessThan(largest / 2);
  });

  it('is the same for the same key, another for another, and grows with the amplitude', () => {
    const displacement = elasticDisplacement(plan, extent);
    expect(elasticDisplacement(plan, extent)).toEqual(displacement);
    expect(elasticDisplacement({ ...plan, key: [3, 5] }, extent)).not.toEqual(displacement);
    const twice = elasticDisplacement({ ...plan, amplitude: 200 }, extent);
    for (const at of [0, 500, 4000]) expect(twice[at]).toBeCloseTo(2 * (displacement[at] ?? 0), 3);
  });

  it('smooths noise to the deviation that a Gaussian leaves of it', () => {
    // In the middle of a long line, white noise of deviation 1 keeps sqrt(1 / (2 sqrt(pi) sigma)) of it.
    const line = elasticDisplacement({ amplitude: 1, sigma: 4, key: [1, 2] }, [20_000]);
    const deviation = Math.sqrt(line.reduce((sum, value) => sum + value ** 2, 0) / line.length);
    // Some 20,000 / 14 independent values: 2 % of a deviation, five times that allowed.
    expect(deviation / Math.sqrt(1 / (2 * Math.sqrt(Math.PI) * 4))).toBeCloseTo(1, 1);
  });
});

describe('transformPatch', () => {
  const shape = [3, 6, 6];
  const patch = {
    channels: 1,
    shape,
    image: Float32Array.from({ length: 108 }, (_, i) => i % 36),
    label: Int16Array.from({ length: 108 }, (_, i) => Math.floor((i % 36) / 12)),
    previousStage: { map: Int16Array.from({ length: 108 }, (_, i) => Math.floor((i % 36) / 12)), labels: [1, 2] },
  };

  it('moves image, label and the labels of a previous stage together', () => {
    const spatial = { matrix: [1, 0, 0, 0, 1, 0, 0, 0, 1], dummy2d: false, elastic: { ...plan, amplitude: 40 } };
    const got = transformPatch(patch, spatial, shape);
    expect(got.image).not.toEqual(patch.image);
    expect(got.label).not.toEqual(patch.label);
    expect(got.previousStage?.map).toEqual(got.label);
  });

  it('deforms every slice alike in dummy 2D', () => {
    const spatial = { matrix: [1, 0, 0, 1], dummy2d: true, elastic: { ...plan, amplitude: 40 } };
    const { image } = transformPatch(patch, spatial, shape);
    expect(image.slice(0, 36)).not.toEqual(patch.image.slice(0, 36));
    expect(image.slice(36, 72)).toEqual(image.slice(0, 36));
  });
});
