// Executes a NetworkGraph node by node, forwards and backwards. Each operation's forward rule and gradient stand side by
// side below; tfjs' own differentiation is not used, since its gradients come in a bundle that Node cannot load alone.

import * as tf from '@tensorflow/tfjs-core';
import { type GraphNode, type NetworkGraph, type NodeId, sourcesOf } from '#core/network/graph.ts';
import type { Tensors } from '#core/network/tensor.ts';
import { convolve, convolveBackward } from './convolution.ts';
import { instanceNorm, instanceNormBackward } from './instance-norm.ts';
import { type Activation, asVolume, averageBlocks, spreadAverages, voxelsOf } from './spatial-tensors.ts';
import { convolveTransposed, convolveTransposedBackward } from './transposed-convolution.ts';

/** The activation of every node of one forward pass. Lives until the surrounding `tf.tidy` ends. */
export type NodeActivations = readonly Activation[];

/** Runs the graph. Call inside `tf.tidy`. */
export function forwardPass(graph: NetworkGraph, weights: Tensors, input: Activation): NodeActivations {
  const parameter = parameters(weights);
  const activations: Activation[] = [];
  const of = (id: NodeId): Activation => activationOf(activations, id);
  for (const node of graph.nodes) activations.push(tf.tidy(() => forward(node, input, of, parameter)));
  return activations;
}

/**
 * Gradients of the parameters, given those of the outputs. Call inside the same `tf.tidy` as the forward pass.
 *
 * @param outputGradients one per output; `null` for an output that the loss does not read. Parameters that only such
 *   outputs depend on are not in the result.
 */
export function backwardPass(
  graph: NetworkGraph,
  weights: Tensors,
  activations: NodeActivations,
  outputGradients: readonly (Activation | null)[],
): Map<string, tf.Tensor> {
  const ofNodes = new Map<NodeId, Activation>();
  const ofParameters = new Map<string, tf.Tensor>();
  const parameter = parameters(weights);
  const of = (id: NodeId): Activation => activationOf(activations, id);
  const addToNode = (id: NodeId, gradient: Activation): void => {
    const sum = ofNodes.get(id);
    ofNodes.set(id, sum ? tf.add(sum, gradient) : gradient);
  };
  for (const [k, output] of graph.outputs.entries()) {
    const gradient = outputGradients[k];
    if (gradient) addToNode(output, gradient);
  }
  for (let id = graph.nodes.length - 1; id > 0; id--) {
    const node = graph.nodes[id];
    const gradient = ofNodes.get(id);
    if (!node || !gradient) continue;
    const passedOn = tf.tidy(() => backward(node, gradient, of, parameter));
    for (const [i, from] of sourcesOf(node).entries()) {
      const ofSource = passedOn.sources[i];
      if (ofSource) addToNode(from, ofSource);
    }
    for (const [name, ofParameter] of Object.entries(passedOn.parameters)) ofParameters.set(name, ofParameter);
  }
  return ofParameters;
}

type Parameters = (name: string) => tf.Tensor;
type Activations = (id: NodeId) => Activation;

function forward(node: GraphNode, input: Activation, of: Activations, parameter: Parameters): Activation {
  switch (node.op) {
    case 'input':
      return input;
    case 'convolution':
      return withBias(convolve(of(node.from), parameter(node.weight), node), node.bias, parameter);
    case 'transposed-convolution':
      return withBias(convolveTransposed(of(node.from), parameter(node.weight), node.stride), node.bias, parameter);
    case 'instance-norm':
      return instanceNorm(of(node.from), parameter(node.weight), parameter(node.bias), node.epsilon);
    case 'leaky-relu':
      return tf.leakyRelu(of(node.from), node.slope);
    case 'average-pool':
      return averageBlocks(of(node.from), asVolume(node.stride, 1));
    case 'add':
      return tf.addN(node.from.map(of));
    case 'concatenate':
      return tf.concat(node.from.map(of), 4);
  }
}

/** What a node passes back. A type alias, since tfjs takes only those for a container of tensors. */
type PassedOn = {
  /** One per source of the node. */
  sources: Activation[];
  parameters: Record<string, tf.Tensor>;
};

function backward(node: GraphNode, gradient: Activation, of: Activations, parameter: Parameters): PassedOn {
  switch (node.op) {
    case 'input':
      return { sources: [], parameters: {} };
    case 'convolution': {
      const { input, weight } = convolveBackward(of(node.from), parameter(node.weight), node, gradient);
      return { sources: [input], parameters: { [node.weight]: weight, ...ofBias(node.bias, gradient) } };
    }
    case 'transposed-convolution': {
      const { input, weight } = convolveTransposedBackward(
        of(node.from),
        parameter(node.weight),
        node.stride,
        gradient,
      );
      return { sources: [input], parameters: { [node.weight]: weight, ...ofBias(node.bias, gradient) } };
    }
    case 'instance-norm': {
      const scale = parameter(node.weight);
      const passedOn = instanceNormBackward(of(node.from), scale, node.epsilon, gradient);
      return { sources: [passedOn.input], parameters: { [node.weight]: passedOn.scale, [node.bias]: passedOn.shift } };
    }
    case 'leaky-relu': {
      const passed = tf.where(tf.greater(of(node.from), 0), gradient, tf.mul(gradient, node.slope));
      return { sources: [passed], parameters: {} };
    }
    case 'average-pool':
      return { sources: [spreadAverages(gradient, asVolume(node.stride, 1))], parameters: {} };
    case 'add':
      return { sources: node.from.map(() => gradient.clone()), parameters: {} };
    case 'concatenate': {
      const sizes = node.from.map((id) => of(id).shape[4]);
      return { sources: splitChannels(gradient, sizes), parameters: {} };
    }
  }
}

const withBias = (activation: Activation, bias: string | null, parameter: Parameters): Activation =>
  bias === null ? activation : tf.add(activation, parameter(bias));

/** A bias is added to every voxel of its channel. */
const ofBias = (bias: string | null, gradient: Activation): Record<string, tf.Tensor> =>
  bias === null ? {} : { [bias]: tf.sum(voxelsOf(gradient), 0) };

/** The inverse of a concatenation along channels. On two axes, since the WASM backend slices five slowly. */
function splitChannels(gradient: Activation, sizes: readonly number[]): Activation[] {
  const [n, d, h, w] = gradient.shape;
  const flat = voxelsOf(gradient);
  let start = 0;
  return sizes.map((size) => {
    const part = tf.slice(flat, [0, start], [n * d * h * w, size]);
    start += size;
    return tf.reshape(part, [n, d, h, w, size]);
  });
}

function parameters(weights: Tensors): Parameters {
  return (name) => {
    const weight = weights.get(name);
    if (!weight) throw new RangeError(`the network has no parameter ${name}`);
    return tf.tensor(weight.data, [...weight.shape], 'float32');
  };
}

function activationOf(activations: readonly Activation[], id: NodeId): Activation {
  const activation = activations[id];
  if (!activation) throw new RangeError(`node ${id} is read before it is computed`);
  return activation;
}
