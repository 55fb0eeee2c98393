import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateCase } from './evaluate-case.ts';

describe('evaluateCase', () => {
  it('counts voxels per label and derives Dice and IoU', () => {
    expect(evaluateCase([0, 1, 1, 2, 2, 2], [0, 1, 2, 2, 2, 0], [1, 2])).toEqual([
      {
        truePositives: 1,
        falsePositives: 1,
        falseNegatives: 0,
        trueNegatives: 4,
        dice: 2 / 3,
        iou: 1 / 2,
        predicted: 2,
        reference: 1,
      },
      {
        truePositives: 2,
        falsePositives: 1,
        falseNegatives: 1,
        trueNegatives: 2,
        dice: 2 / 3,
        iou: 1 / 2,
        predicted: 3,
        reference: 3,
      },
    ]);
  });

  it.each([
    { name: 'in neither map is not a number', prediction: [0, 0], reference: [0, 0], wantDice: Number.NaN },
    { name: 'predicted but absent scores 0', prediction: [0, 1], reference: [0, 0], wantDice: 0 },
    { name: 'present but missed scores 0', prediction: [0, 0], reference: [0, 1], wantDice: 0 },
    { name: 'found exactly scores 1', prediction: [0, 1], reference: [0, 1], wantDice: 1 },
  ])('a label that is $name', ({ prediction, reference, wantDice }) => {
    expect(evaluateCase(prediction, reference, [1])[0]?.dice).toBe(wantDice);
  });

  it('evaluates a region as the union of its labels', () => {
    const [region] = evaluateCase([1, 2, 0, 3], [2, 1, 1, 3], [[1, 2]]);
    expect(region).toMatchObject({ truePositives: 2, falsePositives: 0, falseNegatives: 1, trueNegatives: 1 });
  });

  it('leaves out voxels whose reference is the ignore label', () => {
    const [label] = evaluateCase([1, 1, 0, 9], [1, 9, 0, 9], [1], 9);
    expect(label).toMatchObject({ truePositives: 1, falsePositives: 0, falseNegatives: 0, trueNegatives: 1 });
  });

  it('counts every voxel once per label', () => {
    const labelMap = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(labelMap, labelMap, (prediction, reference) => {
        for (const m of evaluateCase(prediction, reference, [0, 1, 2, [3, 4]]))
          expect(m.truePositives + m.falsePositives + m.falseNegatives + m.trueNegatives).toBe(20);
      }),
    );
  });

  it('refuses maps of different length', () => {
    expect(() => evaluateCase([0], [0, 1], [1])).toThrow('prediction has 1 voxels, its reference 2');
  });
});
