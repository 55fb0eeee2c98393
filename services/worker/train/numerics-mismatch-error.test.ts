import { describe, expect, test } from 'vitest';
import type { Numerics } from '#compute/engine.ts';
import { requireSameNumerics } from './numerics-mismatch-error.ts';

const numerics: Numerics = {
  engine: 'torch',
  version: 'libtorch 2.11.0',
  device: 'cpu',
  dtype: 'float32',
  instructionSet: 'AVX2',
  threads: 1,
};

describe('requireSameNumerics', () => {
  test('lets equal numerics pass', () => {
    expect(() => requireSameNumerics(numerics, { ...numerics })).not.toThrow();
  });

  test.each<{ name: string; worker: Partial<Numerics>; want: string }>([
    { name: 'engine', worker: { engine: 'tfjs' }, want: "made with engine 'torch', this worker has 'tfjs'" },
    { name: 'version', worker: { version: 'libtorch 2.12.0' }, want: "version 'libtorch 2.11.0'" },
    { name: 'device', worker: { device: 'cuda' }, want: "this worker has 'cuda'" },
    { name: 'precision', worker: { dtype: 'bfloat16' }, want: "dtype 'float32', this worker has 'bfloat16'" },
    { name: 'instruction set', worker: { instructionSet: 'AVX512' }, want: "instructionSet 'AVX2'" },
    { name: 'threads', worker: { threads: 2 }, want: "threads '1', this worker has '2'" },
  ])('names the $name when it differs', ({ worker, want }) => {
    expect(() => requireSameNumerics(numerics, { ...numerics, ...worker })).toThrow(want);
  });
});
