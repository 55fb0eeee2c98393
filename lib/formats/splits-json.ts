// nnU-Net's splits_final.json: one {"train", "val"} per fold.

import * as z from 'zod';
import type { Split } from '#core/training/folds.ts';

const splitsJson = z.array(z.strictObject({ train: z.array(z.string()), val: z.array(z.string()) })).min(1);

/** @throws {ZodError} naming the fold and the fault when it is not a splits_final.json. @throws {SyntaxError} if no JSON. */
export const parseSplits = (text: string): Split[] =>
  splitsJson.parse(JSON.parse(text)).map(({ train, val }) => ({ training: train, validation: val }));

/** As nnU-Net writes it, four spaces deep. */
export const formatSplits = (splits: readonly Split[]): string =>
  JSON.stringify(
    splits.map(({ training, validation }) => ({ train: training, val: validation })),
    null,
    4,
  );
