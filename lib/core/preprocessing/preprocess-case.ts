import { counted } from '#core/counted.ts';
import type { LabelOrRegion } from '#core/dataset/label-or-region.ts';
import { product, type Spacing, spacingNet } from '#core/geometry/axes.ts';
import type { Image, LabelMap } from '#core/geometry/volume.ts';
import type { ConfigurationPlan, Plans } from '#core/planning/plans.ts';
import { cropToNonzero } from './crop.ts';
import { foregroundLocations } from './foreground-locations.ts';
import { normalizeChannel } from './normalization.ts';
import type { PreprocessedCase } from './preprocessed-case.ts';
import { resampledShape, resampleImage, resampleLabels } from './resampling.ts';
import { imageToNet, labelToNet } from './transpose.ts';

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
