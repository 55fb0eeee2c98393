import * as tf from '@tensorflow/tfjs-core';
import { product } from '#core/geometry/axes.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import type { Tensor, Tensors } from '#core/network/tensor.ts';
import { expectTensors } from '../expect-tensors.ts';
import { backwardPass, forwardPass } from './network-pass.ts';
import { type Activation, toActivation, toPortTensor } from './spatial-tensors.ts';

/** A graph with its weights. Tensors of tfjs never leave a call, so there is nothing to dispose of. */
export class NetworkOnTfjs {
  readonly graph: NetworkGraph;
  #weights: Tensors;

  constructor(graph: NetworkGraph) {
    this.graph = graph;
    this.#weights = new Map(
      graph.parameters.map(({ name, shape }) => [name, { shape, data: new Float32Array(product(shape)) }]),
    );
  }

  get weights(): Tensors {
    return this.#weights;
  }

  set weights(weights: Tensors) {
    expectTensors('weights', this.graph.parameters, weights);
    this.#weights = new Map(this.graph.parameters.map(({ name }) => [name, weights.get(name) as Tensor]));
  }

  /** Logits of every output, (N, heads, ...spatial). @param input (N, C, ...spatial) */
  forward(input: Tensor): Tensor[] {
    return withoutLeak(() => this.#outputs(forwardPass(this.graph, this.#weights, toActivation(input))));
  }

  /**
   * A forward and a backward pass.
   *
   * @param loss gives the loss of the outputs and its gradient by each of them, `null` for one it does not read.
   */
  differentiate(
    input: Tensor,
    loss: (outputs: Tensor[]) => { readonly loss: number; readonly gradients: readonly (Float32Array | null)[] },
  ): { readonly loss: number; readonly gradients: Tensors } {
    return withoutLeak(() => {
      const activations = forwardPass(this.graph, this.#weights, toActivation(input));
      const outputs = this.#outputs(activations);
      const evaluated = loss(outputs);
      const outputGradients = outputs.map(({ shape }, k) => {
        const data = evaluated.gradients[k];
        return data ? toActivation({ shape, data }) : null;
      });
      const computed = backwardPass(this.graph, this.#weights, activations, outputGradients);
      return { loss: evaluated.loss, gradients: this.#inOrder(computed) };
    });
  }

  #outputs(activations: readonly Activation[]): Tensor[] {
    return this.graph.outputs.map((id) => {
      const activation = activations[id];
      if (!activation) throw new RangeError(`the graph has no node ${id} for an output`);
      return toPortTensor(activation, this.graph.dimensions);
    });
  }

  #inOrder(computed: ReadonlyMap<string, tf.Tensor>): Tensors {
    const gradients = new Map<string, Tensor>();
    for (const { name, shape } of this.graph.parameters) {
      const gradient = computed.get(name);
      if (gradient) gradients.set(name, { shape, data: new Float32Array(gradient.dataSync<'float32'>()) });
    }
    return gradients;
  }
}

/** Frees every tensor made inside, also when it throws. What is returned must be plain arrays. */
function withoutLeak<T>(compute: () => T): T {
  tf.engine().startScope();
  try {
    return compute();
  } finally {
    tf.engine().endScope();
  }
}
