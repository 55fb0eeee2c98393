/** The configuration of that name. @throws {RangeError} when the plans have none. */
export function configurationOf<C extends { readonly name: string }>(
  plans: { readonly configurations: readonly C[] },
  name: string,
): C {
  const found = plans.configurations.find((configuration) => configuration.name === name);
  if (found !== undefined) return found;
  throw new RangeError(`plans.json has ${plans.configurations.map(({ name }) => name).join(', ')}, not ${name}`);
}
