import type { ConfigurationPlan } from './plans.ts';

/** The configuration whose preprocessed arrays one trains on: the first with the same data identifier. */
export const arraysOf = (
  { name, dataIdentifier }: Pick<ConfigurationPlan, 'name' | 'dataIdentifier'>,
  configurations: readonly Pick<ConfigurationPlan, 'name' | 'dataIdentifier'>[],
): string => configurations.find((other) => other.dataIdentifier === dataIdentifier)?.name ?? name;

/**
 * The configurations whose networks must run to predict with the named ones: a stage before those that build on it,
 * each once.
 *
 * @throws {RangeError} for a configuration that is not planned, or a stage that builds on itself.
 */
export function withPreviousStages(
  names: readonly string[],
  configurations: readonly Pick<ConfigurationPlan, 'name' | 'previousStage'>[],
): string[] {
  const needed = new Set<string>();
  for (const name of names) for (const stage of stagesOf(name, configurations, [])) needed.add(stage);
  return [...needed];
}

function stagesOf(
  name: string,
  configurations: readonly Pick<ConfigurationPlan, 'name' | 'previousStage'>[],
  after: readonly string[],
): string[] {
  const plan = configurations.find((configuration) => configuration.name === name);
  if (plan === undefined) throw new RangeError(`the plans have no configuration ${name}`);
  if (after.includes(name)) throw new RangeError(`configuration ${name} builds on itself`);
  const before = plan.previousStage === null ? [] : stagesOf(plan.previousStage, configurations, [...after, name]);
  return [...before, name];
}
