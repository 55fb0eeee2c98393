// nnU-Net's dataset_fingerprint.json, and the intensity statistics that plans.json holds as well.

import * as z from 'zod';
import type { DatasetFingerprint } from '#core/fingerprint/dataset-fingerprint.ts';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import type { IntensityStatistics } from '#core/planning/plans.ts';

const triple = z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]);

const statisticsJson = z.object({
  max: z.number(),
  mean: z.number(),
  median: z.number(),
  min: z.number(),
  percentile_00_5: z.number(),
  percentile_99_5: z.number(),
  std: z.number(),
});

/** `foreground_intensity_properties_per_channel`: statistics by channel number. */
export const intensitiesJson = z.record(z.string().regex(/^\d+$/), statisticsJson);

const fingerprintJson = z
  .object({
    foreground_intensity_properties_per_channel: intensitiesJson.refine(
      (channels) => Object.keys(channels).length > 0,
      'expected statistics of at least one channel',
    ),
    median_relative_size_after_cropping: z.number(),
    shapes_after_crop: z.array(triple).min(1),
    spacings: z.array(triple).min(1),
  })
  .superRefine(({ shapes_after_crop: shapes, spacings }, { addIssue }) => {
    if (shapes.length === spacings.length) return;
    addIssue(
      `expected a shape and a spacing of each case, got ${shapes.length} in shapes_after_crop and ` +
        `${spacings.length} in spacings`,
    );
  });

/** @throws {ZodError} naming the key and what was expected. @throws {SyntaxError} if it is no JSON. */
export function parseFingerprint(text: string): DatasetFingerprint {
  const json = fingerprintJson.parse(JSON.parse(text));
  return {
    spacings: json.spacings.map((spacing) => spacingZyx(...spacing)),
    shapesAfterCrop: json.shapes_after_crop.map((shape) => shapeZyx(...shape)),
    foregroundIntensities: parseIntensities(json.foreground_intensity_properties_per_channel),
    medianRelativeSizeAfterCropping: json.median_relative_size_after_cropping,
  };
}

/** With nnU-Net's keys, sorted as it sorts them, four spaces deep. */
export const formatFingerprint = (fingerprint: DatasetFingerprint): string =>
  JSON.stringify(
    {
      foreground_intensity_properties_per_channel: formatIntensities(fingerprint.foregroundIntensities),
      median_relative_size_after_cropping: fingerprint.medianRelativeSizeAfterCropping,
      shapes_after_crop: fingerprint.shapesAfterCrop,
      spacings: fingerprint.spacings,
    },
    null,
    4,
  );

/** Statistics per channel, in ascending order of the channel numbers. */
export const parseIntensities = (json: z.infer<typeof intensitiesJson>): IntensityStatistics[] =>
  Object.entries(json)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, statistics]) => ({
      mean: statistics.mean,
      median: statistics.median,
      std: statistics.std,
      min: statistics.min,
      max: statistics.max,
      percentile00_5: statistics.percentile_00_5,
      percentile99_5: statistics.percentile_99_5,
    }));

/** By channel number, with nnU-Net's keys, sorted. */
export const formatIntensities = (channels: readonly IntensityStatistics[]): z.input<typeof intensitiesJson> =>
  Object.fromEntries(
    channels.map((statistics, channel) => [
      String(channel),
      {
        max: statistics.max,
        mean: statistics.mean,
        median: statistics.median,
        min: statistics.min,
        percentile_00_5: statistics.percentile00_5,
        percentile_99_5: statistics.percentile99_5,
        std: statistics.std,
      },
    ]),
  );
