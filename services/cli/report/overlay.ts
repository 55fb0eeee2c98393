// Pictures of a case: the slice with most foreground, once plain, once with the reference outlined, once with the
// prediction outlined.

import sharp from 'sharp';
import type { SliceOrientation } from '#core/geometry/slice-orientation.ts';
import { escapeXml } from './line-chart.ts';

/** One case on its raw grid, all three arrays (z, y, x) in C order. */
export interface OverlayCase {
  readonly shape: readonly [number, number, number];
  readonly image: Float32Array;
  readonly firstRow: 'top' | 'bottom';
  readonly reference: ArrayLike<number>;
  readonly prediction: ArrayLike<number>;
}

/** What every panel shows. */
type Shown = Pick<OverlayCase, 'shape' | 'image' | 'firstRow'>;

type Rgb = readonly [number, number, number];

/**
 * By label - 1, round and round. The first six are chosen to be told apart by people who confuse red and green; each
 * further one lies, in CIELAB, as far as can be from those before it and from the colours of errors, and is no grey.
 */
const LABEL_COLOURS: readonly Rgb[] = [
  [255, 176, 0],
  [0, 190, 255],
  [220, 38, 127],
  [120, 94, 240],
  [254, 97, 0],
  [60, 220, 120],
  [220, 255, 0],
  [100, 100, 0],
  [255, 255, 180],
  [255, 0, 255],
  [255, 180, 255],
  [0, 255, 0],
  [220, 140, 100],
  [0, 255, 255],
  [64, 140, 100],
  [140, 64, 140],
  [140, 0, 255],
  [64, 140, 0],
  [0, 100, 180],
  [180, 180, 0],
];

/** The colour a label is outlined in, as CSS has it. */
export const labelColour = (label: number): string => `rgb(${colourOf(label).join(' ')})`;

const colourOf = (label: number): Rgb => LABEL_COLOURS[(label - 1) % LABEL_COLOURS.length] ?? [255, 255, 255];

const PANEL_GAP = 2;
/** About how wide a panel is shown, in pixels. */
const PANEL_WIDTH = 320;

/** Pixels per voxel of a slice that is so many voxels wide. */
const enlargement = (width: number): number => Math.max(1, Math.round(PANEL_WIDTH / width));

/** What is drawn over the image of a panel: a colour per voxel of the slice, or none. */
type Paint = (x: number, y: number) => Rgb | null;

/** Three panels side by side (image, reference, prediction) as a PNG; small images are enlarged without smoothing. */
export function overlayPng(shown: OverlayCase): Promise<Buffer> {
  const slice = sliceWithMostForeground(shown.shape, shown.reference);
  const outlined = (labels: ArrayLike<number>) => outline(sliceOf(labels, shown.shape, slice), shown.shape);
  return panelsPng(shown, slice, [() => null, outlined(shown.reference), outlined(shown.prediction)]);
}

/** Voxels that only the reference has a label in, and voxels whose label is not the reference's. */
const ERROR_COLOURS = { missed: [0, 114, 255], wrong: [255, 64, 32] } as const satisfies Record<string, Rgb>;

/**
 * Image and labels side by side; with a reference also the reference, and a map of the errors. Each panel says above what
 * it is; below it says what the colours mean. The image says which plane it shows and what lies at its edges, where that
 * is known.
 *
 * @param orientation `null` of a file that does not say how it lies.
 * @param labels (z, y, x), as `image`.
 * @param nameOf a label, for the legend.
 */
export async function labelsPng(
  { orientation, ...shown }: Shown & { readonly orientation: SliceOrientation | null },
  labels: ArrayLike<number>,
  reference: ArrayLike<number> | null,
  nameOf: (label: number) => string,
): Promise<Buffer> {
  const { shape } = shown;
  const slice = sliceWithMostForeground(shape, reference ?? labels);
  const seen = sliceOf(labels, shape, slice);
  const paints: Paint[] = [() => null, outline(seen, shape)];
  if (reference !== null) {
    const actual = sliceOf(reference, shape, slice);
    paints.push(outline(actual, shape), errors(seen, actual, shape[2]));
  }
  const present = new Set([...seen, ...(reference === null ? [] : sliceOf(reference, shape, slice))]);
  const legend: LegendEntry[] = [...present]
    .filter((label) => label > 0)
    .sort((a, b) => a - b)
    .map((label) => ({ name: nameOf(label), colour: colourOf(label) }));
  if (reference !== null)
    legend.push(
      { name: 'missed (false negative)', colour: ERROR_COLOURS.missed },
      { name: 'wrong (false positive, or another label)', colour: ERROR_COLOURS.wrong },
    );
  const first = orientation === null ? 'image' : `image, ${orientation.plane}`;
  const titles = [first, 'labels', 'reference', 'errors'].slice(0, paints.length);
  const panels = await panelsPng(shown, slice, paints);
  const marks = orientation === null ? '' : edgeMarks(orientation, shape);
  return captioned(panels, titles, legend, marks);
}

interface LegendEntry {
  readonly name: string;
  readonly colour: Rgb;
}

const TITLE_HEIGHT = 24;
const LEGEND_LINE = 20;

/** So many entries stand below each other before the legend gets another column, as far as there is room for one. */
const LEGEND_LINES = 6;
/** About how wide a letter of the legend is. */
const LETTER = 7.5;

/** Where each entry stands, below the one before it until the column is full. */
function legendGrid(legend: readonly LegendEntry[], width: number) {
  const longest = Math.max(0, ...legend.map(({ name }) => name.length));
  const fitting = Math.max(1, Math.floor(width / (38 + longest * LETTER)));
  const columns = Math.min(fitting, Math.ceil(legend.length / LEGEND_LINES));
  const lines = columns === 0 ? 0 : Math.ceil(legend.length / columns);
  const placed = legend.map((entry, i) => ({
    ...entry,
    left: Math.floor((Math.floor(i / lines) * width) / columns),
    line: i % lines,
  }));
  return { lines, placed };
}

/** How far the middle of a letter at the edge is from it. */
const MARK_INSET = 11;

/** What lies at the edges of the first panel, in letters that are seen on black and on white. */
function edgeMarks({ left, right, top, bottom }: SliceOrientation, [, rows, columns]: OverlayCase['shape']): string {
  const [width, height] = [columns * enlargement(columns), rows * enlargement(columns)];
  const mark = (letter: string, x: number, y: number) =>
    `<text x="${x}" y="${TITLE_HEIGHT + y + 5}" text-anchor="middle" fill="white" stroke="black" stroke-width="3" paint-order="stroke">${letter}</text>`;
  const [middle, centre] = [Math.floor(width / 2), Math.floor(height / 2)];
  return [
    mark(left, MARK_INSET, centre),
    mark(right, width - MARK_INSET, centre),
    mark(top, middle, MARK_INSET),
    mark(bottom, middle, height - MARK_INSET),
  ].join('');
}

/** Panels with a title above each, and the legend below. @param marks SVG, drawn over them. */
async function captioned(
  png: Buffer,
  titles: readonly string[],
  legend: readonly LegendEntry[],
  marks: string,
): Promise<Buffer> {
  const { width = 0, height = 0 } = await sharp(png).metadata();
  const { lines, placed } = legendGrid(legend, width);
  const total = TITLE_HEIGHT + height + lines * LEGEND_LINE + (legend.length > 0 ? 8 : 0);
  const words = [
    marks,
    ...titles.map((title, i) => `<text x="${(i * width) / titles.length + 6}" y="17">${title}</text>`),
    ...placed.map(({ name, colour, left, line }) => {
      const y = TITLE_HEIGHT + height + 18 + line * LEGEND_LINE;
      return `<rect x="${left + 6}" y="${y - 10}" width="12" height="12" fill="rgb(${colour.join(' ')})"/><text x="${left + 26}" y="${y}">${escapeXml(name)}</text>`;
    }),
  ];
  const text = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${total}" font-family="sans-serif" font-size="13">${words.join('')}</svg>`;
  return sharp({ create: { width, height: total, channels: 3, background: 'white' } })
    .composite([
      { input: png, top: TITLE_HEIGHT, left: 0 },
      { input: Buffer.from(text), top: 0, left: 0 },
    ])
    .png()
    .toBuffer();
}

const outline =
  (labels: readonly number[], [, height, width]: OverlayCase['shape']): Paint =>
  (x, y) =>
    outlineColour(labels, width, height, x, y);

const errors =
  (labels: readonly number[], reference: readonly number[], width: number): Paint =>
  (x, y) => {
    const [seen = 0, actual = 0] = [labels[y * width + x], reference[y * width + x]];
    if (seen === actual) return null;
    return seen === 0 ? ERROR_COLOURS.missed : ERROR_COLOURS.wrong;
  };

function panelsPng({ shape, image, firstRow }: Shown, slice: number, paints: readonly Paint[]): Promise<Buffer> {
  const [, height, width] = shape;
  const full = paints.length * width + (paints.length - 1) * PANEL_GAP;
  const grey = greyLevels(sliceOf(image, shape, slice));
  const pixels = new Uint8Array(full * height * 3).fill(255);
  paints.forEach((paint, panel) => {
    const left = panel * (width + PANEL_GAP);
    for (let y = 0; y < height; y++) {
      const row = firstRow === 'top' ? y : height - 1 - y;
      for (let x = 0; x < width; x++) {
        const g = grey[y * width + x] ?? 0;
        pixels.set(paint(x, y) ?? [g, g, g], (row * full + left + x) * 3);
      }
    }
  });
  return sharp(pixels, { raw: { width: full, height, channels: 3 } })
    .resize({ width: full * enlargement(width), kernel: 'nearest' })
    .png()
    .toBuffer();
}

function sliceWithMostForeground(shape: OverlayCase['shape'], labels: ArrayLike<number>): number {
  const area = shape[1] * shape[2];
  let best = Math.floor(shape[0] / 2);
  let most = 0;
  for (let z = 0; z < shape[0]; z++) {
    let count = 0;
    for (let i = z * area; i < (z + 1) * area; i++) if ((labels[i] ?? 0) > 0) count++;
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
