import { describe, expect, it } from 'vitest';
import type { LabelOrRegion } from '#core/dataset/label-or-region.ts';
import { metricsOf } from '#core/evaluation/metrics.ts';
import type { Summary } from '#core/evaluation/summary.ts';
import { determinePostprocessing } from './determine.ts';
import { formatPostprocessing } from './postprocessing-json.ts';

const noCounts = metricsOf({ truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0 });

/** A summary with these mean Dices per label; the foreground mean is their mean. */
function aSummary(dices: readonly number[], labels: readonly LabelOrRegion[] = dices.map((_, i) => i + 1)): Summary {
  const mean = dices.map((dice) => ({ ...noCounts, dice }));
  const overall = dices.reduce((a, b) => a + b, 0) / dices.length;
  return { labels, foregroundMean: { ...noCounts, dice: overall }, mean, cases: [] };
}

/** Runs the determination with scripted outcomes; predictions are the names of the rules applied so far. */
async function determine(start: number[], outcomes: number[][], labels?: readonly LabelOrRegion[]) {
  const tried: string[] = [];
  let attempt = 0;
  const determination = await determinePostprocessing(
    { predictions: 'raw', summary: aSummary(start, labels) },
    async (predictions, rule) => {
      tried.push(`${predictions} → ${JSON.stringify(rule.keepLargestOf)}`);
      return {
        predictions: `${predictions}+${JSON.stringify(rule.keepLargestOf)}`,
        summary: aSummary(outcomes[attempt++] ?? [], labels),
      };
    },
  );
  return { ...determination, tried, accepted: determination.rules.map((rule) => rule.keepLargestOf) };
}

describe('determinePostprocessing', () => {
  it('tries all foreground together, then each label on what is best so far', async () => {
    const { tried, accepted } = await determine(
      [0.5, 0.5],
      [
        [0.6, 0.5],
        [0.7, 0.5],
        [0.7, 0.6],
      ],
    );
    expect(tried).toEqual(['raw → [1,2]', 'raw+[1,2] → 1', 'raw+[1,2]+1 → 2']);
    expect(accepted).toEqual([[1, 2], 1, 2]);
  });

  it.each([
    {
      name: 'the first when it lowers one label',
      outcomes: [
        [0.9, 0.4],
        [0.5, 0.5],
        [0.5, 0.5],
      ],
      want: [],
    },
    {
      name: 'the first when it changes nothing',
      outcomes: [
        [0.5, 0.5],
        [0.5, 0.5],
        [0.5, 0.5],
      ],
      want: [],
    },
    {
      name: 'a label’s rule when its own Dice stays',
      outcomes: [
        [0.5, 0.5],
        [0.5, 0.9],
        [0.5, 0.6],
      ],
      want: [2],
    },
    {
      name: 'not-a-number',
      outcomes: [
        [Number.NaN, 0.9],
        [Number.NaN, 0.5],
        [0.5, Number.NaN],
      ],
      want: [],
    },
  ])('rejects $name', async ({ outcomes, want }) => {
    expect((await determine([0.5, 0.5], outcomes)).accepted).toEqual(want);
  });

  it('accepts a label’s rule by that label alone, even if another falls', async () => {
    const outcomes = [
      [0.5, 0.5],
      [0.6, 0.1],
      [0.6, 0.2],
    ];
    expect((await determine([0.5, 0.5], outcomes)).accepted).toEqual([1, 2]);
  });

  it('tries a single label once only', async () => {
    expect((await determine([0.5], [[0.6]])).tried).toEqual(['raw → [1]']);
  });

  it('works on labels first and on regions then', async () => {
    const labels = [[1, 2, 3], [2, 3], 3];
    const { tried } = await determine([0.5, 0.5, 0.5], Array(4).fill([0.5, 0.5, 0.5]), labels);
    expect(tried).toEqual(['raw → [1,2,3]', 'raw → [1,2,3]', 'raw → [2,3]', 'raw → 3']);
  });
});

describe('formatPostprocessing', () => {
  it('names the accepted rules as nnU-Net does', async () => {
    const determination = await determine(
      [0.5, 0.5],
      [
        [0.6, 0.6],
        [0.5, 0.6],
        [0.6, 0.7],
      ],
    );
    expect(JSON.parse(formatPostprocessing(determination).replaceAll('NaN', 'null'))).toMatchObject({
      input_folder: { foreground_mean: { Dice: 0.5 }, mean: { 1: { Dice: 0.5 } } },
      postprocessed: { mean: { 2: { Dice: 0.7 } } },
      postprocessing_fns: Array(2).fill('remove_all_but_largest_component_from_segmentation'),
      postprocessing_kwargs: [{ labels_or_regions: [1, 2] }, { labels_or_regions: 2 }],
    });
  });
});
