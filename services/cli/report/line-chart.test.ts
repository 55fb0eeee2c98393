import { describe, expect, it } from 'vitest';
import { lineChartSvg, ticks, wholeTicks } from './line-chart.ts';

describe('ticks', () => {
  it.each([
    { name: 'of a unit range', range: [0, 1] as const, want: [0, 0.2, 0.4, 0.6, 0.8, 1] },
    { name: 'enclose a range that starts between them', range: [0.31, 1.9] as const, want: [0, 0.5, 1, 1.5, 2] },
    { name: 'of negative losses', range: [-0.9, 0.8] as const, want: [-1, -0.5, 0, 0.5, 1] },
  ])('$name', ({ range, want }) => {
    expect(ticks(range, 5)).toEqual(want);
  });
});

describe('wholeTicks', () => {
  it.each([
    { name: 'begin with the first epoch', range: [1, 8] as const, want: [1, 2, 4, 6, 8] },
    { name: 'are round after it', range: [1, 1000] as const, want: [1, 200, 400, 600, 800, 1000] },
    { name: 'are no halves', range: [1, 3] as const, want: [1, 2, 3] },
    { name: 'of a single epoch are that one', range: [0.5, 1.5] as const, want: [1] },
  ])('$name', ({ range, want }) => {
    expect(wholeTicks(range, 6)).toEqual(want);
  });
});

describe('lineChartSvg', () => {
  const chart = {
    title: 'a < b',
    xLabel: 'epoch',
    yLabel: 'loss',
    series: [
      {
        name: 'fold 0',
        colour: 'red',
        points: [
          [0, 1],
          [1, Number.NaN],
          [2, 0],
          [3, 0.5],
        ] as [number, number][],
      },
    ],
  };

  it('breaks a line where a value is missing', () => {
    const path = /<path d="([^"]*)"/.exec(lineChartSvg(chart))?.[1] ?? '';
    expect(path.replace(/[\d. ]+/g, '')).toBe('MhMhL');
  });

  it('marks each point that has a value in a line of few, and none in a line of many', () => {
    expect(lineChartSvg(chart).match(/<circle /g)).toHaveLength(3);
    const points = Array.from({ length: 13 }, (_, i) => [i, i] as const);
    expect(lineChartSvg({ ...chart, series: [{ name: '', colour: 'red', points }] })).not.toContain('<circle');
  });

  it('escapes what stands in titles', () => {
    expect(lineChartSvg(chart)).toContain('a &#60; b');
  });
});
