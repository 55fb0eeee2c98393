import type { EpochMetrics } from '#steps/epoch-metrics.ts';
import { legendHtml, lineChartSvg, type Series } from './line-chart.ts';
import type { FoldEpochs } from './task-results.ts';

/** By fold, round and round; told apart also without colour by order in the legend. */
const FOLD_COLOURS = ['#4477aa', '#ee6677', '#228833', '#aa9900', '#aa3377', '#66ccee', '#888888'];

/** Loss and pseudo Dice of every fold of one configuration over the epochs, counted from 1 as `pentafold run` shows them. */
export function learningCurves(folds: readonly FoldEpochs[]): { svgs: string[]; legend: string } {
  const series = (value: (epoch: EpochMetrics) => number | null): Series[] =>
    folds.map(({ fold, epochs }, place) => ({
      name: `fold ${fold}`,
      colour: FOLD_COLOURS[place % FOLD_COLOURS.length] ?? 'black',
      points: epochs.map((epoch) => [epoch.epoch + 1, value(epoch) ?? Number.NaN] as const),
    }));
  const chart = (
    title: string,
    yLabel: string,
    value: (epoch: EpochMetrics) => number | null,
    yRange?: [number, number],
  ) => lineChartSvg({ title, xLabel: 'epoch', yLabel, series: series(value), ...(yRange ? { yRange } : {}) });
  return {
    svgs: [
      chart('Training loss', 'Dice + cross-entropy', (epoch) => epoch.trainLoss),
      chart(
        'Pseudo Dice on validation patches',
        'mean over foreground labels',
        (epoch) => epoch.meanPseudoDice,
        [0, 1],
      ),
    ],
    legend: legendHtml(series(() => null)),
  };
}
