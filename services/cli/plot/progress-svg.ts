import { lineChartSvg, type Series } from '../report/line-chart.ts';
import type { Epoch } from '../report/task-results.ts';

const PANEL = { width: 440, height: 260, legend: 22 };
const COLOURS = { train: '#4477aa', validation: '#ee6677', pseudoDice: '#99cc99', average: '#228833', rate: '#aa9900' };

/** A fold's training as a stand-alone SVG: losses with the pseudo Dice on the right axis, and the learning rate below. */
export function progressSvg(title: string, epochs: readonly Epoch[]): string {
  const series = (name: string, colour: string, value: (epoch: Epoch) => number | null | undefined): Series => ({
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
  const xLabel = 'epoch';
  const panels = [
    lineChartSvg({
      title,
      xLabel,
      yLabel: 'Dice + cross-entropy',
      series: losses,
      right: { yLabel: 'pseudo Dice', yRange: [0, 1], series: dice },
    }),
    lineChartSvg({
      title: 'Learning rate',
      xLabel,
      yLabel: 'learning rate',
      series: [series('learning rate', COLOURS.rate, (epoch) => epoch.learningRate)],
    }),
  ];
  return stacked(panels, [...losses, ...dice]);
}

/** Panels below each other, the legend between the first and the others. */
function stacked(panels: readonly string[], named: readonly Series[]): string {
  const { width, height, legend } = PANEL;
  const total = panels.length * height + legend;
  const top = (panel: number): number => panel * height + (panel > 0 ? legend : 0);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${total}" viewBox="0 0 ${width} ${total}">`,
    `<rect width="${width}" height="${total}" fill="white"/>`,
    ...panels.map((svg, i) => svg.replace('<svg', `<svg x="0" y="${top(i)}" width="${width}" height="${height}"`)),
    ...named.map(
      ({ name, colour }, i) =>
        `<g transform="translate(${14 + i * 105} ${height + 12})" font-family="sans-serif" font-size="10">` +
        `<rect width="12" height="4" y="-5" fill="${colour}"/><text x="16">${name}</text></g>`,
    ),
    '</svg>',
  ].join('\n');
}
