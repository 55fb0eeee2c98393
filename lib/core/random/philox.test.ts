import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PhiloxBlock, type PhiloxKey, philox4x32, philoxNormals } from './philox.ts';

describe('philox4x32', () => {
  // Random123, kat_vectors, philox4x32 with 10 rounds.
  const knownAnswers: { name: string; counter: PhiloxBlock; key: PhiloxKey; want: PhiloxBlock }[] = [
    { name: 'zeros', counter: [0, 0, 0, 0], key: [0, 0], want: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
    {
      name: 'all bits set',
      counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      key: [0xffffffff, 0xffffffff],
      want: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    },
    {
      name: 'digits of pi',
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      want: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    },
  ];

  it.each(knownAnswers)('gives the published words for $name', ({ counter, key, want }) => {
    expect(philox4x32(counter, key)).toEqual(want);
  });
});

describe('philoxNormals', () => {
  it('turns the words of a block into two pairs by Box and Muller', () => {
    const u = philox4x32([0, 0, 0, 0], [7, 9]).map((word) => (word + 0.5) / 2 ** 32);
    const [u0 = 0, u1 = 0, u2 = 0, u3 = 0] = u;
    const want = [
      Math.sqrt(-2 * Math.log(u0)) * Math.cos(2 * Math.PI * u1),
      Math.sqrt(-2 * Math.log(u0)) * Math.sin(2 * Math.PI * u1),
      Math.sqrt(-2 * Math.log(u2)) * Math.cos(2 * Math.PI * u3),
      Math.sqrt(-2 * Math.log(u2)) * Math.sin(2 * Math.PI * u3),
    ];
    expect(philoxNormals([7, 9], 4)).toEqual(Float32Array.from(want));
  });

  it('gives number i the same value wherever the range starts', () => {
    const whole = philoxNormals([1, 2], 200);
    fc.assert(
      fc.property(fc.nat(99), fc.nat(99), (offset, count) => {
        expect(philoxNormals([1, 2], count, offset)).toEqual(whole.slice(offset, offset + count));
      }),
    );
  });

  it('carries into the second counter word beyond 2^32 blocks', () => {
    const [w0, w1] = philox4x32([5, 1, 0, 0], [3, 4]);
    const want = Math.sqrt(-2 * Math.log((w0 + 0.5) / 2 ** 32)) * Math.cos((2 * Math.PI * (w1 + 0.5)) / 2 ** 32);
    expect(philoxNormals([3, 4], 1, 4 * (2 ** 32 + 5))[0]).toBe(Math.fround(want));
  });

  it('has mean 0 and variance 1', () => {
    const normals = philoxNormals([11, 0], 100_000);
    const mean = normals.reduce((sum, x) => sum + x, 0) / normals.length;
    const variance = normals.reduce((sum, x) => sum + (x - mean) ** 2, 0) / normals.length;
    // Four standard errors: 1 / sqrt(n) of the mean, sqrt(2 / n) of the variance.
    expect(Math.abs(mean)).toBeLessThan(0.0127);
    expect(Math.abs(variance - 1)).toBeLessThan(0.018);
  });
});
