// Resampling along one axis, as a few weighted neighbours per output. Volumes are resampled axis after axis: the
// interpolations used here are separable.

import { product } from '#core/geometry/axes.ts';

/** Where the samples of one axis come from: output i is a weighted sum of `taps` padded samples from `first[i]` on. */
export interface AxisInterpolation {
  readonly inputs: number;
  readonly outputs: number;
  /** Copies of the edge sample on both sides. */
  readonly padding: number;
  /** The padded samples are turned into cubic B-spline coefficients first. */
  readonly spline: boolean;
  readonly taps: number;
  readonly first: Int32Array;
  /** `outputs * taps` weights. */
  readonly weights: Float64Array;
}

/** SciPy pads by as many edge samples before it computes spline coefficients; they are the boundary condition. */
const SPLINE_PADDING = 12;
/** Pole of the cubic B-spline filter. */
const POLE = Math.sqrt(3) - 2;
/** Gain of the filter, (1 - pole)(1 - 1/pole). */
const GAIN = 6;
/** |pole|^28 is below the rounding of a double. */
const HORIZON = 28;

/**
 * How `inputs` samples become `outputs`, both centred in their cells: output i lies at (i + 0.5) inputs / outputs - 0.5.
 *
 * Order 3 is the interpolating cubic B-spline, 1 linear, 0 the nearest sample (halfway: the later one). Samples past
 * either end repeat the last one.
 *
 * @see scikit-image `resize` with mode "edge" and no anti-aliasing; Unser, Aldroubi, Eden 1993 for the spline
 */
export function axisInterpolation(inputs: number, outputs: number, order: 0 | 1 | 3): AxisInterpolation {
  const padding = order === 3 ? SPLINE_PADDING : order;
  const taps = order + 1;
  const first = new Int32Array(outputs);
  const weights = new Float64Array(outputs * taps);
  for (let i = 0; i < outputs; i++) {
    const x = samplePosition(i, inputs, outputs);
    const left = order === 0 ? nearestSample(i, inputs, outputs) : Math.floor(x) - (order === 3 ? 1 : 0);
    first[i] = left + padding;
    weights.set(tapWeights(x - Math.floor(x), order), i * taps);
  }
  return { inputs, outputs, padding, spline: order === 3, taps, first, weights };
}

const samplePosition = (i: number, inputs: number, outputs: number): number => (i + 0.5) * (inputs / outputs) - 0.5;

/** Index of the input sample whose cell holds the centre of output cell `i`; on a border the later one. */
export const nearestSample = (i: number, inputs: number, outputs: number): number =>
  Math.min(inputs - 1, Math.floor((i + 0.5) * (inputs / outputs)));

/** The two input samples about output `i` and the share of the second, for linear interpolation within the ends. */
export function linearNeighbours(i: number, inputs: number, outputs: number): readonly [number, number, number] {
  const x = Math.min(Math.max(samplePosition(i, inputs, outputs), 0), inputs - 1);
  const left = Math.floor(x);
  return [left, Math.min(left + 1, inputs - 1), x - left];
}

function tapWeights(t: number, order: 0 | 1 | 3): readonly number[] {
  if (order === 0) return [1];
  if (order === 1) return [1 - t, t];
  const s = 1 - t;
  return [(s * s * s) / 6, (4 - 6 * t * t + 3 * t * t * t) / 6, (4 - 6 * s * s + 3 * s * s * s) / 6, (t * t * t) / 6];
}

/** Lines worked on at once: enough to hide the latency of the recursion, few enough to stay in the cache. */
const BLOCK = 32;

/**
 * Resamples every line along `axis` of a C-order array.
 *
 * @returns a new array of the shape with that axis' extent replaced.
 */
export function interpolateAxis(
  data: Float32Array | Float64Array,
  shape: readonly [number, number, number],
  axis: number,
  plan: AxisInterpolation,
): Float64Array {
  const inner = product(shape.slice(axis + 1));
  const outer = product(shape.slice(0, axis));
  const out = new Float64Array(outer * plan.outputs * inner);
  const block = new Float64Array((plan.inputs + 2 * plan.padding) * BLOCK);
  // Lines of the last axis lie one after another; those of the others side by side.
  const lines =
    inner === 1
      ? { groups: 1, count: outer, step: 1, apart: plan.inputs, outApart: plan.outputs }
      : { groups: outer, count: inner, step: inner, apart: 1, outApart: 1 };
  for (let group = 0; group < lines.groups; group++) {
    const from = group * plan.inputs * inner;
    const to = group * plan.outputs * inner;
    for (let line = 0; line < lines.count; line += BLOCK) {
      const width = Math.min(BLOCK, lines.count - line);
      load(data, from + line * lines.apart, lines.step, lines.apart, plan, block, width);
      if (plan.spline) toSplineCoefficients(block, plan.inputs + 2 * plan.padding, width);
      evaluate(block, width, plan, out, to + line * lines.outApart, lines.step, lines.outApart);
    }
  }
  return out;
}

/** Copies `width` lines side by side, each padded with its edge samples: entry k of line j at `k * width + j`. */
function load(
  data: Float32Array | Float64Array,
  from: number,
  step: number,
  apart: number,
  { inputs, padding }: AxisInterpolation,
  block: Float64Array,
  width: number,
): void {
  for (let k = 0; k < inputs + 2 * padding; k++) {
    const sample = from + Math.min(Math.max(k - padding, 0), inputs - 1) * step;
    for (let j = 0; j < width; j++) block[k * width + j] = data[sample + j * apart] as number;
  }
}

/** In place, by a causal and an anticausal recursion; mirrored at both ends. `block` holds `length` rows. */
function toSplineCoefficients(block: Float64Array, length: number, width: number): void {
  const mirrored = (k: number): number => (k < length ? k : 2 * length - 2 - k);
  for (let j = 0; j < width; j++) {
    let start = 0;
    for (let k = Math.min(HORIZON, 2 * length - 2) - 1; k >= 0; k--) {
      start = start * POLE + (block[mirrored(k) * width + j] as number);
    }
    block[j] = start * GAIN;
  }
  for (let at = width; at < length * width; at++) {
    block[at] = (block[at] as number) * GAIN + POLE * (block[at - width] as number);
  }
  const last = (length - 1) * width;
  for (let j = last; j < last + width; j++) {
    block[j] = (POLE / (POLE * POLE - 1)) * ((block[j] as number) + POLE * (block[j - width] as number));
  }
  for (let at = last - 1; at >= 0; at--) {
    block[at] = POLE * ((block[at + width] as number) - (block[at] as number));
  }
}

function evaluate(
  block: Float64Array,
  width: number,
  { outputs, taps, first, weights }: AxisInterpolation,
  out: Float64Array,
  to: number,
  step: number,
  apart: number,
): void {
  for (let i = 0; i < outputs; i++) {
    const row = (first[i] as number) * width;
    for (let j = 0; j < width; j++) {
      let sum = 0;
      for (let tap = 0; tap < taps; tap++)
        sum += (weights[i * taps + tap] as number) * (block[row + tap * width + j] as number);
      out[to + i * step + j * apart] = sum;
    }
  }
}
