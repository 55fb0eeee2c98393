import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { withoutNan } from '#core/evaluation/summary-json.ts';
import { orAbsent } from '#files/or-absent.ts';

const metrics = z.object({ Dice: z.number().nullable() });

const summarySchema = z.object({
  foreground_mean: metrics,
  mean: z.record(z.string(), metrics),
  metric_per_case: z.array(z.object({ prediction_file: z.string(), metrics: z.record(z.string(), metrics) })),
});
/** What is read of nnU-Net's summary.json; a number that is none there is `null`. */
export type Summary = z.infer<typeof summarySchema>;

/** The summary.json of a folder of predictions, or `undefined` where none is. */
export async function readSummary(folder: string): Promise<Summary | undefined> {
  const text = await orAbsent(() => readFile(join(folder, 'summary.json'), 'utf8'));
  return text === undefined ? undefined : summarySchema.parse(JSON.parse(withoutNan(text)));
}
