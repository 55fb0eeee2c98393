import * as z from 'zod';
import { augmentationProblems, augmentationSettings } from '#core/augmentation/settings.ts';

const chance = z.number().min(0).max(1);
const range = z.tuple([z.number(), z.number()]).readonly();

/** A Task's own settings: what is left out is v2's. Values that cannot be followed are told one by one. */
const customAugmentation = z
  .strictObject({
    rotation: z.strictObject({ chance }).optional(),
    scaling: z.strictObject({ chance, factor: range }).optional(),
    elastic: z
      .strictObject({ chance, amplitude: z.strictObject({ 2: range, 3: range }), sigma: range })
      .nullable()
      .optional(),
    noise: z.strictObject({ chance, sigma: range }).optional(),
    blur: z.strictObject({ chance, chancePerChannel: chance, sigma: range }).optional(),
    brightness: z.strictObject({ chance, factor: range }).optional(),
    contrast: z.strictObject({ chance, factor: range }).optional(),
    lowResolution: z.strictObject({ chance, chancePerChannel: chance, zoom: range }).optional(),
    gammaInverted: z.strictObject({ chance, exponent: range }).optional(),
    gamma: z.strictObject({ chance, exponent: range }).optional(),
    mirror: z.strictObject({ chance, axes: z.array(z.int().min(0).max(2)).max(3).readonly().nullable() }).optional(),
    previousStage: z
      .strictObject({
        operator: z.strictObject({ chance, chancePerLabel: chance, radius: range }),
        removal: z.strictObject({ chance, chancePerLabel: chance, largestShare: z.number() }),
      })
      .optional(),
  })
  .superRefine((given, context) => {
    const settings = { ...augmentationSettings('v2'), ...definedOf(given) };
    for (const message of augmentationProblems(settings)) context.addIssue({ code: 'custom', message });
  });

const definedOf = (given: object): object =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

/** Which augmentation a training uses. */
export const augmentationChoice = z.union([z.enum(['v2', 'v1']), customAugmentation]);
