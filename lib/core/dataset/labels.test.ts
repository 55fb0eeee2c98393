import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeclaredLabel } from './dataset-description.ts';
import { argMax, labelMap, labelMapOfLogits } from './label-map.ts';
import { labelProblems, labelScheme, targetNames } from './labels.ts';

const declared = (values: Readonly<Record<string, DeclaredLabel['value']>>): DeclaredLabel[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }));

/** Tumours as they are usually declared: the whole, the core inside it, the enhancing part inside that. */
const tumour = {
  labels: declared({ background: 0, whole: [1, 2, 3], core: [2, 3], enhancing: 3 }),
  regionsClassOrder: [1, 2, 3],
};

describe('labelScheme', () => {
  it.each([
    { name: 'the usual order', values: { background: 0, a: 1, b: 2 }, want: [1, 2] },
    { name: 'background declared last', values: { b: 2, a: 1, background: 0 }, want: [1, 2] },
    { name: 'one value under two names', values: { background: 0, a: 1, b: 1 }, want: [1] },
    { name: 'background alone', values: { background: 0 }, want: [] },
  ])('has foreground ascending and a head for background too: $name', ({ values, want }) => {
    expect(labelScheme({ labels: declared(values) })).toEqual({
      all: [0, ...want],
      foreground: want,
      targets: want,
      classOrder: null,
      heads: want.length + 1,
      ignore: null,
    });
  });

  it('has a head per region, in declaration order, and none for background', () => {
    expect(labelScheme(tumour)).toEqual({
      all: [0, 1, 2, 3],
      foreground: [1, 2, 3],
      targets: [[1, 2, 3], [2, 3], 3],
      classOrder: [1, 2, 3],
      heads: 3,
      ignore: null,
    });
    expect(targetNames(tumour)).toEqual(['whole', 'core', 'enhancing']);
  });

  it('gives the ignore label no head', () => {
    const labels = declared({ background: 0, a: 1, ignore: 2 });
    expect(labelScheme({ labels })).toMatchObject({ all: [0, 1], targets: [1], heads: 2, ignore: 2 });
    expect(targetNames({ labels })).toEqual(['a']);
  });

  it.each([
    { name: 'no background', values: { a: 1 }, want: 'expected the label "background" with value 0' },
    { name: 'a background that is a list', values: { background: [0], a: 1 }, want: '"background" with value 0' },
    { name: 'a gap', values: { background: 0, a: 2 }, want: 'without a gap, got 0, 2' },
    { name: 'ignore in the middle', values: { background: 0, ignore: 1, a: 2 }, want: 'without a gap, got 0, 2' },
    { name: 'ignore too high', values: { background: 0, a: 1, ignore: 9 }, want: 'one number, 2, got 9' },
    { name: 'a region without its class', values: { background: 0, a: [1, 2] }, want: 'each of 1 regions, got 0' },
    {
      name: 'a class that is no label',
      values: { background: 0, a: [1, 2] },
      order: [7],
      want: '7, which is no label',
    },
  ])('refuses $name', ({ values, order, want }: { values: object; order?: number[]; want: string }) => {
    const dataset = { labels: declared({ ...values }), ...(order && { regionsClassOrder: order }) };
    expect(() => labelScheme(dataset)).toThrow(want);
    expect(labelProblems(dataset).join()).toContain(want);
  });
});

describe('labelMap', () => {
  const regions = labelScheme(tumour);

  it('lets later regions overwrite earlier ones, above one half only', () => {
    // Three regions of four voxels.
    const probabilities = Float32Array.of(0.9, 0.9, 0.5, 0.1, 0.2, 0.8, 0.5, 0.1, 0.1, 0.7, 0.5, 0.6);
    expect([...labelMap(probabilities, regions)]).toEqual([1, 3, 0, 3]);
  });

  it('writes the class that the order names, whatever the region', () => {
    const order = { ...regions, classOrder: [3, 1, 2] };
    expect([...labelMap(Float32Array.of(1, 1, 1, 0, 1, 0, 0, 0, 1), order)]).toEqual([3, 1, 2]);
  });

  it('takes a logit for above one half as its sigmoid is in float32', () => {
    const one = { ...regions, classOrder: [1] };
    expect([...labelMapOfLogits(Float32Array.of(-1, 0, 1e-8, 1e-6, 1), one)]).toEqual([0, 0, 0, 1, 1]);
  });

  it('agrees between logits and the probabilities made of them', () => {
    const logits = fc.float32Array({ min: -20, max: 20, noNaN: true, minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(logits, (values) => {
        const probabilities = values.map((value) => 1 / (1 + Math.exp(-value)));
        expect(labelMapOfLogits(values, regions)).toEqual(labelMap(probabilities, regions));
      }),
    );
  });

  it('is the highest class without regions, the lowest of several highest', () => {
    const labels = labelScheme({ labels: declared({ background: 0, a: 1, b: 2 }) });
    const scores = Float32Array.of(0.2, 0.4, 0.1, 0.5, 0.4, 0.45, 0.3, 0.2, 0.45);
    expect([...labelMap(scores, labels)]).toEqual([1, 0, 1]);
    expect([...labelMapOfLogits(scores, labels)]).toEqual([1, 0, 1]);
  });

  it.each([
    { name: 'a part of a channel', heads: 4, want: '6 scores are not whole channels of 4 classes' },
    { name: 'more classes than a byte holds', heads: 257, want: 'expected 1 to 256 classes, got 257' },
  ])('refuses $name', ({ heads, want }) => {
    expect(() => argMax(new Float32Array(6), heads)).toThrow(want);
  });
});
