import * as z from 'zod';

/** Names of the fields that a schema takes at a path; empty where it takes none by name. */
export function knownFields(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const here = unwrapped(schema);
  const [next, ...rest] = path;
  if (next === undefined) return namesOf(here);
  const inner = fieldOf(here, next);
  return inner === undefined ? [] : knownFields(inner, rest);
}

function namesOf(schema: z.core.$ZodType): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodRecord && schema.keyType instanceof z.ZodEnum) return schema.keyType.options.map(String);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(namesOf);
  return [];
}

function fieldOf(schema: z.core.$ZodType, name: PropertyKey): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) return schema.shape[String(name)];
  if (schema instanceof z.ZodRecord) return schema.valueType;
  if (schema instanceof z.ZodArray) return schema.element;
  if (schema instanceof z.ZodUnion) return schema.options.map((one) => fieldOf(one, name)).find(Boolean);
  return undefined;
}

/** Without `optional`, `nullable`, `default` and `prefault` around it. */
function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  return WRAPPERS.some((wrapper) => schema instanceof wrapper) ? unwrapped((schema as z.ZodOptional).unwrap()) : schema;
}

const WRAPPERS = [z.ZodOptional, z.ZodNullable, z.ZodDefault, z.ZodPrefault];
