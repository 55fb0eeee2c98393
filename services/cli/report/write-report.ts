import { join } from 'node:path';
import { labelKey } from '#core/dataset/label-or-region.ts';
import { labelScheme, targetNames } from '#core/dataset/labels.ts';
import { writeDurably } from '#files/durable-file.ts';
import { type ReportPage, reportHtml, type TestSection } from './html.ts';
import { learningCurves } from './learning-curves.ts';
import { legendHtml } from './line-chart.ts';
import { networkPicture } from './network-picture.ts';
import { labelColour, overlayPng } from './overlay.ts';
import { readTaskResults, type TaskResults } from './task-results.ts';
import { readOverlayCase, readTestScores, type TestFolders, type TestScores } from './test-cases.ts';

export interface ReportRequest {
  readonly title: string;
  /** HOME/tasks/<name>. */
  readonly taskFolder: string;
  readonly test: TestFolders | null;
  /** How long the work took, when somebody measured it. */
  readonly seconds: number | null;
  readonly output: string;
}

/** `report/summary.json`: for scripts. */
export interface ReportSummary {
  readonly testDice: number | null;
  readonly ranking: TaskResults['ranking'];
  readonly best: TaskResults['ranking'][number] | null;
  readonly seconds: number | null;
}

/** Pictures of more cases would only make the page long. */
const MOST_OVERLAYS = 10;

/** Writes `index.html`, then `summary.json`. */
export async function writeReport(request: ReportRequest): Promise<ReportSummary> {
  const results = await readTaskResults(request.taskFolder);
  const scores = request.test ? await readTestScores(request.test) : null;
  const summary: ReportSummary = {
    testDice: scores?.meanDice ?? null,
    ranking: results.ranking,
    best: results.ranking[0] ?? null,
    seconds: request.seconds,
  };
  await writeDurably(join(request.output, 'index.html'), reportHtml(await pageOf(request, results, scores, summary)));
  await writeDurably(join(request.output, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
  return summary;
}

async function pageOf(
  { title, test }: ReportRequest,
  results: TaskResults,
  scores: TestScores | null,
  summary: ReportSummary,
): Promise<ReportPage> {
  return {
    title,
    facts: facts(summary, results),
    ranking: results.ranking,
    test: test && scores && (await testSection(test, scores, results)),
    curves: results.trainings.map(({ configuration, folds }) => ({ configuration, ...learningCurves(folds) })),
    networks: await drawNetworks(results),
  };
}

async function testSection(test: TestFolders, scores: TestScores, { dataset }: TaskResults): Promise<TestSection> {
  const { targets, classOrder } = labelScheme(dataset);
  const names = targetNames(dataset);
  // What is painted: a label itself, or the label that a region writes.
  const painted = classOrder ?? targets.map(Number);
  return {
    labelNames: scores.labels.map((label) => names[targets.findIndex((target) => labelKey(target) === label)] ?? label),
    dice: scores.cases,
    overlays: await Promise.all(
      scores.cases
        .slice(0, MOST_OVERLAYS)
        .map(async ({ caseId }) => ({ caseId, png: await overlayPng(await readOverlayCase(test, caseId)) })),
    ),
    legend: legendHtml(names.map((name, i) => ({ name, colour: labelColour(painted[i] ?? 0) }))),
  };
}

const drawNetworks = ({ plans, dataset }: TaskResults) =>
  Promise.all(
    plans.configurations.map(async (plan) => ({
      configuration: plan.name,
      svg: await networkPicture(plan, dataset),
    })),
  );

function facts({ best, testDice, seconds }: ReportSummary, { dataset, plans }: TaskResults): [string, string][] {
  const shown: [string, string | null][] = [
    ['data set', `${dataset.name}, ${dataset.numTraining} training cases`],
    [
      'configurations',
      plans.configurations.map(({ name, patchSize }) => `${name} (${patchSize.join('×')})`).join(', '),
    ],
    [
      'best',
      best && `${best.members.join(' + ')}, cross-validation Dice ${best.meanDice?.toFixed(3) ?? 'not defined'}`,
    ],
    ['Dice on the test cases', testDice === null ? null : testDice.toFixed(3)],
    ['time', seconds === null ? null : `${(seconds / 60).toFixed(1)} min`],
  ];
  return shown.flatMap(([name, value]) => (value === null ? [] : [[name, value] as [string, string]]));
}
