import { describe, expect, it } from 'vitest';
import { labelKey, labelOfKey } from '#core/dataset/label-or-region.ts';
import { evaluateCase } from './evaluate-case.ts';
import { type EvaluatedCase, summarize } from './summary.ts';
import { formatSummary } from './summary-json.ts';

const aCase = (prediction: number[], reference: number[], labels: number[]): EvaluatedCase => ({
  predictionFile: 'case_1.nii.gz',
  referenceFile: 'labelsTr/case_1.nii.gz',
  metrics: evaluateCase(prediction, reference, labels),
});

describe('summarize', () => {
  it('leaves a case without a number out of a label’s mean', () => {
    const summary = summarize([1], [aCase([0, 0], [0, 0], [1]), aCase([1, 0], [1, 1], [1])]);
    expect(summary.mean[0]?.dice).toBe(2 / 3);
    expect(summary.mean[0]?.reference).toBe(1); // counts are averaged over both cases: (0 + 2) / 2
  });

  it('is not a number overall when a label occurs in no case', () => {
    const summary = summarize([1, 2], [aCase([1], [1], [1, 2])]);
    expect(summary.mean[0]?.dice).toBe(1);
    expect(summary.foregroundMean.dice).toBeNaN();
  });

  it('leaves the background out of the foreground mean', () => {
    const summary = summarize([0, 1], [aCase([0, 0, 0, 1], [0, 0, 1, 0], [0, 1])]);
    expect(summary.foregroundMean.dice).toBe(0);
  });

  it('refuses a case that was evaluated on other labels', () => {
    expect(() => summarize([1, 2], [aCase([1], [1], [1])])).toThrow('metrics of 1 labels, expected 2');
  });
});

describe('formatSummary', () => {
  it('writes nnU-Net’s keys sorted, with the bare token NaN', () => {
    const text = formatSummary(summarize([1], [aCase([0], [0], [1])]));
    expect(text.split('\n').slice(0, 11)).toEqual([
      '{',
      '    "foreground_mean": {',
      '        "Dice": NaN,',
      '        "FN": 0,',
      '        "FP": 0,',
      '        "IoU": NaN,',
      '        "TN": 1,',
      '        "TP": 0,',
      '        "n_pred": 0,',
      '        "n_ref": 0',
      '    },',
    ]);
    expect(text).toContain('"prediction_file": "case_1.nii.gz"');
    expect(text).toContain('"reference_file": "labelsTr/case_1.nii.gz"');
  });

  it('writes a summary without cases as empty lists', () => {
    expect(formatSummary(summarize([1], []))).toContain('"metric_per_case": []');
  });
});

describe('labelKey', () => {
  it.each([
    { label: 3, want: '3' },
    { label: [1, 2], want: '(1, 2)' },
    { label: [4], want: '(4,)' },
  ])('prints $label as Python would: $want', ({ label, want }) => {
    expect(labelKey(label)).toBe(want);
    expect(labelOfKey(want)).toEqual(label);
  });

  it.each(['liver', '', '()', '(1 2)', '-1'])("is never '%s'", (key) => {
    expect(() => labelOfKey(key)).toThrow(`'${key}' is no label`);
  });
});
