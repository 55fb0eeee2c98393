import { describe, expect, it } from 'vitest';
import { evaluateCase } from '#core/evaluation/evaluate-case.ts';
import { type EvaluatedCase, summarize } from '#core/evaluation/summary.ts';
import { formatSummary } from '#core/evaluation/summary-json.ts';
import { casesOfSummary, parseSummary } from './summary-json.ts';

const aCase = (prediction: number[], reference: number[]): EvaluatedCase => ({
  predictionFile: '/data/a NaN, b/case_1.nii.gz',
  referenceFile: 'labelsTr/case_1.nii.gz',
  metrics: evaluateCase(prediction, reference, [1, 2, [1, 2]]),
});
const summary = summarize([1, 2, [1, 2]], [aCase([1, 0], [1, 1]), aCase([0, 0], [0, 0])]);
const text = formatSummary(summary);

describe('parseSummary', () => {
  it('reads back what was written, NaN included, also of files whose names say NaN', () => {
    const read = parseSummary(text);
    expect({ ...read, labels: new Set(read.labels) }).toEqual({ ...summary, labels: new Set(summary.labels) });
  });

  it('derives every other number from the four counts', () => {
    const { foregroundMean } = parseSummary(text.replaceAll(/"Dice": [\d.]+/g, '"Dice": 7'));
    expect(foregroundMean.dice).toEqual(summary.foregroundMean.dice);
  });

  it.each([
    { name: 'a count that is no number', was: /"FN": 1/, is: '"FN": NaN', want: 'received null' },
    { name: 'a case without a count', was: /"TN": 0,/, is: '', want: 'received undefined' },
  ])('refuses $name by its label and key', ({ was, is, want }) => {
    const start = text.indexOf('metric_per_case');
    const damaged = text.slice(0, start) + text.slice(start).replace(was, is);
    expect(damaged).not.toBe(text);
    expect(() => parseSummary(damaged)).toThrow(want);
    expect(() => parseSummary(damaged)).toThrow(/"metric_per_case",\s+0,\s+"metrics",\s+"(1|\(1, 2\))",\s+"(FN|TN)"/);
  });

  it('refuses a key that is no label', () => {
    expect(() => parseSummary('{"mean": {"liver": {}}, "metric_per_case": []}')).toThrow("'liver' is no label");
  });
});

describe('casesOfSummary', () => {
  it('reads the labels that are asked for, in that order', () => {
    const [first] = casesOfSummary(text, [[1, 2], 1]);
    expect(first?.metrics).toEqual([summary.cases[0]?.metrics[2], summary.cases[0]?.metrics[0]]);
  });

  it('names a label that the summary does not have', () => {
    expect(() => casesOfSummary(text, [3])).toThrow(/"metrics",\s+"3"/);
  });
});
