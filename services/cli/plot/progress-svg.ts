import type { EpochMetrics } from '#steps/epoch-metrics.ts';
import { lineChartSvg, type Series } from '../report/line-chart.ts';

const PANEL = { width: 440, height: 260, legend: 22 };
const COLOURS = {
  train: '#4477aa',
  validation: '#ee6677',
  pseudoDice: '#99cc99',
  average: '#228833',
  rate: '#aa9900',
  time: '#aa3377',
};

/**
 * A fold's training as a stand-alone SVG: losses with the pseudo Dice on the right axis; below, the learning rate with how
 * long epochs took, as far as it is known.
 *
 * @param seconds by the epoch's number.
 */
export function progressSvg(
  title: string,
  epochs: readonly EpochMetrics[],
  seconds: ReadonlyMap<number, number>,
): string {
  const series = (name: string, colour: string, value: (epoch: EpochMetrics) => number | null | undefined): Series => ({
    name,
    colour,
    // Counted from 1, as `pentafold run` shows them.
    points: epochs.map((epoch) => [epoch.epoch + 1, value(epoch) ?? Number.NaN] as const),
  });
  const losses = [
    series('training loss', COLOURS.train, (epoch) => epoch.trainLoss),
    series('validation loss', COLOURS.validation, (epoch) => epoch.validationLoss),
  ];
  const dice = [
    series('pseudo Dice', COLOURS.pseudoDice, (epoch) => epoch.meanPseudoDice),
    series('its moving average', COLOURS.average, (epoch) => epoch.movingAverageDice),
  ];
  const rate = [series('learning rate', COLOURS.rate, (epoch) => epoch.learningRate)];
  const times = seconds.size === 0 ? [] : [series('epoch time', COLOURS.time, ({ epoch }) => seconds.get(epoch))];
  const xLabel = 'epoch';
  return stacked([
    {
      svg: lineChartSvg({
        title,
        xLabel,
        yLabel: 'Dice + cross-entropy',
        series: losses,
        right: { yLabel: 'pseudo Dice', yRange: [0, 1], series: dice },
      }),
      named: [...losses, ...dice],
    },
    {
      svg: lineChartSvg({
        title: 'Learning rate and time',
        xLabel,
        yLabel: 'learning rate',
        yRange: [0, highestRate(epochs)],
        series: rate,
        ...(times.length === 0 ? {} : { right: { yLabel: 'seconds', yRange: [0, longest(seconds)], series: times } }),
      }),
      named: [...rate, ...times],
    },
  ]);
}

/** 1 where there is none, so that the axis has a length. */
const highestRate = (epochs: readonly EpochMetrics[]): number =>
  Math.max(0, ...epochs.map(({ learningRate }) => learningRate)) || 1;

const longest = (seconds: ReadonlyMap<number, number>): number => Math.max(...seconds.values());

interface Panel {
  readonly svg: string;
  /** For the legend below it. */
  readonly named: readonly Series[];
}

/** Panels below each other, each with its legend. */
function stacked(panels: readonly Panel[]): string {
  const { width, height, legend } = PANEL;
  const total = panels.length * (height + legend);
  const top = (panel: number): number => panel * (height + legend);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${total}" viewBox="0 0 ${width} ${total}">`,
    `<rect width="${width}" height="${total}" fill="white"/>`,
    ...panels.flatMap(({ svg, named }, i) => [
      svg.replace('<svg', `<svg x="0" y="${top(i)}" width="${width}" height="${height}"`),
      legendRow(named, top(i) + height + 12),
    ]),
    '</svg>',
  ].join('\n');
}

/** About how wide a letter of the legend is. */
const LETTER = 5.4;

function legendRow(named: readonly Series[], y: number): string {
  let x = 14;
  return named
    .map(({ name, colour }) => {
      const entry =
        `<g transform="translate(${x} ${y})" font-family="sans-serif" font-size="10">` +
        `<rect width="12" height="4" y="-5" fill="${colour}"/><text x="16">${name}</text></g>`;
      x += 28 + Math.ceil(name.length * LETTER);
      return entry;
    })
    .join('\n');
}
