import { product } from '#core/geometry/axes.ts';
import { roundHalfEven } from '#core/geometry/rounding.ts';
import { memoryEstimate } from '#core/network/memory-estimate.ts';
import { type NetworkTopology, networkTopology } from './network-topology.ts';
import { plannedArchitecture } from './planned-architecture.ts';
import { type Planner, REFERENCE_BATCH_SIZE } from './planners.ts';
import type { Architecture } from './plans.ts';

/** What the patch of one configuration has to fit. Two or three axes, network order. */
export interface PatchRequest {
  readonly planner: Planner;
  /** mm per voxel. */
  readonly spacing: readonly number[];
  /** Median image extent at this spacing; may end in .5. */
  readonly medianImageSize: readonly number[];
  /** Memory estimate allowed for the planner's reference batch. */
  readonly allowedEstimate: number;
  /** Entries of dataset.json's `labels`. */
  readonly labelEntries: number;
}

/** A patch, the network it gets and the memory that takes. */
export interface PatchCandidate {
  readonly patchSize: readonly number[];
  readonly architecture: Architecture;
  readonly estimate: number;
}

/** Voxels of the first patch tried, by dimensions. */
const FIRST_PATCH_VOXELS: Readonly<Record<number, number>> = { 2: 2048 ** 2, 3: 256 ** 3 };

/**
 * The patches tried for a configuration, largest first; the last one fits the memory.
 *
 * The first has the field of view of a cube (a square) of 256³ (2048²) voxels, no larger than the median image. While
 * it does not fit, the axis that covers most of the median image loses as many voxels as its pooling divides by.
 *
 * @see nnU-Net v2, ExperimentPlanner.get_plans_for_configuration
 */
export function patchesTried(request: PatchRequest): [PatchCandidate, ...PatchCandidate[]] {
  let topology = networkTopology(request.spacing, firstPatchSize(request.spacing, request.medianImageSize));
  let candidate = candidateOf(request, topology);
  const tried: [PatchCandidate, ...PatchCandidate[]] = [candidate];
  while (!fits(request, candidate)) {
    topology = shrunk(topology, request);
    candidate = candidateOf(request, topology);
    tried.push(candidate);
  }
  return tried;
}

function firstPatchSize(spacing: readonly number[], medianImageSize: readonly number[]): number[] {
  const dimensions = spacing.length;
  const perMm = spacing.map((mm) => 1 / mm);
  const edgeMm = ((FIRST_PATCH_VOXELS[dimensions] ?? 0) / product(perMm)) ** (1 / dimensions);
  return perMm.map((r, axis) => Math.min(roundHalfEven(r * edgeMm), medianImageSize[axis] ?? 0));
}

function candidateOf({ planner, labelEntries }: PatchRequest, topology: NetworkTopology): PatchCandidate {
  const architecture = plannedArchitecture(planner, topology);
  const { patchSize } = topology;
  return { patchSize, architecture, estimate: memoryEstimate(architecture, patchSize, labelEntries) };
}

function fits({ planner, allowedEstimate }: PatchRequest, { architecture, estimate }: PatchCandidate): boolean {
  // The plain planner asks only that a batch of 2 fits, the residual ones that the reference batch does.
  const batch = planner.network === 'PlainConvUNet' ? REFERENCE_BATCH_SIZE[architecture.dimensions] / 2 : 1;
  return estimate / batch <= allowedEstimate;
}

function shrunk({ patchSize, divisor }: NetworkTopology, { spacing, medianImageSize }: PatchRequest): NetworkTopology {
  const covered = patchSize.map((extent, axis) => extent / (medianImageSize[axis] ?? 1));
  const axis = covered.lastIndexOf(Math.max(...covered));
  const less = (voxels: number) => patchSize.map((extent, i) => (i === axis ? extent - voxels : extent));
  // The step is what pooling divides by after shrinking, which may be less than before.
  const step = networkTopology(spacing, less(divisor[axis] ?? 1)).divisor[axis] ?? 1;
  return networkTopology(spacing, less(step));
}
