// zod schemas as the API server wants them: "structural" OpenAPI v3, with bounds and a text on everything.
//
// What JSON schema can say, the schema says by itself. What it cannot, a refinement, has to stand beside its twin in CEL:
// `.refine(…).meta({ 'x-kubernetes-validations': […] })`; one without is refused here.

import * as z from 'zod';

/** A node of an OpenAPI v3 schema, with Kubernetes' own words. */
export interface StructuralSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly additionalProperties?: StructuralSchema;
  readonly items?: StructuralSchema;
  readonly [word: string]: unknown;
}

interface JsonSchema {
  type?: string;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  enum?: unknown[];
  'x-keys'?: string[];
  description?: string;
  [word: string]: unknown;
}

/**
 * The structural schema of what a zod schema takes.
 *
 * @param path of the field, for messages.
 * @throws {TypeError} with the path for what has no description or no bound, has a rule that the API server would not
 *   know of, or has a shape that the API server has no word for.
 */
export function structuralSchema(schema: z.ZodType, path: string): StructuralSchema {
  const json = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      // JSON schema has no words for these; they are taken out again below.
      if (zodSchema instanceof z.ZodRecord && zodSchema.keyType instanceof z.ZodEnum) {
        jsonSchema['x-keys'] = zodSchema.keyType.options;
      }
      if (hasRefinement(zodSchema)) jsonSchema['x-refined'] = true;
    },
  }) as JsonSchema;
  return structural(json, path);
}

const hasRefinement = (schema: z.core.$ZodType): boolean =>
  schema._zod.def.checks?.some((check) => check._zod.def.check === 'custom') ?? false;

function structural(json: JsonSchema, path: string): StructuralSchema {
  if (json.anyOf !== undefined) return eitherShape(json, json.anyOf, path);
  if (json['x-keys'] !== undefined) return structural(withNamedKeys(json), path);
  const { additionalProperties, properties, items, readOnly, 'x-refined': refined, pattern, ...rest } = json;
  if (refined === true && json['x-kubernetes-validations'] === undefined) {
    throw new TypeError(`${path} has a refinement without its twin in CEL; give one by .meta`);
  }
  requireBounds(json, path);
  return {
    ...rest,
    // Of a time the format says enough, and checks the calendar as well.
    ...(pattern === undefined || rest.format === 'date-time' ? {} : { pattern }),
    ...(json.type === 'array' && rest['x-kubernetes-list-type'] === undefined
      ? { 'x-kubernetes-list-type': 'atomic' }
      : {}),
    ...(properties === undefined ? {} : { properties: described(properties, path) }),
    ...(typeof additionalProperties === 'object'
      ? { additionalProperties: structural(additionalProperties, `${path}.*`) }
      : {}),
    ...(items === undefined ? {} : { items: structural(oneItem(items, path), `${path}[]`) }),
  };
}

/** A record over an enumeration has those properties and no others. What it says of all of them holds for each. */
function withNamedKeys({ 'x-keys': keys = [], additionalProperties: value, ...rest }: JsonSchema): JsonSchema {
  if (typeof value !== 'object') throw new TypeError('a record has one schema for its values');
  const property = rest.description === undefined ? value : { description: rest.description, ...value };
  return { ...rest, properties: Object.fromEntries(keys.map((key) => [key, property])) };
}

function described(properties: Readonly<Record<string, JsonSchema>>, path: string): Record<string, StructuralSchema> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, json]) => {
      const inner = `${path}.${name}`;
      if (json.description === undefined) throw new TypeError(`${inner} has no description`);
      return [name, structural(json, inner)];
    }),
  );
}

/** A tuple's items are alternatives; there is a word for them only where they are all alike. */
function oneItem(items: JsonSchema, path: string): JsonSchema {
  const [first, ...others] = items.anyOf ?? [items];
  if (first === undefined || others.some((other) => JSON.stringify(other) !== JSON.stringify(first))) {
    throw new TypeError(`${path} is a list of different things, which the API server has no word for`);
  }
  return first;
}

/**
 * A field that is either a word or something else.
 *
 * A word or a number is `IntOrString`. For a word or a group of fields the API server has no type: it then checks the
 * word and the known fields, but lets other ones pass, and knows no CEL. What it lets pass, the Task's status says.
 */
function eitherShape(json: JsonSchema, shapes: readonly JsonSchema[], path: string): StructuralSchema {
  const words = shapes.filter(({ type }) => type === 'string').flatMap((shape) => shape.enum ?? []);
  const others = shapes.filter(({ type }) => type !== 'string');
  const [other] = others;
  if (words.length === 0 || other === undefined || others.length > 1) {
    throw new TypeError(`${path} is neither a word or a number, nor a word or a group of fields`);
  }
  const common = {
    ...(json.description === undefined ? {} : { description: json.description }),
    ...(json.default === undefined ? {} : { default: json.default }),
    pattern: `^(${words.join('|')})$`,
    maxLength: Math.max(...words.map((one) => String(one).length)),
  };
  if (other.type === 'integer') {
    requireBounds(other, path);
    const { minimum, maximum } = other;
    return { ...common, 'x-kubernetes-int-or-string': true, minimum, maximum };
  }
  const properties = described(other.properties ?? {}, path);
  return { ...common, 'x-kubernetes-preserve-unknown-fields': true, properties };
}

/** What each type must have, so that an object stays far from what etcd takes and CEL rules have a known cost. */
const BOUNDS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  string: [['maxLength', 'enum', 'format']],
  integer: [['minimum'], ['maximum']],
  array: [['maxItems']],
};

function requireBounds(json: JsonSchema, path: string): void {
  const wanted = BOUNDS[json.type ?? ''] ?? [];
  const free = typeof json.additionalProperties === 'object' ? [['maxProperties']] : [];
  for (const words of [...wanted, ...free]) {
    if (!words.some((word) => json[word] !== undefined)) throw new TypeError(`${path} has no ${words.join(' or ')}`);
  }
}
