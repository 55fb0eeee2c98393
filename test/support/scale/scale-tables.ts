// The tables of docs/benchmarks.md that `npm run test:scale` writes.

import { total } from './request-counts.ts';
import { type ScaleReport, trainings } from './scale-run.ts';

const BEGIN = '<!-- written by npm run test:scale -->';
const END = '<!-- end of what it writes -->';

/** @throws {RangeError} for a page without the two marks. */
export function replaceTables(page: string, paragraphs: readonly string[]): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new RangeError(`the page has no lines ${BEGIN} and ${END}`);
  return `${page.slice(0, begin)}${[BEGIN, ...paragraphs, ''].join('\n\n')}${page.slice(end)}`;
}

/** A row per size, in which one sees whether the cost of a Task stays what it is. */
export const runTable = (reports: readonly ScaleReport[]): string =>
  table(
    [
      ...['Tasks × trainings', 'nodes', 'Jobs', 'all done after', 'controller: CPU per Task', 'highest RSS'],
      ...['API requests per training', 'store requests per training'],
      ...['apply to first pod', 'last pod to Succeeded', 'largest status'],
    ],
    reports.map((report) => {
      const { size, seconds } = report;
      const perTraining = (requests: ScaleReport['apiRequests']) => (total(requests) / trainings(size)).toFixed(1);
      const jobs = report.apiRequests.get('create jobs 201') ?? 0;
      return [
        ...[`${size.tasks} × ${trainings(size) / size.tasks}`, `${size.nodes}`],
        ...[`${jobs} (${(jobs / seconds).toFixed(0)}/s)`, `${seconds.toFixed(0)} s`],
        ...[`${(report.controllerCpuSeconds / size.tasks).toFixed(2)} s`, `${report.highestRssMiB.toFixed(0)} MiB`],
        ...[perTraining(report.apiRequests), perTraining(report.storeRequests)],
        ...[spread(report.appliedToPods), spread(report.lastPodToSucceeded)],
        `${(report.largestStatusBytes / 1024).toFixed(1)} KiB`,
      ];
    }),
  );

/** Nothing for a run after which nobody looked. */
export function idleTable({ size, idle, apiRequests }: ScaleReport): string[] {
  if (idle === null) return [];
  const rows = Object.entries({
    'that did the work': idle.afterWork,
    'started when it was done': idle.startedAnew,
  }).map(([which, { rssMiB, core }]) => [which, `${rssMiB.toFixed(0)} MiB`, `${(100 * core).toFixed(2)} %`]);
  const jobs = apiRequests.get('create jobs 201') ?? 0;
  const { seconds, finishedTasks } = size.idle ?? { seconds: 0, finishedTasks: 0 };
  const among = `${finishedTasks} finished Tasks, ${jobs} Jobs not gone yet, over ${seconds} s`;
  return [table([`idle controller (${among})`, 'RSS', 'of a core'], rows)];
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Median and 95th percentile. */
function spread(ascending: readonly number[]): string {
  const at = (share: number) => (ascending[Math.floor(share * (ascending.length - 1))] ?? Number.NaN).toFixed(1);
  return `${at(0.5)} s, 95 %: ${at(0.95)} s`;
}
