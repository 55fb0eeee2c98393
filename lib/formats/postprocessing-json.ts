// Reads nnU-Net's postprocessing.json; `#core/postprocessing/postprocessing-json.ts` writes it.

import * as z from 'zod';
import { KEEP_LARGEST } from '#core/postprocessing/postprocessing-json.ts';
import type { Rule } from '#core/postprocessing/rule.ts';

const label = z.int().min(1).max(255);

/** The means are for people. */
const postprocessingJson = z
  .strictObject({
    input_folder: z.unknown(),
    postprocessed: z.unknown(),
    postprocessing_fns: z.array(z.literal(KEEP_LARGEST)),
    postprocessing_kwargs: z.array(z.strictObject({ labels_or_regions: z.union([label, z.array(label).min(1)]) })),
  })
  .refine(
    ({ postprocessing_fns, postprocessing_kwargs }) => postprocessing_fns.length === postprocessing_kwargs.length,
    'expected as many postprocessing_kwargs as postprocessing_fns',
  );

/**
 * The rules of a postprocessing.json, in the order in which they are to be applied.
 *
 * @throws {ZodError} naming what is not of nnU-Net's format, or a function that is not there here.
 * @throws {SyntaxError} if it is no JSON, but for the bare token NaN.
 */
export const parsePostprocessing = (text: string): Rule[] =>
  postprocessingJson
    .parse(JSON.parse(text.replaceAll(/:\s*NaN\b/g, ': null')))
    .postprocessing_kwargs.map(({ labels_or_regions }) => ({ keepLargestOf: labels_or_regions }));
