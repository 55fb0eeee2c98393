// What zod finds wrong, in words for the person who wrote the file.

import type * as z from 'zod';
import { knownFields } from './known-fields.ts';
import { nearestName } from './nearest-name.ts';

/** A path with what is wrong there. */
export interface Complaint {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** One complaint per unknown field, else one; the issue must have been made with `reportInput`. */
export function plainWords(issue: z.core.$ZodIssue, schema: z.core.$ZodType): Complaint[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownFields(schema, issue.path);
    return issue.keys.map((key) => ({
      path: [...issue.path, shortened(key)],
      message: `unknown field; ${meant(key, known)}`,
    }));
  }
  if (issue.input === undefined) return [{ path: issue.path, message: `missing; expected ${expectation(issue)}` }];
  return [{ path: issue.path, message: `expected ${expectation(issue)}, got ${inWords(issue.input)}${hint(issue)}` }];
}

/** A path as people and Kubernetes write it: `spec.configurations[1]`. */
export const pathInWords = (path: readonly PropertyKey[]): string =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.join(', ')}`;
    case 'too_small':
      return `${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}${unitOf(issue.origin)}`;
    default:
      // The schema's own words, which begin like ours.
      return issue.message.replace(/^expected /, '');
  }
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'a group of fields',
  record: 'a group of fields',
  array: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

const unitOf = (origin: string): string => (origin === 'array' ? ' entries' : origin === 'string' ? ' characters' : '');

function inWords(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'a group of fields';
  return typeof value === 'string' ? `'${shortened(value)}'` : String(value);
}

/** How much of a value a message repeats, in characters. */
const SHOWN = 80;

const shortened = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

function hint(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_value' || issue.values.length === 1 || typeof issue.input !== 'string') return '';
  const nearest = nearestName(issue.input, issue.values.map(String));
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

function meant(key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known);
  return nearest === undefined ? `known here: ${known.join(', ')}` : `did you mean ${nearest}?`;
}
