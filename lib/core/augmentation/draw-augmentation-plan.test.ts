import { describe, expect, it } from 'vitest';
import { RandomStream } from '#core/random/random-stream.ts';
import type { AugmentationPlan } from '#core/training/batch-plan.ts';
import { type AugmentationSource, drawAugmentationPlan } from './draw-augmentation-plan.ts';
import { AUGMENTATIONS } from './settings.ts';

const source: AugmentationSource = {
  settings: AUGMENTATIONS.v2,
  axes: 3,
  channels: 2,
  rotationLimit: Math.PI / 6,
  dummy2d: false,
  mirrorAxes: [0, 1, 2],
  maskedChannels: [1],
  previousStageLabels: 0,
};

const plans = (count: number, from: Partial<AugmentationSource> = {}): AugmentationPlan[] =>
  Array.from({ length: count }, (_, i) => drawAugmentationPlan({ ...source, ...from }, new RandomStream(1, i)));

/** Values of a field over all plans and channels, without what was not drawn. */
const drawn = (values: (readonly (number | null)[] | null)[]): number[] =>
  values.flatMap((list) => list ?? []).filter((x) => x !== null);

describe('drawAugmentationPlan', () => {
  const many = plans(4000);

  it.each<{ name: string; p: number; happened: (plan: AugmentationPlan) => boolean }>([
    { name: 'a spatial transform (rotation or scaling)', p: 1 - 0.8 * 0.8, happened: (plan) => plan.spatial !== null },
    { name: 'noise', p: 0.1, happened: (plan) => plan.noise !== null },
    { name: 'blur', p: 0.2, happened: (plan) => plan.blur !== null },
    { name: 'blur of a given channel', p: 0.1, happened: (plan) => (plan.blur?.[1] ?? null) !== null },
    { name: 'brightness', p: 0.15, happened: (plan) => plan.brightness !== null },
    { name: 'contrast', p: 0.15, happened: (plan) => plan.contrast !== null },
    { name: 'low resolution', p: 0.25, happened: (plan) => plan.lowResolution !== null },
    {
      name: 'low resolution of a given channel',
      p: 0.125,
      happened: (plan) => (plan.lowResolution?.zoom[0] ?? null) !== null,
    },
    { name: 'gamma on the negated image', p: 0.1, happened: (plan) => plan.gammaInverted !== null },
    { name: 'gamma', p: 0.3, happened: (plan) => plan.gamma !== null },
    { name: 'a flip of a given axis', p: 0.5, happened: (plan) => plan.mirrorAxes.includes(1) },
    { name: 'a gamma below 1', p: 0.15, happened: (plan) => (plan.gamma?.[0] ?? 2) < 1 },
  ])('draws $name with probability $p', ({ p, happened }) => {
    const share = many.filter(happened).length / many.length;
    // Four standard deviations of a binomial share.
    expect(Math.abs(share - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / many.length));
  });

  it.each([
    { name: 'noise sigma', low: 0, high: 0.1, values: many.flatMap((plan) => plan.noise?.sigma ?? []) },
    { name: 'blur sigma', low: 0.5, high: 1, values: many.flatMap((plan) => drawn([...(plan.blur ?? [])])) },
    { name: 'brightness', low: 0.75, high: 1.25, values: drawn(many.map((plan) => plan.brightness)) },
    { name: 'contrast', low: 0.75, high: 1.25, values: drawn(many.map((plan) => plan.contrast)) },
    { name: 'zoom', low: 0.5, high: 1, values: drawn(many.map((plan) => plan.lowResolution?.zoom ?? null)) },
    { name: 'gamma', low: 0.7, high: 1.5, values: drawn(many.map((plan) => plan.gamma)) },
    { name: 'gamma on the negated image', low: 0.7, high: 1.5, values: drawn(many.map((plan) => plan.gammaInverted)) },
  ])('fills the range of $name, $low to $high', ({ low, high, values }) => {
    expect(values.length).toBeGreaterThan(300);
    const margin = (high - low) * 0.02;
    expect(Math.min(...values)).toBeGreaterThanOrEqual(low);
    expect(Math.min(...values)).toBeLessThan(low + margin);
    expect(Math.max(...values)).toBeLessThan(high);
    expect(Math.max(...values)).toBeGreaterThan(high - margin);
  });

  it('scales by 0.7 to 1.4, the same on all axes', () => {
    const determinants = many.flatMap(({ spatial }) => (spatial ? [determinant(spatial.matrix)] : []));
    const scale = determinants.map(Math.cbrt);
    expect(Math.min(...scale)).toBeGreaterThan(0.7 - 1e-9);
    expect(Math.max(...scale)).toBeLessThan(1.4);
  });

  it('turns a 2D patch and a thin patch in plane only', () => {
    for (const flat of [plans(50, { axes: 2, mirrorAxes: [0, 1] }), plans(50, { dummy2d: true })])
      for (const { spatial } of flat) expect(spatial?.matrix.length ?? 4).toBe(4);
    expect(plans(50, { dummy2d: true }).some((plan) => plan.spatial?.dummy2d)).toBe(true);
  });

  it('names the channels to mask and flips only axes that may be flipped', () => {
    for (const plan of plans(20, { mirrorAxes: [2] })) {
      expect(plan.maskedChannels).toEqual([1]);
      expect([[], [2]]).toContainEqual(plan.mirrorAxes);
    }
  });
});

describe('with the settings of v1', () => {
  const many = plans(4000, { settings: AUGMENTATIONS.v1 });
  const elastic = many.flatMap(({ spatial }) => spatial?.elastic ?? []);

  it('deforms one patch in five, by up to the amplitude for its axes', () => {
    // Four standard deviations of a binomial share.
    expect(Math.abs(elastic.length / many.length - 0.2)).toBeLessThan(4 * Math.sqrt((0.2 * 0.8) / many.length));
    const most = 900 / Math.sqrt(3);
    expect(Math.max(...elastic.map(({ amplitude }) => amplitude))).toBeGreaterThan(0.98 * most);
    expect(Math.max(...elastic.map(({ amplitude }) => amplitude))).toBeLessThan(most);
    expect(Math.min(...elastic.map(({ sigma }) => sigma))).toBeGreaterThanOrEqual(9);
    expect(Math.max(...elastic.map(({ sigma }) => sigma))).toBeLessThan(13);
    expect(new Set(elastic.map(({ key }) => key.join())).size).toBe(elastic.length);
  });

  it('deforms less in plane', () => {
    for (const from of [{ dummy2d: true }, { axes: 2, mirrorAxes: [0, 1] }]) {
      const flat = plans(500, { ...from, settings: AUGMENTATIONS.v1 });
      const amplitudes = flat.flatMap(({ spatial }) => spatial?.elastic?.amplitude ?? []);
      expect(Math.max(...amplitudes)).toBeLessThan(200 / Math.sqrt(3));
      expect(Math.max(...amplitudes)).toBeGreaterThan(100);
    }
  });

  it('deforms a patch that is neither turned nor scaled, too', () => {
    expect(many.some(({ spatial }) => spatial?.elastic && spatial.matrix.join() === '1,0,0,0,1,0,0,0,1')).toBe(true);
  });
});

describe('for a cascade', () => {
  const many = plans(6000, { previousStageLabels: 3 }).map(({ previousStage }) => previousStage);
  const operators = many.flatMap((plan) => plan?.operators ?? []);
  const removals = many.flatMap((plan) => plan?.removals ?? []);
  const share = (count: number, p: number, of = many.length) =>
    expect(Math.abs(count / of - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / of));

  it('changes a given label with probability 0.4 * 0.5, by each operator equally often, with radii 1 to 8', () => {
    share(operators.filter(({ channel }) => channel === 1).length, 0.2);
    for (const name of ['dilation', 'erosion', 'closing', 'opening'])
      share(operators.filter(({ operator }) => operator === name).length, 0.25, operators.length);
    expect(Math.min(...operators.map(({ radius }) => radius))).toBeLessThan(1.1);
    expect(Math.min(...operators.map(({ radius }) => radius))).toBeGreaterThanOrEqual(1);
    expect(Math.max(...operators.map(({ radius }) => radius))).toBeGreaterThan(7.9);
    expect(Math.max(...operators.map(({ radius }) => radius))).toBeLessThan(8);
  });

  it('takes a component of a given label with probability 0.2 * 0.5, any of those below 15 % of the patch', () => {
    share(removals.filter(({ channel }) => channel === 2).length, 0.1);
    expect(new Set(removals.map(({ largestShare }) => largestShare))).toEqual(new Set([0.15]));
    expect(Math.max(...removals.map(({ pick }) => pick))).toBeGreaterThan(0.98);
  });

  it('works on the labels in any order', () => {
    const orders = many
      .map((plan) => plan?.operators.map(({ channel }) => channel).join())
      .filter((order) => order?.length === 5);
    expect(new Set(orders).size).toBe(6);
  });

  it('draws nothing of the kind without a previous stage', () => {
    expect(plans(20).every(({ previousStage }) => previousStage === null)).toBe(true);
  });
});

function determinant(matrix: readonly number[]): number {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0] = matrix;
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}
