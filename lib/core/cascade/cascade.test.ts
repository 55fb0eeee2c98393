import { describe, expect, it } from 'vitest';
import { resolutionNet, shapeNet, spacingNet } from '#core/geometry/axes.ts';
import { nextStageLogits } from './next-stage.ts';
import { withPreviousStageChannels } from './previous-stage-channels.ts';

const resampleProbabilities = { isSegmentation: false, order: 1, orderZ: 0, forceSeparateZ: null } as const;
const record = { shapeAfterCropping: [1, 1, 4], spacingBefore: [1, 1, 1] } as const;

describe('nextStageLogits', () => {
  it('resamples each head to the grid of the next stage’s arrays', () => {
    const logits = { shape: [2, 1, 1, 2], data: Float32Array.of(0, 0, 0, 8) };
    const low = { spacing: resolutionNet([1, 1, 2]), resampleProbabilities };
    const { shape, logits: resampled } = nextStageLogits(logits, record, low, { spacing: resolutionNet([1, 1, 1]) });
    expect(shape).toEqual(shapeNet(1, 1, 4));
    expect([...resampled]).toEqual([0, 0, 0, 0, 0, 2, 6, 8]);
  });

  it('decides from the first stage’s spacing whether slices are resampled by themselves', () => {
    // Slices 6 mm apart: nearest along the first axis (orderZ 0), although the next stage’s are not far apart.
    const thick = { spacing: resolutionNet([6, 1, 1]), resampleProbabilities };
    const slices = { shapeAfterCropping: [4, 1, 1], spacingBefore: [3, 1, 1] } as const;
    const logits = { shape: [1, 2, 1, 1], data: Float32Array.of(0, 8) };
    const { logits: resampled } = nextStageLogits(logits, slices, thick, { spacing: resolutionNet([3, 1, 1]) });
    expect([...resampled]).toEqual([0, 0, 8, 8]);
  });

  it('refuses what is no volume of logits', () => {
    const flat = { shape: [2, 4], data: new Float32Array(8) };
    const low = { spacing: resolutionNet([1, 1, 2]), resampleProbabilities };
    expect(() => nextStageLogits(flat, record, low, low)).toThrow('expected logits (heads, ...net), got 2 x 4');
  });
});

describe('withPreviousStageChannels', () => {
  const image = {
    channels: 1,
    shape: shapeNet(1, 1, 4),
    spacing: spacingNet(1, 1, 1),
    data: Float32Array.of(5, 6, 7, 8),
  };

  it('adds a channel per foreground label', () => {
    const joined = withPreviousStageChannels(image, Int16Array.of(-1, 0, 2, 1), [1, 2]);
    expect(joined.channels).toBe(3);
    expect([...joined.data]).toEqual([5, 6, 7, 8, 0, 0, 0, 1, 0, 0, 1, 0]);
  });

  it('refuses a map of another size', () => {
    expect(() => withPreviousStageChannels(image, Int16Array.of(1), [1])).toThrow(
      'expected a previous stage of 4 voxels',
    );
  });
});
