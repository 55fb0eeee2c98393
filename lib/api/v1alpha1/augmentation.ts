import * as z from 'zod';
import { augmentationProblems, augmentationSettings } from '#core/augmentation/settings.ts';

const chance = z.number().min(0).max(1).describe('How often, from 0 to 1.');
const chancePerChannel = z.number().min(0).max(1).describe('How often for each channel of a sample that is chosen.');
const chancePerLabel = z.number().min(0).max(1).describe('How often for each label of a sample that is chosen.');
const range = z.tuple([z.number(), z.number()]).readonly();

/** A Task's own settings: what is left out is v2's. Values that cannot be followed are told one by one. */
const customAugmentation = z
  .strictObject({
    rotation: z.strictObject({ chance }).optional().describe('Rotation, as far as the patch allows.'),
    scaling: z
      .strictObject({ chance, factor: range.describe('One factor for all axes; above 1 objects shrink.') })
      .optional()
      .describe('Zoom.'),
    elastic: z
      .strictObject({
        chance,
        amplitude: z
          .strictObject({
            2: range.describe('Where displacements move along two axes.'),
            3: range.describe('Where displacements move along three axes.'),
          })
          .describe('Amplitude of the displacement before it is smoothed, voxels.'),
        sigma: range.describe('Smoothing, voxels.'),
      })
      .nullable()
      .optional()
      .describe('Smooth random displacement; null: none.'),
    noise: z
      .strictObject({ chance, sigma: range.describe('Standard deviation, the same for all channels.') })
      .optional()
      .describe('Gaussian noise.'),
    blur: z
      .strictObject({ chance, chancePerChannel, sigma: range.describe('Voxels, drawn per channel and axis.') })
      .optional()
      .describe('Gaussian blur.'),
    brightness: z
      .strictObject({ chance, factor: range.describe('Drawn per channel.') })
      .optional()
      .describe('Multiplication of the intensities.'),
    contrast: z
      .strictObject({ chance, factor: range.describe('Drawn per channel.') })
      .optional()
      .describe('Stretching of the intensities around their mean.'),
    lowResolution: z
      .strictObject({ chance, chancePerChannel, zoom: range.describe('Of each axis; 1 leaves it as it is.') })
      .optional()
      .describe('Sampling down and up again.'),
    gammaInverted: z
      .strictObject({ chance, exponent: range.describe('Drawn per channel.') })
      .optional()
      .describe('Gamma correction of the inverted intensities.'),
    gamma: z
      .strictObject({ chance, exponent: range.describe('Drawn per channel.') })
      .optional()
      .describe('Gamma correction.'),
    mirror: z
      .strictObject({
        chance: z.number().min(0).max(1).describe('How often for each axis, from 0 to 1.'),
        axes: z
          .array(z.int().min(0).max(2))
          .max(3)
          .readonly()
          .nullable()
          .describe('Axes that may be flipped, in training and in prediction; null: all.'),
      })
      .optional()
      .describe('Flips.'),
    previousStage: z
      .strictObject({
        operator: z
          .strictObject({ chance, chancePerLabel, radius: range.describe('Of the ball, voxels.') })
          .describe('A random morphological operator.'),
        removal: z
          .strictObject({
            chance,
            chancePerLabel,
            largestShare: z.number().describe('Only components below this share of the patch are removed.'),
          })
          .describe('Removal of connected components.'),
      })
      .optional()
      .describe('What happens to the labels that the stage before a cascade predicted.'),
  })
  .superRefine((given, context) => {
    const settings = { ...augmentationSettings('v2'), ...definedOf(given) };
    for (const message of augmentationProblems(settings)) context.addIssue({ code: 'custom', message });
  });

const definedOf = (given: object): object =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

/** Which augmentation a training uses. */
export const augmentationChoice = z.union([z.enum(['v2', 'v1']), customAugmentation]);
