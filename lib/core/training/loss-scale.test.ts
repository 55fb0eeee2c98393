import { describe, expect, it } from 'vitest';
import { initialLossScale, isDivergence, type LossScale, lossScaleAfter, lossScalingOf } from './loss-scale.ts';

const scaling = { initialScale: 65536, growthFactor: 2, backoffFactor: 0.5, growthInterval: 3 };

/** `g`: a good step, `x`: a skipped one. */
function scalesAfter(steps: string, from: LossScale = initialLossScale(scaling)): LossScale[] {
  let scale = from;
  return [...steps].map((step) => {
    scale = lossScaleAfter(scaling, scale, step === 'x');
    return scale;
  });
}

describe('lossScalingOf', () => {
  it('is GradScaler with its defaults for float16 alone', () => {
    expect(lossScalingOf('float16')).toEqual({ ...scaling, growthInterval: 2000 });
    expect(lossScalingOf('bfloat16')).toBeNull();
    expect(lossScalingOf('float32')).toBeNull();
  });
});

describe('lossScaleAfter', () => {
  it('halves the scale when a step was skipped, each time', () => {
    expect(scalesAfter('xx').map(({ scale }) => scale)).toEqual([32768, 16384]);
  });

  it('doubles the scale after as many good steps in a row as the interval says, and counts anew', () => {
    expect(scalesAfter('gggg')).toEqual([
      { scale: 65536, growthTracker: 1 },
      { scale: 65536, growthTracker: 2 },
      { scale: 131072, growthTracker: 0 },
      { scale: 131072, growthTracker: 1 },
    ]);
  });

  it('begins to count again after a skipped step', () => {
    expect(scalesAfter('ggxggg')).toEqual([
      { scale: 65536, growthTracker: 1 },
      { scale: 65536, growthTracker: 2 },
      { scale: 32768, growthTracker: 0 },
      { scale: 32768, growthTracker: 1 },
      { scale: 32768, growthTracker: 2 },
      { scale: 65536, growthTracker: 0 },
    ]);
  });

  it('falls below 1 as it falls above', () => {
    expect(scalesAfter('xx', { scale: 1, growthTracker: 2 }).at(-1)).toEqual({ scale: 0.25, growthTracker: 0 });
  });

  it('stays where doubling would leave float32, and counts anew', () => {
    expect(scalesAfter('g', { scale: 2 ** 127, growthTracker: 2 })).toEqual([{ scale: 2 ** 127, growthTracker: 0 }]);
  });

  it('rounds to float32, as PyTorch stores the scale', () => {
    const odd = { ...scaling, backoffFactor: 0.1 };
    expect(lossScaleAfter(odd, { scale: 3, growthTracker: 0 }, true).scale).toBe(Math.fround(3 * 0.1));
  });
});

describe('isDivergence', () => {
  it.each([
    { name: 'a good step', loss: 1, skipped: false, lossScale: 1, want: false },
    { name: 'a loss that is not finite, at any scale', loss: Number.NaN, skipped: true, lossScale: 65536, want: true },
    { name: 'an overflow without loss scaling', loss: 1, skipped: true, lossScale: 1, want: true },
    { name: 'an overflow at a scale above 1', loss: 1, skipped: true, lossScale: 2, want: false },
    { name: 'an overflow at a scale below 1', loss: 1, skipped: true, lossScale: 0.5, want: true },
  ])('$name: $want', ({ want, ...step }) => {
    expect(isDivergence(step)).toBe(want);
  });
});
