import { counted } from '#core/counted.ts';
import { DatasetFaultError } from '#core/dataset/integrity.ts';
import type { LabelOrRegion } from '#core/dataset/label-or-region.ts';
import { product, type Shape, type Spacing, spacingNet } from '#core/geometry/axes.ts';
import type { Image, LabelMap } from '#core/geometry/volume.ts';
import type { ConfigurationPlan, Plans } from '#core/planning/plans.ts';
import { cropToNonzero } from './crop.ts';
import { foregroundLocations } from './foreground-locations.ts';
import { normalizeChannel } from './normalization.ts';
import type { PreprocessedCase } from './preprocessed-case.ts';
import { resampledShape, resampleImage, resampleLabels } from './resampling.ts';
import { imageToNet, labelToNet } from './transpose.ts';

/** Elements of the largest array that a resampled case may need: 8 GiB in float32. */
const MOST_ELEMENTS = 2 ** 31;

/** A case as it was read. */
export interface UnprocessedCase {
  readonly caseId: string;
  readonly image: Image<'zyx'>;
  /** `null` at inference. */
  readonly label: LabelMap<'zyx'> | null;
}

/**
 * Makes a case ready for one configuration: transpose, crop to nonzero, normalise, resample, sample foreground
 * locations, in this order, for training and inference alike.
 *
 * The input is left as it was.
 *
 * @param classes to keep locations of, see `locationClasses`; without a label there are none.
 * @throws {RangeError} when the image has another number of channels than the plans.
 * @throws {DatasetFaultError} when its spacing makes it vanish, or too large for any memory.
 * @see nnU-Net v2, preprocessing/preprocessors/default_preprocessor.py, run_case_npy
 */
export function preprocessCase(
  { caseId, image, label }: UnprocessedCase,
  plans: Plans,
  configuration: ConfigurationPlan,
  classes: readonly LabelOrRegion[],
): PreprocessedCase {
  const net = imageToNet(image, plans.transposeForward);
  const cropped = cropToNonzero(net, label && labelToNet(label, plans.transposeForward));
  const normalized = normalize(caseId, cropped.image, cropped.label, plans, configuration);
  const spacing = configurationSpacing(net.spacing, configuration);
  const shape = resampledShape(cropped.image.shape, net.spacing, spacing);
  checkExtent(caseId, cropped.image, shape, spacing);
  const resampledLabel = resampleLabels(cropped.label, shape, spacing, configuration.resampleSegmentation);
  return {
    caseId,
    image: resampleImage(normalized, shape, spacing, configuration.resampleImage),
    label: resampledLabel,
    classLocations: label ? foregroundLocations(resampledLabel, classes) : [],
    record: {
      shapeBeforeCropping: net.shape,
      cropBox: cropped.box,
      shapeAfterCropping: cropped.image.shape,
      spacingBefore: net.spacing,
    },
  };
}

function checkExtent(
  caseId: string,
  { channels, ...from }: Image<'net'>,
  to: Shape<'net'>,
  toSpacing: Spacing<'net'>,
): void {
  const elements = channels * product(to);
  if (elements >= 1 && elements <= MOST_ELEMENTS) return;
  const message =
    `${from.shape.join(' x ')} voxels of ${from.spacing.join(' x ')} mm would become ${to.join(' x ')} voxels of ` +
    `${toSpacing.join(' x ')} mm (network order), expected 1 to ${MOST_ELEMENTS} in all; see whether its spacing is right`;
  throw new DatasetFaultError([{ caseId, kind: 'extent', message }]);
}

/** The plans' spacing; a 2D configuration keeps the distance of the slices. */
export function configurationSpacing(
  current: Spacing<'net'>,
  { spacing }: Pick<ConfigurationPlan, 'spacing'>,
): Spacing<'net'> {
  const [first, second, third] = spacing;
  return third === undefined ? spacingNet(current[0], first, second) : spacingNet(first, second, third);
}

/** On a copy: what was cropped may still be the caller's array. */
function normalize(
  caseId: string,
  image: Image<'net'>,
  label: LabelMap<'net'>,
  { foregroundIntensities }: Plans,
  { normalizationSchemes, useMaskForNorm }: ConfigurationPlan,
): Image<'net'> {
  if (image.channels !== normalizationSchemes.length) {
    const planned = normalizationSchemes.length;
    throw new RangeError(`case ${caseId} has ${counted(image.channels, 'channel')}, the plans are for ${planned}`);
  }
  const data = new Float32Array(image.data);
  const voxels = product(image.shape);
  normalizationSchemes.forEach((scheme, c) => {
    const statistics = foregroundIntensities[c];
    if (!statistics) throw new RangeError(`the plans hold no intensity statistics of channel ${c}`);
    const mask = useMaskForNorm[c] ? label.data : null;
    normalizeChannel(scheme, data.subarray(c * voxels, (c + 1) * voxels), mask, statistics);
  });
  return { ...image, data };
}
