import { describe, expect, it } from 'vitest';
import { philoxNormals } from '#core/random/philox.ts';
import { RandomStream } from '#core/random/random-stream.ts';
import type { NetworkGraph, Parameter } from './graph.ts';
import { initializeParameters } from './initialize-parameters.ts';

const aGraph = (parameters: readonly Parameter[]): NetworkGraph => ({
  dimensions: 2,
  nodes: [],
  outputs: [],
  inputChannels: 1,
  heads: 2,
  divisor: [1, 1],
  parameters,
});
const weight = (name: string, outputs: number): Parameter => ({
  name,
  shape: [outputs, 10, 3, 3],
  initialization: { kind: 'kaiming-normal', fanIn: 90 },
});

describe('initializeParameters', () => {
  it('fills constants', () => {
    const norm: Parameter = { name: 'norm.weight', shape: [3], initialization: { kind: 'constant', value: 1 } };
    expect(initializeParameters(aGraph([norm]), 0)).toEqual(
      new Map([['norm.weight', { shape: [3], data: new Float32Array([1, 1, 1]) }]]),
    );
  });

  it('draws normal weights whose deviation suits the fan-in', () => {
    const drawn = initializeParameters(aGraph([weight('a', 200)]), 1).get('a')?.data ?? new Float32Array();
    const mean = drawn.reduce((a, b) => a + b, 0) / drawn.length;
    const deviation = Math.sqrt(drawn.reduce((a, b) => a + (b - mean) ** 2, 0) / drawn.length);
    expect(drawn).toHaveLength(18_000);
    // Standard errors for 18 000 draws: 0.0011 of the mean, 0.5 % of the deviation; five of each are allowed.
    expect(Math.abs(mean)).toBeLessThan(0.0056);
    expect(Math.abs(deviation / Math.sqrt(2 / 1.0001 / 90) - 1)).toBeLessThan(0.026);
  });

  it('scales them for a leaky ReLU of slope 0.01', () => {
    const drawn = initializeParameters(aGraph([weight('a', 1)]), 1).get('a')?.data ?? new Float32Array();
    const normals = philoxNormals(new RandomStream(1).key(), 90);
    // Slope 0.02 would give 1.5e-4 less; float32 has 6e-8.
    for (const [i, value] of drawn.entries())
      expect(Math.abs(value / (normals[i] ?? 0) / Math.sqrt(2 / 1.0001 / 90) - 1)).toBeLessThan(1e-6);
  });

  it('is the same for the same seed, and another for another', () => {
    const graph = aGraph([weight('a', 2)]);
    expect(initializeParameters(graph, 7)).toEqual(initializeParameters(graph, 7));
    expect(initializeParameters(graph, 7)).not.toEqual(initializeParameters(graph, 8));
  });

  it('draws each weight from a stream of its own', () => {
    const small = initializeParameters(aGraph([weight('a', 1), weight('b', 2)]), 7);
    const large = initializeParameters(aGraph([weight('a', 5), weight('b', 2)]), 7);
    expect(large.get('b')).toEqual(small.get('b'));
    expect(large.get('a')?.data.subarray(0, 90)).toEqual(small.get('a')?.data);
    expect(small.get('b')?.data.subarray(0, 90)).not.toEqual(small.get('a')?.data);
  });
});
