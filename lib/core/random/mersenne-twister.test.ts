import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MersenneTwister } from './mersenne-twister.ts';

describe('MersenneTwister', () => {
  it.each([
    { seed: 12345, wantFirst: 3992670690 },
    { seed: 1234, wantFirst: 822569775 },
    { seed: 5489, wantFirst: 3499211612 }, // the default seed of mt19937ar.c
  ])('gives $wantFirst first for seed $seed', ({ seed, wantFirst }) => {
    expect(new MersenneTwister(seed).next32()).toBe(wantFirst);
  });

  it('gives the 10000th number the C++ standard requires of mt19937', () => {
    const random = new MersenneTwister(5489);
    for (let i = 1; i < 10_000; i++) random.next32();
    expect(random.next32()).toBe(4123659995);
  });

  it.each([-1, 0.5, 2 ** 32, Number.NaN])('refuses seed %s', (seed) => {
    expect(() => new MersenneTwister(seed)).toThrow(`seed must be a whole number in [0, 2^32), got ${seed}`);
  });

  it('chooses without replacement as RandomState(1234) does', () => {
    const chosen = new MersenneTwister(1234).choiceWithoutReplacement(10, 50);
    expect([...chosen]).toEqual([37, 45, 6, 44, 13, 36, 8, 29, 4, 49]);
  });

  it('draws below a bound as RandomState(1234) does', () => {
    const random = new MersenneTwister(1234);
    const drawn = Array.from({ length: 12 }, () => random.bounded(999));
    expect(drawn).toEqual([815, 723, 294, 53, 204, 372, 664, 655, 689, 279, 233, 154]);
  });

  it('draws nothing where there is one possibility', () => {
    const random = new MersenneTwister(1234);
    expect(random.bounded(0)).toBe(0);
    expect(random.next32()).toBe(822569775);
  });

  it('covers the whole range of 32 bits', () => {
    const random = new MersenneTwister(12345);
    expect(random.bounded(0xffffffff)).toBe(3992670690);
  });

  it('refuses to choose more than there is', () => {
    expect(() => new MersenneTwister(1).choiceWithoutReplacement(3, 2)).toThrow('cannot choose 3 of 2 without');
  });

  it('permutes: every index once', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(200), (seed, n) => {
        const sorted = new MersenneTwister(seed).permutation(n).sort();
        expect([...sorted]).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    );
  });

  it('stays at or below the bound', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(0xffffffff), (seed, max) => {
        const drawn = new MersenneTwister(seed).bounded(max);
        expect(drawn).toBeGreaterThanOrEqual(0);
        expect(drawn).toBeLessThanOrEqual(max);
      }),
    );
  });
});
