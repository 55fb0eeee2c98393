// Pictures of a case: the slice with most foreground, once plain, once with the reference outlined, once with the
// prediction outlined.

import sharp from 'sharp';

/** One case on its raw grid, all three arrays (z, y, x) in C order. */
export interface OverlayCase {
  readonly shape: readonly [number, number, number];
  readonly image: Float32Array;
  readonly reference: ArrayLike<number>;
  readonly prediction: ArrayLike<number>;
}

type Rgb = readonly [number, number, number];

/** By label - 1, round and round. Chosen to be told apart by people who confuse red and green. */
const LABEL_COLOURS: readonly Rgb[] = [
  [255, 176, 0],
  [0, 190, 255],
  [220, 38, 127],
  [120, 94, 240],
  [254, 97, 0],
  [60, 220, 120],
];

/** The colour a label is outlined in, as CSS has it. */
export const labelColour = (label: number): string => `rgb(${colourOf(label).join(' ')})`;

const colourOf = (label: number): Rgb => LABEL_COLOURS[(label - 1) % LABEL_COLOURS.length] ?? [255, 255, 255];

const PANEL_GAP = 2;
/** About how wide a panel is shown, in pixels. */
const PANEL_WIDTH = 320;

/** Three panels side by side (image, reference, prediction) as a PNG; small images are enlarged without smoothing. */
export async function overlayPng(shown: OverlayCase): Promise<Buffer> {
  const slice = sliceWithMostForeground(shown);
  const [, height, width] = shown.shape;
  const full = 3 * width + 2 * PANEL_GAP;
  const grey = greyLevels(sliceOf(shown.image, shown.shape, slice));
  const pixels = new Uint8Array(full * height * 3).fill(255);
  const labels = [null, sliceOf(shown.reference, shown.shape, slice), sliceOf(shown.prediction, shown.shape, slice)];
  labels.forEach((outlined, panel) => {
    const left = panel * (width + PANEL_GAP);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const g = grey[y * width + x] ?? 0;
        const colour = outlined ? outlineColour(outlined, width, height, x, y) : null;
        // Rows run from inferior or posterior up, as radiologists expect an axial RAS slice: flip vertically.
        pixels.set(colour ?? [g, g, g], ((height - 1 - y) * full + left + x) * 3);
      }
  });
  return sharp(pixels, { raw: { width: full, height, channels: 3 } })
    .resize({ width: full * Math.max(1, Math.round(PANEL_WIDTH / width)), kernel: 'nearest' })
    .png()
    .toBuffer();
}

function sliceWithMostForeground({ shape, reference }: OverlayCase): number {
  const area = shape[1] * shape[2];
  let best = Math.floor(shape[0] / 2);
  let most = 0;
  for (let z = 0; z < shape[0]; z++) {
    let count = 0;
    for (let i = z * area; i < (z + 1) * area; i++) if ((reference[i] ?? 0) > 0) count++;
    if (count > most) [best, most] = [z, count];
  }
  return best;
}

function sliceOf(data: ArrayLike<number>, shape: OverlayCase['shape'], slice: number): number[] {
  const area = shape[1] * shape[2];
  return Array.from({ length: area }, (_, i) => data[slice * area + i] ?? 0);
}

/** The 1st to 99th percentile as black to white. */
function greyLevels(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  const low = sorted[Math.floor(0.01 * sorted.length)] ?? 0;
  const high = sorted[Math.ceil(0.99 * (sorted.length - 1))] ?? 1;
  return values.map((v) => Math.round(255 * Math.min(1, Math.max(0, (v - low) / (high - low || 1)))));
}

/** The label's colour where a voxel of a label borders another label; `null` elsewhere. */
function outlineColour(labels: readonly number[], width: number, height: number, x: number, y: number): Rgb | null {
  const label = labels[y * width + x] ?? 0;
  if (label === 0) return null;
  const at = (nx: number, ny: number) =>
    nx < 0 || ny < 0 || nx >= width || ny >= height ? 0 : labels[ny * width + nx];
  const isBorder = at(x - 1, y) !== label || at(x + 1, y) !== label || at(x, y - 1) !== label || at(x, y + 1) !== label;
  return isBorder ? colourOf(label) : null;
}
