// The page of a report: one self-contained HTML file, no script, no address outside itself.

import type { Candidate } from '#api/v1alpha1/kinds.ts';
import { escapeXml } from './line-chart.ts';

export interface ReportPage {
  readonly title: string;
  /** A few `name: value` facts for the top. */
  readonly facts: readonly (readonly [string, string])[];
  readonly ranking: readonly Candidate[];
  /** `null` without test cases. */
  readonly test: TestSection | null;
  readonly curves: readonly {
    readonly configuration: string;
    readonly svgs: readonly string[];
    readonly legend: string;
  }[];
  readonly networks: readonly { readonly configuration: string; readonly svg: string }[];
}

export interface TestSection {
  /** Of the columns of `dice`. */
  readonly labelNames: readonly string[];
  readonly dice: readonly { readonly caseId: string; readonly dice: readonly (number | null)[] }[];
  readonly overlays: readonly { readonly caseId: string; readonly png: Uint8Array }[];
  /** What the colours of the overlays mean. */
  readonly legend: string;
}

export function reportHtml(page: ReportPage): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escapeXml(page.title)}</title>
<style>${STYLE}</style>
<h1>${escapeXml(page.title)}</h1>
${factsTable(page.facts)}
<h2>Ranking of configurations and pairs</h2>
<p>Mean foreground Dice over the pooled validation cases of all folds. Best first.</p>
${rankingTable(page.ranking)}
${page.test === null ? '' : testSection(page.test)}
<h2>Training</h2>
${page.curves.map(curves).join('\n')}
<h2>Networks</h2>
<p>Channels × extent of each result for one patch. Instance norm and leaky ReLU follow every convolution;
“/ 2×2” is a stride, “up 2×2” a transposed convolution, a dashed line a skip connection.</p>
${page.networks.map(network).join('\n')}
</html>
`;
}

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1000px; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; margin: .5rem 0 } td, th { padding: .2rem .8rem; border-bottom: 1px solid #ddd; text-align: left }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums } tr.best td { font-weight: 600; background: #f3f8ee }
figure { display: inline-block; width: 480px; max-width: 100%; margin: .5rem 1rem .5rem 0; vertical-align: top } figure img { display: block; width: 100%; image-rendering: pixelated }
figcaption, .legend { font-size: 13px; color: #555 } .legend i { display: inline-block; width: 1.2em; height: .4em; margin: 0 .4em .1em 1em }
.charts svg { width: 440px; max-width: 100% } .network svg { max-width: 100%; height: auto; margin: 0 0 1rem }`;

const table = (header: string, rows: readonly string[]): string => `<table>${header}${rows.join('')}</table>`;

const factsTable = (facts: ReportPage['facts']): string =>
  table(
    '',
    facts.map(([name, value]) => `<tr><th>${escapeXml(name)}</th><td>${escapeXml(value)}</td></tr>`),
  );

const rankingTable = (ranking: readonly Candidate[]): string =>
  table(
    '<tr><th>members</th><th>voting</th><th class="number">mean Dice</th></tr>',
    ranking.map(
      ({ members, voting, meanDice }, i) =>
        `<tr${i === 0 ? ' class="best"' : ''}><td>${escapeXml(members.join(' + '))}</td>` +
        `<td>${members.length > 1 ? voting : '–'}</td>${numberCell(meanDice)}</tr>`,
    ),
  );

const testSection = (test: TestSection): string =>
  `<h2>Test cases</h2>\n<p>Dice of each label.</p>\n${testTable(test)}\n${test.legend}\n${overlays(test)}`;

const testTable = ({ dice: cases, labelNames }: TestSection): string =>
  table(
    `<tr><th>case</th>${labelNames.map((name) => `<th class="number">${escapeXml(name)}</th>`).join('')}</tr>`,
    cases.map(({ caseId, dice }) => `<tr><td>${escapeXml(caseId)}</td>${dice.map(numberCell).join('')}</tr>`),
  );

const numberCell = (value: number | null): string =>
  `<td class="number">${value === null || Number.isNaN(value) ? '–' : value.toFixed(3)}</td>`;

const overlays = ({ overlays: pictures }: TestSection): string =>
  pictures
    .map(
      ({ caseId, png }) =>
        `<figure><img alt="image, reference and prediction of ${escapeXml(caseId)}" src="data:image/png;base64,` +
        `${Buffer.from(png).toString('base64')}"><figcaption>${escapeXml(caseId)}: image, reference, prediction</figcaption></figure>`,
    )
    .join('\n');

const curves = ({ configuration, svgs, legend }: ReportPage['curves'][number]): string =>
  `<h3>${escapeXml(configuration)}</h3>\n<div class="charts">${svgs.join('\n')}</div>\n${legend}`;

const network = ({ configuration, svg }: ReportPage['networks'][number]): string =>
  `<h3>${escapeXml(configuration)}</h3>\n<div class="network">${svg}</div>`;
