import type { AugmentationPlan } from '#core/training/batch-plan.ts';
import { blurChannel } from './blur.ts';
import { addNoise, brighten, correctGamma, correctGammaInverted, stretchContrast } from './intensity.ts';
import { simulateLowResolution } from './low-resolution.ts';
import { masked, withoutOutside } from './mask.ts';
import { flip } from './mirror.ts';
import { centreCrop, mapChannels, type Patch, withMap } from './patch.ts';
import { withPreviousStage } from './previous-stage.ts';
import { transformPatch } from './spatial.ts';

/**
 * A patch as the network sees it: augmented as planned, cut to `patchSize`, label -1 made background, a previous stage's
 * labels made channels.
 *
 * The plain twin of what engines do on their device. Transforms are applied in the order of the plan's fields.
 *
 * @param patch as read from the case, at least `patchSize` large.
 * @param plan `null` for validation: only the label is changed.
 */
export function augmentSample(patch: Patch, plan: AugmentationPlan | null, patchSize: readonly number[]): Patch {
  if (!plan) return withPreviousStage(withoutOutside(centreCrop(patch, patchSize)), null);
  const placed = plan.spatial ? transformPatch(patch, plan.spatial, patchSize) : centreCrop(patch, patchSize);
  const coloured = { ...placed, image: changeIntensities(placed, plan) };
  const inside = withoutOutside(masked(mirrored(coloured, plan.mirrorAxes), plan.maskedChannels));
  return withPreviousStage(inside, plan.previousStage);
}

function changeIntensities({ image, channels, shape }: Patch, plan: AugmentationPlan): Float32Array {
  const { noise, blur, lowResolution } = plan;
  const perChannel = <T>(
    from: Float32Array,
    values: readonly (T | null)[] | null | undefined,
    change: (channel: Float32Array, value: T) => Float32Array,
  ): Float32Array => {
    if (!values) return from;
    return mapChannels(from, channels, (channel, index) => {
      const value = values[index] ?? null;
      return value === null ? channel : change(channel, value);
    });
  };
  const zooms = (zoom: number): number[] =>
    shape.map((_, axis) => (axis === 0 && lowResolution?.ignoreFirstAxis ? 1 : zoom));

  const noisy = noise ? addNoise(image, noise) : image;
  const blurred = perChannel(noisy, blur, (channel, sigmas) => blurChannel(channel, shape, sigmas));
  const bright = perChannel(blurred, plan.brightness, brighten);
  const stretched = perChannel(bright, plan.contrast, stretchContrast);
  const coarse = perChannel(stretched, lowResolution?.zoom, (channel, zoom) =>
    simulateLowResolution(channel, shape, zooms(zoom)),
  );
  return perChannel(perChannel(coarse, plan.gammaInverted, correctGammaInverted), plan.gamma, correctGamma);
}

const mirrored = (patch: Patch, axes: readonly number[]): Patch => ({
  ...patch,
  image: flip(patch.image, patch.shape, axes),
  label: flip(patch.label, patch.shape, axes),
  previousStage: withMap(patch.previousStage, (map) => flip(map, patch.shape, axes)),
});
