import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shapeNet, spacingNet } from '#core/geometry/axes.ts';
import type { ResamplingOptions } from '#core/planning/plans.ts';
import { resampleChannel, resampledShape, resampleLabels } from './resampling.ts';

const even = spacingNet(1, 1, 1);
const options = (over: Partial<ResamplingOptions> = {}): ResamplingOptions => ({
  isSegmentation: false,
  order: 3,
  orderZ: 0,
  forceSeparateZ: false,
  ...over,
});

/** Resamples one line of values along the last axis. */
function line(values: readonly number[], outputs: number, order: 0 | 1 | 3): number[] {
  const change = {
    fromShape: shapeNet(1, 1, values.length),
    fromSpacing: even,
    toShape: shapeNet(1, 1, outputs),
    toSpacing: even,
  };
  return [...resampleChannel(Float32Array.from(values), change, options({ order }))];
}

function labelLine(values: readonly number[], outputs: number, order: 0 | 1): number[] {
  const label = { shape: shapeNet(1, 1, values.length), spacing: even, data: Int16Array.from(values) };
  return [...resampleLabels(label, shapeNet(1, 1, outputs), even, options({ order })).data];
}

describe('resampledShape', () => {
  it.each<Record<'shape' | 'spacing' | 'to' | 'want', [number, number, number]>>([
    { shape: [10, 10, 10], spacing: [1, 1, 1], to: [2, 1, 0.5], want: [5, 10, 20] },
    { shape: [5, 7, 1], spacing: [1, 1, 1], to: [2, 2, 1], want: [2, 4, 1] }, // 2.5 and 3.5: halves go to the even one
  ])('keeps the extent in mm: $shape voxels of $spacing to $to', ({ shape, spacing, to, want }) => {
    expect(resampledShape(shapeNet(...shape), spacingNet(...spacing), spacingNet(...to))).toEqual(want);
  });
});

describe('resampleChannel', () => {
  const squares = [0, 1, 4, 9, 16, 25];
  // Values computed with scikit-image's resize (mode "edge", no anti-aliasing); six digits were kept.
  it.each([
    {
      name: 'cubic, up',
      values: squares,
      outputs: 9,
      order: 3 as const,
      want: [0, 0.300074, 1.346168, 3.344515, 6.313467, 9.95035, 14.521338, 21.088457, 25],
    },
    {
      name: 'cubic, down',
      values: squares,
      outputs: 4,
      order: 3 as const,
      want: [0.109026, 3.040374, 10.441826, 23.372772],
    },
    {
      name: 'cubic, clipped to the range of its input',
      values: [0, 1, 3, 0],
      outputs: 8,
      order: 3 as const,
      want: [0, 0.065382, 0.512018, 1.689304, 2.913582, 2.521154, 0.739904, 0],
    },
    {
      name: 'linear',
      values: squares,
      outputs: 9,
      order: 1 as const,
      want: [0, 0.5, 1.5, 3.5, 6.5, 10.166667, 14.833333, 20.5, 25],
    },
    {
      name: 'nearest, halves to the later one',
      values: [0, 1, 2, 3, 4, 5],
      outputs: 4,
      order: 0 as const,
      want: [0, 2, 3, 5],
    },
    {
      name: 'nearest, up',
      values: [0, 1, 2, 3, 4, 5],
      outputs: 9,
      order: 0 as const,
      want: [0, 1, 1, 2, 3, 3, 4, 5, 5],
    },
  ])('$name', ({ values, outputs, order, want }) => {
    const got = line(values, outputs, order);
    expect(got).toHaveLength(want.length);
    for (const [i, value] of want.entries()) expect(got[i]).toBeCloseTo(value, 5);
  });

  it('gives back the same voxels when nothing changes', () => {
    const voxels = Float32Array.of(1, 2, 3);
    const change = { fromShape: shapeNet(1, 1, 3), fromSpacing: even, toShape: shapeNet(1, 1, 3), toSpacing: even };
    expect(resampleChannel(voxels, change, options())).toBe(voxels);
  });

  it.each([0, 1, 2])('keeps the lines along axis %s apart, also where there are many', (axis) => {
    const ramp = [0, 1, 4, 9, 16];
    const want = line(ramp, 8, 1);
    // 37 x 37 lines, more than are worked on at once and no multiple of it; each has its own factor.
    const shapeOf = (extent: number): readonly [number, number, number] =>
      axis === 0 ? [extent, 37, 37] : axis === 1 ? [37, extent, 37] : [37, 37, extent];
    const place = (i: number, shape: readonly [number, number, number]): { along: number; factor: number } => {
      const index = [Math.floor(i / shape[1] / shape[2]), Math.floor(i / shape[2]) % shape[1], i % shape[2]];
      return { along: index[axis] ?? 0, factor: 1 + index.reduce((sum, n, a) => (a === axis ? sum : sum * 37 + n), 0) };
    };
    const from = shapeOf(5);
    const voxels = Float32Array.from({ length: 5 * 37 * 37 }, (_, i) => {
      const { along, factor } = place(i, from);
      return (ramp[along] ?? 0) * factor;
    });
    const to = shapeOf(8);
    const change = { fromShape: shapeNet(...from), fromSpacing: even, toShape: shapeNet(...to), toSpacing: even };
    const out = resampleChannel(voxels, change, options({ order: 1 }));
    const worst = out.reduce((w, value, i) => {
      const { along, factor } = place(i, to);
      return Math.max(w, Math.abs(value / factor - (want[along] ?? Number.NaN)));
    }, 0);
    expect(worst).toBeLessThan(1e-5); // float32 of values up to 16
  });

  it('never leaves the range of its input and keeps a constant', () => {
    const volumes = fc.record({
      from: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
      to: fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 })),
      spacing: fc.constantFrom(spacingNet(1, 1, 1), spacingNet(5, 1, 1), spacingNet(1, 1, 4)),
      order: fc.constantFrom(0 as const, 1 as const, 3 as const),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(volumes, ({ from, to, spacing, order, seed }) => {
        const shape = shapeNet(...from);
        const voxels = Float32Array.from({ length: from[0] * from[1] * from[2] }, (_, i) =>
          Math.sin(seed + i * 12.9898),
        );
        const change = { fromShape: shape, fromSpacing: spacing, toShape: shapeNet(...to), toSpacing: spacing };
        const out = resampleChannel(voxels, change, options({ order, forceSeparateZ: null }));
        expect(out).toHaveLength(to[0] * to[1] * to[2]);
        expect(Math.min(...out)).toBeGreaterThanOrEqual(Math.min(...voxels));
        expect(Math.max(...out)).toBeLessThanOrEqual(Math.max(...voxels));
        const constant = resampleChannel(
          voxels.map(() => 2.5),
          change,
          options({ order, forceSeparateZ: null }),
        );
        expect(constant.every((value) => value === 2.5)).toBe(true);
      }),
    );
  });

  it('resamples slices that lie far apart one by one and then takes the nearest', () => {
    const change = {
      fromShape: shapeNet(2, 1, 2),
      fromSpacing: spacingNet(5, 1, 1),
      toShape: shapeNet(4, 1, 4),
      toSpacing: spacingNet(2.5, 1, 0.5),
    };
    const out = resampleChannel(Float32Array.of(0, 4, 10, 20), change, options({ order: 1, forceSeparateZ: null }));
    expect([...out]).toEqual([0, 1, 3, 4, 0, 1, 3, 4, 10, 12.5, 17.5, 20, 10, 12.5, 17.5, 20]);
  });
});

describe('resampleLabels', () => {
  it.each([
    { name: 'up', values: [0, 0, 1, 2, 2, 0], outputs: 9, want: [0, 0, 0, 1, 2, 2, 2, 0, 0] },
    { name: 'doubled', values: [0, 0, 1, 2, 2, 0], outputs: 12, want: [0, 0, 0, 0, 1, 1, 2, 2, 2, 2, 0, 0] },
    { name: 'halved: ties go to the later voxel', values: [1, 2, 2, 0], outputs: 2, want: [2, 0] },
    {
      name: 'outside the mask (-1) is a label as any',
      values: [-1, -1, 0, 1],
      outputs: 8,
      want: [-1, -1, -1, -1, 0, 0, 1, 1],
    },
  ])('$name', ({ values, outputs, want }) => {
    expect(labelLine(values, outputs, 1)).toEqual(want);
  });

  it('takes the heaviest label where none has half of the weight', () => {
    // 2 x 2 x 2 to one voxel: the centre sees every corner alike.
    const label = { shape: shapeNet(2, 2, 2), spacing: even, data: Int16Array.of(1, 1, 1, 2, 2, 3, 3, 0) };
    expect([...resampleLabels(label, shapeNet(1, 1, 1), even, options({ order: 1 })).data]).toEqual([1]);
  });

  it('takes the lowest of equal labels when the nearest voxel has none of them', () => {
    const label = { shape: shapeNet(2, 2, 2), spacing: even, data: Int16Array.of(3, 3, 3, 2, 2, 2, 1, 0) };
    expect([...resampleLabels(label, shapeNet(1, 1, 1), even, options({ order: 1 })).data]).toEqual([2]);
  });

  it('takes the nearest voxel with order 0', () => {
    expect(labelLine([5, 6, 7], 6, 0)).toEqual([5, 5, 6, 6, 7, 7]);
  });

  it('only ever gives labels that were there', () => {
    const volumes = fc.record({
      labels: fc.array(fc.integer({ min: -1, max: 4 }), { minLength: 24, maxLength: 24 }),
      to: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })),
    });
    fc.assert(
      fc.property(volumes, ({ labels, to }) => {
        const label = { shape: shapeNet(2, 3, 4), spacing: spacingNet(4, 1, 1), data: Int16Array.from(labels) };
        const out = resampleLabels(label, shapeNet(...to), even, options({ order: 1, forceSeparateZ: null }));
        expect([...out.data].every((value) => labels.includes(value))).toBe(true);
      }),
    );
  });

  it.each([
    { order: 3 as const, orderZ: 0 as const },
    { order: 1 as const, orderZ: 1 as const },
  ])('refuses orders that mix labels: $order and $orderZ', ({ order, orderZ }) => {
    const label = { shape: shapeNet(2, 1, 2), spacing: spacingNet(5, 1, 1), data: new Int16Array(4) };
    const change = () =>
      resampleLabels(label, shapeNet(3, 1, 2), even, options({ order, orderZ, forceSeparateZ: null }));
    expect(change).toThrow(`labels are resampled with order 0 or 1 and orderZ 0, got ${order} and ${orderZ}`);
  });
});
