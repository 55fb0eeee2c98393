import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { structuralSchema } from './structural-schema.ts';

const of = (schema: z.ZodType) => structuralSchema(z.strictObject({ field: schema.describe('A field.') }), 'spec');
const field = (schema: z.ZodType) => of(schema).properties?.field;

describe('structuralSchema', () => {
  test.each<{ name: string; schema: z.ZodType; want: object }>([
    {
      name: 'a bounded number with its default',
      schema: z.int().min(1).max(9).default(5),
      want: { type: 'integer', minimum: 1, maximum: 9, default: 5 },
    },
    {
      name: 'a list, which one owner writes as a whole',
      schema: z.array(z.enum(['a', 'b'])).max(3),
      want: {
        type: 'array',
        maxItems: 3,
        items: { type: 'string', enum: ['a', 'b'] },
        'x-kubernetes-list-type': 'atomic',
      },
    },
    {
      name: 'a pair',
      schema: z.tuple([z.number(), z.number()]).readonly(),
      want: { type: 'array', minItems: 2, maxItems: 2, items: { type: 'number' }, 'x-kubernetes-list-type': 'atomic' },
    },
    {
      name: 'a group whose defaults are inside',
      schema: z.strictObject({ on: z.boolean().default(true).describe('On.') }).prefault({}),
      want: {
        type: 'object',
        default: {},
        properties: { on: { type: 'boolean', default: true, description: 'On.' } },
      },
    },
    {
      name: 'a record over names that are known',
      schema: z.partialRecord(z.enum(['2d', '3d']), z.boolean()),
      want: {
        type: 'object',
        properties: {
          '2d': { type: 'boolean', description: 'A field.' },
          '3d': { type: 'boolean', description: 'A field.' },
        },
      },
    },
    {
      name: 'a number or a word',
      schema: z.union([z.int().min(2).max(20), z.literal('all')]).default(5),
      want: {
        'x-kubernetes-int-or-string': true,
        minimum: 2,
        maximum: 20,
        pattern: '^(all)$',
        maxLength: 3,
        default: 5,
      },
    },
    {
      name: 'a word or a group',
      schema: z.union([z.enum(['v1']), z.strictObject({ on: z.boolean().describe('On.') })]),
      want: {
        'x-kubernetes-preserve-unknown-fields': true,
        pattern: '^(v1)$',
        maxLength: 2,
        properties: { on: { type: 'boolean', description: 'On.' } },
      },
    },
    { name: 'nothing or something', schema: z.boolean().nullable(), want: { type: 'boolean', nullable: true } },
    { name: 'a time', schema: z.iso.datetime(), want: { type: 'string', format: 'date-time' } },
    {
      name: 'a refinement with its twin',
      schema: z
        .int()
        .min(1)
        .max(9)
        .refine((n) => n !== 5)
        .meta({ 'x-kubernetes-validations': [{ rule: 'self != 5' }] }),
      want: { type: 'integer', minimum: 1, maximum: 9, 'x-kubernetes-validations': [{ rule: 'self != 5' }] },
    },
  ])('of $name', ({ schema, want }) => {
    expect(field(schema)).toEqual({ description: 'A field.', ...want });
  });

  test('says which fields must be there: those that have no default and are not optional', () => {
    const schema = z.strictObject({
      a: z.boolean().describe('A.'),
      b: z.boolean().default(true).describe('B.'),
      c: z.boolean().optional().describe('C.'),
    });
    expect(structuralSchema(schema, 'spec').required).toEqual(['a']);
  });

  test.each([
    { name: 'text without end', schema: z.string(), want: 'spec.field has no maxLength or enum or format' },
    { name: 'a list without end', schema: z.array(z.boolean()), want: 'spec.field has no maxItems' },
    {
      name: 'a record without end',
      schema: z.record(z.string(), z.boolean()),
      want: 'spec.field has no maxProperties',
    },
    { name: 'an entry without end', schema: z.array(z.string()).max(3), want: 'spec.field[] has no maxLength' },
    {
      name: 'a field without a text',
      schema: z.strictObject({ on: z.boolean() }),
      want: 'spec.field.on has no description',
    },
    {
      name: 'a refinement without its twin',
      schema: z.boolean().refine(() => true),
      want: 'spec.field has a refinement without its twin in CEL',
    },
    {
      name: 'a pair of different things',
      schema: z.tuple([z.number(), z.boolean()]),
      want: 'spec.field is a list of different things',
    },
    {
      name: 'two kinds of group',
      schema: z.union([z.strictObject({}), z.array(z.boolean())]),
      want: 'spec.field is neither a word or a number, nor a word or a group of fields',
    },
  ])('refuses $name', ({ schema, want }) => {
    expect(() => of(schema)).toThrow(want);
  });
});
