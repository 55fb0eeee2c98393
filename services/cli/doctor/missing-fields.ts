/** As much of an OpenAPI schema as says which fields there are. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

/** Paths of the fields that one schema has and another has not, such as `spec.training.precision`; of a group only itself. */
export function missingFields(wanted: unknown, found: unknown, path = ''): string[] {
  const [ours, theirs] = [inner(wanted), inner(found)];
  return Object.entries(ours).flatMap(([name, schema]) => {
    const field = path === '' ? name : `${path}.${name}`;
    return name in theirs ? missingFields(schema, theirs[name], field) : [field];
  });
}

/** Of a list or a map those of its entries. */
function inner(schema: unknown): Readonly<Record<string, unknown>> {
  const { properties, items, additionalProperties } = (schema ?? {}) as Schema;
  const entries = items ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
  return properties ?? (entries === undefined ? {} : inner(entries));
}
