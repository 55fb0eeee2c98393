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
 * @throws {RangeError} for a configuration that is not planned, and stages that build on each other.
 */
export function withPreviousStages(
  names: readonly string[],
  configurations: readonly Pick<ConfigurationPlan, 'name' | 'previousStage'>[],
): string[] {
  const previousStageOf = (name: string): string | null => {
    const plan = configurations.find((configuration) => configuration.name === name);
    if (plan === undefined) throw new RangeError(`the plans have no configuration ${name}`);
    return plan.previousStage;
  };
  return [...new Set(names.flatMap((name) => stagesOf(name, previousStageOf)))];
}

/**
 * A configuration after the stages that it builds on, the first stage first.
 *
 * @param previousStageOf what a configuration builds on; throws for one that is not there.
 * @throws {RangeError} for stages that build on each other.
 */
export function stagesOf(name: string, previousStageOf: (name: string) => string | null): string[] {
  const stages = [name];
  for (let before = previousStageOf(name); before !== null; before = previousStageOf(before)) {
    if (stages.includes(before))
      throw new RangeError(`configurations build on each other: ${[before, ...stages].toReversed().join(' → ')}`);
    stages.unshift(before);
  }
  return stages;
}
