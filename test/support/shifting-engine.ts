// An engine without arithmetic of its own: the logit of class 0 is 0, that of class 1 the voxel plus a number taken from
// the weights. Results can be checked on paper.

import type { Engine, Network } from '#compute/engine.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import type { Tensors } from '#core/network/tensor.ts';

/** Weights with which a shifting network adds `shift` to each voxel. */
export const shiftBy = (graph: NetworkGraph, shift: number): Tensors =>
  new Map(
    graph.parameters.map(({ name, shape }) => {
      const values = shape.reduce((a, b) => a * b, 1);
      return [name, { shape, data: new Float32Array(values).fill(shift) }];
    }),
  );

export class ShiftingEngine implements Engine {
  readonly numerics = {
    engine: 'tfjs',
    version: 'shifting',
    device: 'cpu',
    dtype: 'float32',
    instructionSet: 'none',
    threads: 1,
  } as const;
  /** Networks that are not disposed of. */
  open = 0;
  /** How often weights were loaded. */
  loads = 0;
  /** Those of the last prediction. */
  mirrorAxes: readonly number[] | null = null;
  /** How many compilations succeed before one fails. */
  compilations = Number.POSITIVE_INFINITY;

  async compile(graph: NetworkGraph): Promise<Network> {
    if (this.compilations-- <= 0) throw new Error('out of memory');
    this.open++;
    let shift = 0;
    const unsupported = () => Promise.reject(new Error('a shifting network only predicts'));
    return {
      graph,
      setWeights: async (weights) => {
        this.loads++;
        shift = [...weights.values()][0]?.data[0] ?? Number.NaN;
      },
      predict: async (image, { mirrorAxes }) => {
        this.mirrorAxes = mirrorAxes;
        const [, ...space] = image.shape;
        const voxels = space.reduce((a, b) => a * b, 1);
        const data = new Float32Array(2 * voxels);
        for (let i = 0; i < voxels; i++) data[voxels + i] = (image.data[i] ?? Number.NaN) + shift;
        return { shape: [2, ...space], data };
      },
      weights: unsupported,
      forward: unsupported,
      train: unsupported,
      [Symbol.asyncDispose]: async () => {
        this.open--;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
