import * as z from 'zod';

/**
 * A record with at most so many entries, here and in the CustomResourceDefinition: JSON schema has a word for their number
 * and none for the length of their keys, zod has it the other way round.
 */
export const boundedRecord = <V extends z.ZodType>(key: z.ZodString, value: V, most: number) =>
  z
    .record(key, value)
    .refine((entries) => Object.keys(entries).length <= most, `expected at most ${most} entries`)
    .meta({
      maxProperties: most,
      'x-kubernetes-validations': [
        {
          rule: `self.all(key, size(key) >= ${key.minLength ?? 0} && size(key) <= ${key.maxLength})`,
          message: `expected names of ${key.minLength ?? 0} to ${key.maxLength} characters`,
        },
      ],
    });
