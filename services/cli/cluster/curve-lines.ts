import { alignedLines } from '../display/aligned.ts';
import type { Curve } from '../display/epoch-board.ts';
import { type Scale, scaleOf, sparkline } from '../display/sparkline.ts';

/** Dice is compared between folds and runs, so its bars always mean the same. */
const DICE_SCALE: Scale = { low: 0, high: 1 };

/** What stands in a line beside its three curves. */
const TEXT_COLUMNS = 62;

/**
 * Losses and pseudo Dice of each fold as small curves with their last values, a line a fold under a line of titles.
 *
 * Both losses of a fold have one scale.
 *
 * @param width of a line, in columns. @param most lines, the titles among them; folds beyond are counted in the last.
 */
export function curveLines(curves: readonly Curve[], width: number, most: number): string[] {
  if (curves.length === 0 || most < 2) return [];
  const bars = Math.max(4, Math.floor((width - TEXT_COLUMNS) / 3));
  const shown = curves.length < most ? curves : curves.slice(0, most - 2);
  const rows = shown.map((curve) => cells(curve, bars));
  const rest = curves.length - shown.length;
  return [
    ...alignedLines([['FOLD', 'EPOCH', 'TRAIN LOSS', 'VALIDATION LOSS', 'PSEUDO DICE'], ...rows]),
    ...(rest === 0 ? [] : [`and ${rest} more`]),
  ].map((line) => line.slice(0, width));
}

function cells({ key, epochs }: Curve, bars: number): string[] {
  const last = epochs.at(-1);
  const train = epochs.map(({ trainLoss }) => trainLoss);
  const validation = epochs.map(({ validationLoss }) => validationLoss);
  const dice = epochs.map(({ meanPseudoDice }) => meanPseudoDice);
  const losses = scaleOf([...train, ...validation]);
  const curve = (values: readonly (number | null)[], scale: Scale) =>
    `${sparkline(values, bars, scale)} ${values.at(-1)?.toFixed(3) ?? '-'}`;
  return [
    foldName(key),
    `${(last?.epoch ?? 0) + 1}/${last?.epochs}`,
    curve(train, losses),
    curve(validation, losses),
    curve(dice, DICE_SCALE),
  ];
}

/** `3d_fullres fold 2` of `train/3d_fullres/2`. */
export function foldName(key: string): string {
  const [, configuration, fold] = key.split('/');
  return `${configuration} fold ${fold}`;
}
