import { describe, expect, it } from 'vitest';
import { chooseInference, type InferenceWish } from './inference-choice.ts';
import type { Inference } from './inference-json.ts';

const SAID: Inference = {
  members: ['2d'],
  voting: 'soft',
  folds: [0, 1, 2],
  postprocessing: [],
  labels: [],
  stepFraction: 0.5,
  mirroring: true,
};

const choose = (wish: Partial<InferenceWish>): Inference =>
  chooseInference(SAID, { folds: null, stepFraction: null, mirroring: null, ...wish }, 16);

describe('chooseInference', () => {
  it('is what the model says but for what is wished', () => {
    expect(choose({})).toEqual(SAID);
    expect(choose({ stepFraction: 1, mirroring: false })).toEqual({ ...SAID, stepFraction: 1, mirroring: false });
  });

  it('counts a fold named twice once', () => {
    expect(choose({ folds: [2, 0, 2] }).folds).toEqual([2, 0]);
  });

  it('names the folds there are when it is asked for others', () => {
    expect(() => choose({ folds: [7, 1, 8] })).toThrow(
      expect.objectContaining({
        code: 'FOLD_NOT_FOUND',
        message: 'the model has no fold 7, 8; it has the folds 0, 1, 2',
      }),
    );
    expect(() => choose({ folds: [] })).toThrow('no fold was chosen; name at least one');
  });

  it('refuses a step of less than a voxel, and says what is enough', () => {
    expect(() => choose({ stepFraction: 1e-9 })).toThrow(/1e-9 is less than one of the 16 voxels.*at least 0\.063/);
    expect(choose({ stepFraction: 0.063 }).stepFraction).toBe(0.063);
  });
});
