import { describe, expect, it } from 'vitest';
import { anEpoch } from '#test/an-epoch.ts';
import { progressSvg } from './progress-svg.ts';

const epochs = [0, 1, 2].map((epoch) =>
  anEpoch({
    epoch,
    trainLoss: -epoch,
    validationLoss: epoch === 1 ? null : -epoch / 2,
    meanPseudoDice: 0.1 * epoch,
    movingAverageDice: 0.05 * epoch,
    learningRate: 0.01 / (epoch + 1),
  }),
);

const legendOf = (svg: string) => [...svg.matchAll(/<text x="16">([^<]*)</g)].map(([, name]) => name);

describe('progressSvg', () => {
  it('has a line for each loss, the pseudo Dice and its average, the rate and the time, each in the legend', () => {
    const svg = progressSvg(
      'liver, 2d, fold 0',
      epochs,
      new Map([
        [0, 20],
        [1, 22],
        [2, 21],
      ]),
    );
    expect(legendOf(svg)).toEqual([
      'training loss',
      'validation loss',
      'pseudo Dice',
      'its moving average',
      'learning rate',
      'epoch time',
    ]);
    const paths = [...svg.matchAll(/<path d="([^"]*)"/g)].map(([, path]) => path?.replace(/[\d. ]+/g, ''));
    expect(paths).toEqual(['MhLL', 'MhMh', 'MhLL', 'MhLL', 'MhLL', 'MhLL']);
    expect(svg).toContain('>liver, 2d, fold 0</text>');
  });

  it('leaves out the times where none are known', () => {
    const svg = progressSvg('', epochs, new Map());
    expect(legendOf(svg)).not.toContain('epoch time');
    expect(svg.match(/<path /g)).toHaveLength(5);
  });

  it('begins the axis of a learning rate that never changes at 0', () => {
    const svg = progressSvg('', [anEpoch({ epoch: 0, learningRate: 0.01 })], new Map());
    const ticks = [...svg.matchAll(/text-anchor="end" >([^<]*)</g)].map(([, tick]) => Number(tick));
    expect(ticks.slice(-6)).toEqual([0, 0.002, 0.004, 0.006, 0.008, 0.01]);
  });
});
