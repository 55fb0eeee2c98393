/** A line: points in data units, in order of a whole x; a point whose y is not finite breaks the line. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
  readonly colour: string;
}

export interface LineChart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Default: the range of the data. */
  readonly yRange?: readonly [number, number];
  readonly series: readonly Series[];
  /** Lines with a scale of their own, whose ticks stand on the right. */
  readonly right?: {
    readonly yLabel: string;
    readonly yRange?: readonly [number, number];
    readonly series: readonly Series[];
  };
}

const WIDTH = 440;
const HEIGHT = 260;
const PLOT = { left: 60, top: 30, right: WIDTH - 12, bottom: HEIGHT - 40 };
/** How far the plot gives way to ticks on the right. */
const RIGHT_AXIS = 42;

/** The chart as a stand-alone SVG picture, 440 x 260. */
export function lineChartSvg(chart: LineChart): string {
  const { left, top, bottom } = PLOT;
  const right = PLOT.right - (chart.right ? RIGHT_AXIS : 0);
  const all = [...chart.series, ...(chart.right?.series ?? [])];
  const xRange = range(finitePoints(all).map(([x]) => x));
  const x = scale(xRange, left, right);
  const yTicks = yTicksOf(chart);
  const y = scale(extent(yTicks), bottom, top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    text(WIDTH / 2, 16, chart.title, 'middle', 'font-weight="bold" font-size="13"'),
    ...yTicks.map((tick) => gridLine(left, right, y(tick)) + text(left - 6, y(tick) + 4, label(tick), 'end')),
    ...wholeTicks(xRange, 6).map((tick) => text(x(tick), bottom + 15, label(tick), 'middle')),
    text((left + right) / 2, HEIGHT - 8, chart.xLabel, 'middle'),
    upwards(13, chart.yLabel),
    ...chart.series.map((series) => line(series, x, y)),
    ...(chart.right ? rightAxis(chart.right, right, x) : []),
    '</svg>',
  ].join('\n');
}

function rightAxis(axis: NonNullable<LineChart['right']>, right: number, x: (v: number) => number): string[] {
  const ticks = yTicksOf(axis);
  const y = scale(extent(ticks), PLOT.bottom, PLOT.top);
  return [
    ...ticks.map((tick) => text(right + 6, y(tick) + 4, label(tick), 'start')),
    upwards(WIDTH - 6, axis.yLabel),
    ...axis.series.map((series) => line(series, x, y)),
  ];
}

const finitePoints = (series: readonly Series[]) =>
  series.flatMap(({ points }) => points).filter(([, y]) => Number.isFinite(y));

const yTicksOf = ({ yRange, series }: Pick<LineChart, 'yRange' | 'series'>): number[] =>
  ticks(yRange ?? range(finitePoints(series).map(([, y]) => y)), 5);

const upwards = (x: number, value: string): string =>
  `<g transform="translate(${x} ${(PLOT.top + PLOT.bottom) / 2}) rotate(-90)">${text(0, 0, value, 'middle')}</g>`;

/** Names with their colours, as HTML. */
export const legendHtml = (series: readonly Pick<Series, 'name' | 'colour'>[]): string =>
  `<p class="legend">${series
    .map(({ name, colour }) => `<span><i style="background:${colour}"></i>${escapeXml(name)}</span>`)
    .join(' ')}</p>`;

/** Text made safe inside XML and HTML. */
export const escapeXml = (value: string): string => value.replace(/[&<>"']/g, (c) => `&#${c.codePointAt(0)};`);

function line(series: Series, x: (v: number) => number, y: (v: number) => number): string {
  const path = series.points
    .map(([px, py], i) => {
      const previous = series.points[i - 1]?.[1] ?? Number.NaN;
      if (!Number.isFinite(py)) return '';
      const place = `${x(px).toFixed(1)} ${y(py).toFixed(1)}`;
      // A line of no length, with its round ends a dot: so that a point between two gaps can be seen.
      return Number.isFinite(previous) ? `L${place}` : `M${place}h0`;
    })
    .join('');
  const drawn = `<path d="${path}" fill="none" stroke="${series.colour}" stroke-width="1.6" stroke-linejoin="round" stroke-linecap="round"/>`;
  return drawn + markers(series, x, y);
}

/** Up to this many points each gets a mark: a line of one or two is hardly seen without. */
const MARKED_POINTS = 12;

function markers({ points, colour }: Series, x: (v: number) => number, y: (v: number) => number): string {
  if (points.length > MARKED_POINTS) return '';
  return points
    .filter(([, py]) => Number.isFinite(py))
    .map(([px, py]) => `<circle cx="${x(px).toFixed(1)}" cy="${y(py).toFixed(1)}" r="2.4" fill="${colour}"/>`)
    .join('');
}

const gridLine = (x1: number, x2: number, y: number): string =>
  `<line x1="${x1}" x2="${x2}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}" stroke="#ddd"/>`;

const text = (x: number, y: number, value: string, anchor: string, attributes = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" ${attributes}>${escapeXml(value)}</text>`;

const label = (value: number): string => String(Number(value.toPrecision(4)));

function range(values: readonly number[]): readonly [number, number] {
  if (values.length === 0) return [0, 1];
  const low = Math.min(...values);
  const high = Math.max(...values);
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** About `count` round numbers (1, 2 or 5 times a power of ten apart) that enclose the range. */
export function ticks([low, high]: readonly [number, number], count: number): number[] {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => power * factor >= rough) ?? 10);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Whole numbers inside the range, about `count`, the first always its lower end: the epochs 1 to 8 give 1, 2, 4, 6, 8. */
export function wholeTicks([low, high]: readonly [number, number], count: number): number[] {
  const first = Math.ceil(low);
  const others = ticks([low, high], count).filter((tick) => Number.isInteger(tick) && tick > first && tick <= high);
  return [first, ...others];
}

const extent = (sorted: readonly number[]): readonly [number, number] => [sorted[0] ?? 0, sorted.at(-1) ?? 1];

const scale =
  ([low, high]: readonly [number, number], from: number, to: number) =>
  (value: number): number =>
    from + ((value - low) / (high - low)) * (to - from);
