import { MIN_BOTTLENECK_EDGE } from './planners.ts';

/** How a network pools: per stage and axis, and the patch that this divides. */
export interface NetworkTopology {
  /** Per stage; the first is all ones. */
  readonly strides: readonly (readonly number[])[];
  /** Per stage: 1 along axes still too coarse to mix, else 3. */
  readonly kernelSizes: readonly (readonly number[])[];
  /** The patch asked for, rounded up to multiples of `divisor`. */
  readonly patchSize: readonly number[];
  /** Product of all strides per axis. */
  readonly divisor: readonly number[];
}

/** An axis is pooled, and convolved across, only once no other is this many times finer. */
const COARSER = 2;

/**
 * Strides and kernels for a patch at a spacing.
 *
 * Stage by stage, every axis of at least 8 voxels whose spacing is below twice the finest among those is halved, until
 * none is left, or one alone with less than 12 voxels. A kernel is 1 along an axis until its spacing falls below twice
 * the finest of all, then 3 for good; the bottleneck is 3 everywhere.
 *
 * @param spacing mm per axis, network order.
 * @param patchSize voxels per axis; halves are allowed.
 * @param maxStages stop pooling at this many stages.
 * @see nnU-Net v2, network_topology.py, get_pool_and_conv_props
 */
export function networkTopology(
  spacing: readonly number[],
  patchSize: readonly number[],
  maxStages = Number.POSITIVE_INFINITY,
): NetworkTopology {
  const current = spacing.map((mm, axis) => ({ mm, voxels: patchSize[axis] ?? 0, kernel: 1, divisor: 1 }));
  const strides = [spacing.map(() => 1)];
  const kernelSizes: number[][] = [];
  while (strides.length < maxStages) {
    const pooled = axesToPool(current);
    if (pooled.length === 0) break;
    const finest = Math.min(...current.map(({ mm }) => mm));
    for (const axis of current) if (axis.mm / finest < COARSER) axis.kernel = 3;
    kernelSizes.push(current.map(({ kernel }) => kernel));
    strides.push(current.map((axis) => (pooled.includes(axis) ? 2 : 1)));
    for (const axis of pooled) {
      axis.mm *= 2;
      axis.voxels = Math.ceil(axis.voxels / 2);
      axis.divisor *= 2;
    }
  }
  kernelSizes.push(current.map(() => 3));
  const divisor = current.map((axis) => axis.divisor);
  const rounded = patchSize.map((extent, axis) => roundUp(extent, divisor[axis] ?? 1));
  return { strides, kernelSizes, patchSize: rounded, divisor };
}

function axesToPool<A extends { readonly mm: number; readonly voxels: number }>(axes: readonly A[]): A[] {
  const large = axes.filter(({ voxels }) => voxels >= 2 * MIN_BOTTLENECK_EDGE);
  const finest = Math.min(...large.map(({ mm }) => mm));
  const pooled = large.filter(({ mm }) => mm / finest < COARSER);
  const [only] = pooled;
  return pooled.length === 1 && only !== undefined && only.voxels < 3 * MIN_BOTTLENECK_EDGE ? [] : pooled;
}

const roundUp = (extent: number, divisor: number): number => Math.ceil(extent / divisor) * divisor;
