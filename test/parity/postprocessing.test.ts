import { expect, it } from 'vitest';
import type { LabelOrRegion } from '#core/dataset/label-or-region.ts';
import { evaluateCase } from '#core/evaluation/evaluate-case.ts';
import { type Summary, summarize } from '#core/evaluation/summary.ts';
import { formatSummary, meansToJson } from '#core/evaluation/summary-json.ts';
import { determinePostprocessing } from '#core/postprocessing/determine.ts';
import { formatPostprocessing } from '#core/postprocessing/postprocessing-json.ts';
import { applyRules, type Rule } from '#core/postprocessing/rule.ts';
import {
  caseIds,
  expectSameMetrics,
  LABELS,
  largestComponents,
  MODELS,
  parseNanJson,
  readJson,
  readLabels,
  SHAPE,
  truthOf,
} from '#test/golden-selection.ts';
import { describeWithShared } from '#test/shared.ts';

const summaryOf = (predictions: readonly Uint8Array[]): Summary =>
  summarize(
    LABELS,
    caseIds().map((caseId, i) => ({
      predictionFile: '',
      referenceFile: '',
      metrics: evaluateCase(predictions[i] ?? [], truthOf(caseId), LABELS),
    })),
  );

/** Runs the determination on a folder of label maps held in memory. */
function determineOn(folder: string) {
  const raw = caseIds().map((caseId) => readLabels(`${folder}/${caseId}.nii.gz`));
  return determinePostprocessing({ predictions: raw, summary: summaryOf(raw) }, async (predictions, rule) => {
    const changed = predictions.map((labels) => applyRules(labels, SHAPE, [rule]));
    return { predictions: changed, summary: summaryOf(changed) };
  });
}

const rulesOf = (kwargs: readonly { labels_or_regions: LabelOrRegion }[]): Rule[] =>
  kwargs.map((entry) => ({ keepLargestOf: entry.labels_or_regions }));

describeWithShared('postprocessing agrees with nnU-Net', 'golden/selection', () => {
  const folders = [
    ...MODELS.map((model) => ({ name: model, folder: `models/${model}` })),
    ...['2d+3d_fullres', '2d+3d_lowres', '3d_fullres+3d_lowres'].map((name) => ({ name, folder: `results/${name}` })),
  ];

  it.each(folders)('on the rules and the means for $name', async ({ name, folder }) => {
    const text = formatPostprocessing(await determineOn(folder));
    expectSameMetrics(JSON.parse(text), readJson(`results/${name}/postprocessing.json`));
  });

  it.each(folders)('on the summary of the final files for $name', async ({ name, folder }) => {
    const { after } = await determineOn(folder);
    const wanted = readJson(`results/${name}/summary_postprocessed.json`);
    expectSameMetrics(
      parseNanJson(formatSummary(after)).metric_per_case.map(metricsOnly),
      wanted.metric_per_case.map(metricsOnly),
    );
    expectSameMetrics(meansToJson(after), { foreground_mean: wanted.foreground_mean, mean: wanted.mean });
  });

  it('on what the winner gains', async () => {
    const wanted = readJson('find_best_configuration/inference_information.json').best_model_or_ensemble;
    const { before, after } = await determineOn('results/2d+3d_lowres');
    // 1e-12: NumPy adds up in another order.
    expect(before.foregroundMean.dice).toBeCloseTo(wanted.result_on_crossval_pre_pp, 12);
    expect(after.foregroundMean.dice).toBeCloseTo(wanted.result_on_crossval_post_pp, 12);
  });

  it.each(folders)('on every trial on the way for $name', async ({ name, folder }) => {
    const { trials, rules } = await determineOn(folder);
    const wanted = readJson(`results/${name}/postprocessing_steps.json`);
    expectSameMetrics(
      trials.map((trial) => meansToJson(trial.summary)),
      wanted.evaluations_in_order.map(withoutFolder),
    );
    expect(rules).toEqual(rulesOf(wanted.accepted));
  });

  it.each(folders)('on the final files for $name, voxel for voxel', ({ name, folder }) => {
    const rules = rulesOf(readJson(`results/${name}/postprocessing.json`).postprocessing_kwargs);
    for (const caseId of caseIds()) {
      const labels = applyRules(readLabels(`${folder}/${caseId}.nii.gz`), SHAPE, rules);
      const wanted = rules.length === 0 ? `${folder}/${caseId}` : `results/${name}/postprocessed/${caseId}`;
      expect(Buffer.compare(labels, readLabels(`${wanted}.nii.gz`)), caseId).toBe(0);
    }
  });

  it('on single operations, also those that were not accepted', () => {
    const operations: Readonly<Record<string, readonly Rule[]>> = {
      fg: [{ keepLargestOf: [1, 2] }],
      label1: [{ keepLargestOf: 1 }],
      label2: [{ keepLargestOf: 2 }],
      region12_then_2: [{ keepLargestOf: [1, 2] }, { keepLargestOf: 2 }],
    };
    const arrays = largestComponents();
    expect(arrays.size).toBeGreaterThan(0);
    for (const [name, wanted] of arrays) {
      const [model = '', operation = '', caseId = ''] = name.split('__');
      const labels = applyRules(readLabels(`models/${model}/${caseId}.nii.gz`), SHAPE, operations[operation] ?? []);
      expect(Buffer.compare(labels, Uint8Array.from(wanted.data)), name).toBe(0);
    }
  });
});

const metricsOnly = ({ metrics }: { metrics: object }): object => metrics;

function withoutFolder({ folder: _, ...means }: { folder?: unknown }): object {
  return means;
}
