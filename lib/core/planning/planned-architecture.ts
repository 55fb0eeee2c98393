import type { NetworkTopology } from './network-topology.ts';
import { BASE_FEATURES, MAX_FEATURES, type Planner } from './planners.ts';
import type { Architecture } from './plans.ts';

/** Residual blocks of the first stages; every further stage has 6. */
const RESIDUAL_BLOCKS = [1, 3, 4];

/**
 * The network that a planner builds for a topology: 32 feature maps, doubled per stage up to 320 (3D) or 512 (2D).
 *
 * @param featuresPerStage others than the planner's; must have an entry per stage.
 */
export function plannedArchitecture(
  planner: Planner,
  { strides, kernelSizes }: NetworkTopology,
  featuresPerStage: readonly number[] | null = null,
): Architecture {
  const dimensions = strides[0]?.length === 3 ? 3 : 2;
  const plain = planner.network === 'PlainConvUNet';
  return {
    kind: planner.network,
    dimensions,
    featuresPerStage:
      featuresPerStage ?? strides.map((_, stage) => Math.min(BASE_FEATURES * 2 ** stage, MAX_FEATURES[dimensions])),
    kernelSizes,
    strides,
    encoderBlocksPerStage: strides.map((_, stage) => (plain ? 2 : (RESIDUAL_BLOCKS[stage] ?? 6))),
    decoderConvolutionsPerStage: strides.slice(1).map(() => (plain ? 2 : 1)),
    convolutionBias: true,
    normEpsilon: 1e-5,
  };
}
