// nnU-Net's splits_final.json: one {"train", "val"} per fold. Empty where there are fewer cases than folds.

import * as z from 'zod';
import type { FoldCount, FoldName, Split } from '#core/training/folds.ts';

/** A fold by its number, or `all`. */
export const foldNameSchema: z.ZodType<FoldName> = z.union([z.int().min(0), z.literal('all')]);

/** How many folds, or `all`. */
export const foldCountSchema: z.ZodType<FoldCount> = z.union([z.int().min(1), z.literal('all')]);

const splitsJson = z.array(z.strictObject({ train: z.array(z.string()), val: z.array(z.string()) }));

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
