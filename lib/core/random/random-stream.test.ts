import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStream } from './random-stream.ts';

const draws = (stream: RandomStream, count: number): number[] =>
  Array.from({ length: count }, () => stream.uniform(0, 1));

describe('RandomStream', () => {
  it('gives the same numbers under the same name', () => {
    expect(draws(new RandomStream(1, 2, 3), 9)).toEqual(draws(new RandomStream(1, 2, 3), 9));
  });

  it.each([
    { name: 'another seed', path: [2, 2, 3] },
    { name: 'another step', path: [1, 2, 4] },
    { name: 'the steps in another order', path: [1, 3, 2] },
    { name: 'a shorter path', path: [1, 2] },
    { name: 'a longer path', path: [1, 2, 3, 0] },
    { name: 'a step that differs beyond 32 bits', path: [1, 2, 3 + 2 ** 32] },
  ])('gives other numbers under $name', ({ path }) => {
    const [seed = 0, ...steps] = path;
    expect(draws(new RandomStream(seed, ...steps), 2)).not.toEqual(draws(new RandomStream(1, 2, 3), 2));
  });

  it('never repeats a number within a stream', () => {
    expect(new Set(draws(new RandomStream(5), 10_000)).size).toBe(10_000);
  });

  it('draws uniforms inside their interval', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 50 }), (seed, low, width) => {
        const x = new RandomStream(seed).uniform(low, low + width);
        expect(x).toBeGreaterThanOrEqual(low);
        expect(x).toBeLessThan(low + width);
      }),
    );
  });

  it('draws whole numbers evenly, both ends included', () => {
    const stream = new RandomStream(3);
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 8000; i++) {
      const face = stream.integer(-1, 2) + 1;
      counts[face] = (counts[face] ?? 0) + 1;
    }
    // 2000 expected; four standard deviations of a binomial with p 1/4 are 155.
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(155);
  });

  it('takes a chance as often as its probability says', () => {
    const stream = new RandomStream(4);
    const taken = Array.from({ length: 10_000 }, () => stream.chance(0.2)).filter(Boolean).length;
    expect(Math.abs(taken - 2000)).toBeLessThan(160);
    expect(stream.chance(0)).toBe(false);
    expect(stream.chance(1)).toBe(true);
  });

  it('refuses an empty range', () => {
    expect(() => new RandomStream(1).integer(3, 2)).toThrow('no whole number lies between 3 and 2');
  });

  it.each([-1, 0.5, Number.NaN])('refuses the name %s', (name) => {
    expect(() => new RandomStream(name)).toThrow(`at least 0, got ${name}`);
  });
});
