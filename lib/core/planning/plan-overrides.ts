import { BadInputError } from '#core/errors.ts';
import { extentNet } from '#core/geometry/axes.ts';
import { networkTopology } from './network-topology.ts';
import { plannedArchitecture } from './planned-architecture.ts';
import type { Planner } from './planners.ts';
import type { ConfigurationPlan } from './plans.ts';

/** Values of one configuration that replace the planner's own. */
export interface PlanOverride {
  /** Voxels per axis, network order; rounded up to what pooling divides by. */
  readonly patchSize?: readonly number[] | undefined;
  readonly batchSize?: number | undefined;
  /** Feature maps per stage. Fewer entries than the planner's stages mean fewer stages. */
  readonly featuresPerStage?: readonly number[] | undefined;
}

/** An override that no plan can follow. */
export class InvalidPlanOverrideError extends BadInputError {
  readonly code = 'PLAN_OVERRIDE_INVALID';
}

/**
 * A plan with some of its values replaced, and those that must follow.
 *
 * Another patch or other features give the network that the planner would build for them: strides and kernels are
 * derived anew, for no more stages than there are features, and the patch is rounded up to a multiple of the strides.
 * The batch size stays as planned unless it is replaced too.
 *
 * @throws {InvalidPlanOverrideError} if the patch has another number of axes, or is too small for two stages.
 */
export function overriddenPlan(plan: ConfigurationPlan, planner: Planner, override: PlanOverride): ConfigurationPlan {
  const { patchSize = plan.patchSize, featuresPerStage, batchSize = plan.batchSize } = override;
  checkPatch(plan, patchSize);
  if (override.patchSize === undefined && featuresPerStage === undefined) return { ...plan, batchSize };
  const topology = networkTopology(plan.spacing, patchSize, featuresPerStage?.length);
  const stages = topology.strides.length;
  if (stages < 2) {
    throw new InvalidPlanOverrideError(
      `configuration ${plan.name}: patchSize ${patchSize.join(' x ')} with ${featuresPerStage?.length ?? 'any number of'} ` +
        'features gives a single stage; a U-Net needs at least two, so an axis of at least 8 voxels',
    );
  }
  return {
    ...plan,
    batchSize,
    patchSize: extentNet(topology.patchSize),
    architecture: plannedArchitecture(planner, topology, featuresPerStage?.slice(0, stages)),
  };
}

function checkPatch(plan: ConfigurationPlan, patchSize: readonly number[]): void {
  if (patchSize.length === plan.patchSize.length) return;
  throw new InvalidPlanOverrideError(
    `configuration ${plan.name}: patchSize must have ${plan.patchSize.length} axes, got ${patchSize.length}`,
  );
}
