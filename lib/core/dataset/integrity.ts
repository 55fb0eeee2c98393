import { counted } from '#core/counted.ts';
import { BadInputError } from '#core/errors.ts';
import { product, type Shape, type Spacing } from '#core/geometry/axes.ts';
import type { Image, LabelMap } from '#core/geometry/volume.ts';
import type { DatasetDescription } from './dataset-description.ts';
import { labelScheme } from './labels.ts';

export type FaultKind =
  /** A file is missing, truncated, or no image. */
  | 'unreadable'
  /** Another number of channels than dataset.json names, or a fourth axis where there should be none. */
  | 'channels'
  /** Channels, or image and label, have different extents. */
  | 'shape'
  | 'spacing'
  /** The spacing is such that resampling leaves nothing, or more than fits into memory. */
  | 'extent'
  /** A voxel is NaN or infinite. */
  | 'not-finite'
  /** A label is not in dataset.json, or is no whole number. */
  | 'undeclared-label';

/** Something wrong with one case, as a sentence without its id. */
export interface CaseFault {
  readonly caseId: string;
  readonly kind: FaultKind;
  readonly message: string;
}

/** Something odd about one case that is no reason to stop, as a phrase without its id. */
export interface CaseWarning {
  readonly caseId: string;
  readonly message: string;
}

/** How many faults a message spells out; `faults` holds them all. */
const SHOWN = 20;

/** Thrown when cases of a data set cannot be used. Carries every fault that was found, of one case or of many. */
export class DatasetFaultError extends BadInputError {
  readonly code = 'DATASET_FAULTY';
  readonly faults: readonly CaseFault[];

  constructor(faults: readonly CaseFault[], options?: ErrorOptions) {
    const shown = faults.slice(0, SHOWN).map(({ caseId, message }) => `case ${caseId}: ${message}`);
    const more = faults.length > SHOWN ? `; and ${faults.length - SHOWN} more` : '';
    super(`${shown.join('; ')}${more}`, options);
    this.faults = faults;
  }
}

/** Named for the message: `channel 1`, `the label`. */
export interface NamedGrid {
  readonly name: string;
  readonly shape: Shape<'zyx'>;
  readonly spacing: Spacing<'zyx'>;
}

/**
 * Whether |a - b| ≤ 1e-8 + 1e-5 |b| for all pairs: how nnU-Net compares spacings and affines.
 *
 * @see numpy.allclose with its defaults
 */
export const allClose = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length &&
  a.every((value, i) => Math.abs(value - (b[i] ?? Number.NaN)) <= 1e-8 + 1e-5 * Math.abs(b[i] ?? 0));

/** Differences of extent or spacing from the first grid. */
export function gridFaults(caseId: string, grids: readonly NamedGrid[]): CaseFault[] {
  const [first, ...others] = grids;
  if (!first) return [];
  return others.flatMap(({ name, shape, spacing }): CaseFault[] => {
    if (shape.join() !== first.shape.join()) {
      const message = `${name} is ${shape.join(' x ')} voxels (z, y, x), ${first.name} ${first.shape.join(' x ')}`;
      return [{ caseId, kind: 'shape', message }];
    }
    if (allClose(spacing, first.spacing)) return [];
    const message = `${name} has spacing ${spacing.join(' x ')} mm (z, y, x), ${first.name} ${first.spacing.join(' x ')}`;
    return [{ caseId, kind: 'spacing', message }];
  });
}

/**
 * What is wrong with a case's voxels: values that are not finite, labels that dataset.json does not declare, another
 * number of channels, an image and a label on different grids.
 *
 * @param label `null` at inference.
 */
export function caseFaults(
  caseId: string,
  image: Image<'zyx'>,
  label: LabelMap<'zyx'> | null,
  description: DatasetDescription,
): CaseFault[] {
  const grids = [{ ...image, name: 'the image' }, ...(label ? [{ ...label, name: 'the label' }] : [])];
  return [
    ...channelFaults(caseId, image, description),
    ...gridFaults(caseId, grids),
    ...finiteFaults(caseId, image),
    ...(label ? labelFaults(caseId, label, description) : []),
  ];
}

function channelFaults(caseId: string, { channels }: Image<'zyx'>, { channelNames }: DatasetDescription): CaseFault[] {
  if (channels === channelNames.length) return [];
  const message = `the image has ${counted(channels, 'channel')}, dataset.json names ${channelNames.length}`;
  return [{ caseId, kind: 'channels', message }];
}

function finiteFaults(caseId: string, image: Image<'zyx'>): CaseFault[] {
  const voxels = product(image.shape);
  return Array.from({ length: image.channels }).flatMap((_, channel): CaseFault[] => {
    let bad = 0;
    for (let i = channel * voxels; i < (channel + 1) * voxels; i++) if (!Number.isFinite(image.data[i])) bad++;
    if (bad === 0) return [];
    return [
      {
        caseId,
        kind: 'not-finite',
        message: `channel ${channel} is NaN, infinite or too large for float32 in ${counted(bad, 'voxel')}`,
      },
    ];
  });
}

function labelFaults(caseId: string, label: LabelMap<'zyx'>, description: DatasetDescription): CaseFault[] {
  const { all, ignore } = labelScheme(description);
  const declared = ignore === null ? all : [...all, ignore];
  const undeclared = new Set(label.data);
  for (const value of declared) undeclared.delete(value);
  if (undeclared.size === 0) return [];
  const found = [...undeclared].sort((a, b) => a - b).join(', ');
  const message = `label ${found} is not in dataset.json, which declares ${declared.join(', ')}`;
  return [{ caseId, kind: 'undeclared-label', message }];
}

/** What is odd about a label without being wrong: nnU-Net trains on it too. */
export const labelWarnings = ({ data }: LabelMap<'zyx'>): string[] =>
  data.every((value) => value === 0) ? ['the label holds background only; see whether it is the right file'] : [];
