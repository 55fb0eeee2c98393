import type { ConfigurationPlan, Plans } from '#core/planning/plans.ts';

/** @throws {RangeError} when the plans have no configuration of that name. */
export function configurationOf(plans: Plans, name: string): ConfigurationPlan {
  const found = plans.configurations.find((configuration) => configuration.name === name);
  if (found !== undefined) return found;
  throw new RangeError(`plans.json has ${plans.configurations.map(({ name }) => name).join(', ')}, not ${name}`);
}
