import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { LabelOrRegion } from '#core/dataset/label-or-region.ts';
import { evaluateCase } from '#core/evaluation/evaluate-case.ts';
import { summarize } from '#core/evaluation/summary.ts';
import { formatSummary } from '#core/evaluation/summary-json.ts';
import { parseSummary } from '#formats/summary-json.ts';
import {
  caseIds,
  expectSameMetrics,
  MODELS,
  parseNanJson,
  readJson,
  readLabels,
  truthOf,
} from '#test/golden-selection.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';

/** Our summary of a folder of predictions, as the text of summary.json read back. */
function summaryOf(folder: string, labels: readonly LabelOrRegion[], files: readonly SummaryFiles[], ignore?: number) {
  const cases = caseIds().map((caseId, i) => ({
    predictionFile: files[i]?.prediction_file ?? '',
    referenceFile: files[i]?.reference_file ?? '',
    metrics: evaluateCase(readLabels(`${folder}/${caseId}.nii.gz`), truthOf(caseId), labels, ignore ?? null),
  }));
  const text = formatSummary(summarize(labels, cases));
  return parseNanJson(text);
}

interface SummaryFiles {
  readonly prediction_file: string;
  readonly reference_file: string;
}

describeWithShared('evaluation agrees with nnU-Net', 'golden/selection', () => {
  it.each(MODELS)('on the pooled cross-validation of %s', (model) => {
    const wanted = readJson(`results/${model}/summary.json`);
    expectSameMetrics(summaryOf(`models/${model}`, [1, 2], wanted.metric_per_case), wanted);
  });

  it.each(['2d+3d_fullres', '2d+3d_lowres', '3d_fullres+3d_lowres', '2d+3d_fullres+3d_lowres'])(
    'on the ensemble %s',
    (ensemble) => {
      const wanted = readJson(`results/${ensemble}/summary.json`);
      expectSameMetrics(summaryOf(`results/${ensemble}`, [1, 2], wanted.metric_per_case), wanted);
    },
  );

  it.each<{ name: string; labels: LabelOrRegion[]; ignore?: number; file: string }>([
    { name: 'regions', labels: [[1, 2], 2], file: '2d_regions_12_and_2' },
    { name: 'an ignore label', labels: [1], ignore: 2, file: '2d_label1_ignore2' },
    { name: 'a label that never occurs', labels: [1, 2, 3], file: '2d_labels_1_2_3_label3_never_present' },
  ])('with $name', ({ labels, ignore, file }) => {
    const wanted = readJson(`results/evaluation/${file}.json`);
    expectSameMetrics(summaryOf('models/2d', labels, wanted.metric_per_case, ignore), wanted);
  });

  it.each([
    '2d+3d_fullres/summary',
    'evaluation/2d_regions_12_and_2',
    'evaluation/2d_labels_1_2_3_label3_never_present',
  ])('on the means of %s, which follow from the counts of its cases', (file) => {
    const text = readFileSync(sharedPath(`golden/selection/results/${file}.json`), 'utf8');
    expectSameMetrics(parseNanJson(formatSummary(parseSummary(text))), parseNanJson(text));
  });

  it('reads six cases, so that none of the above passes on nothing', () => {
    expect(caseIds()).toHaveLength(6);
  });
});
