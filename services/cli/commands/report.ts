import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { FolderUnusableError } from '../folder.ts';
import { DEFAULT_HOME, homeAt } from '../home.ts';
import { findTask } from '../report/find-task.ts';
import type { TestFolders } from '../report/test-cases.ts';
import { writeReport } from '../report/write-report.ts';

interface ReportOptions {
  readonly home: string;
  readonly output: string;
  readonly dataset?: string;
  readonly predictions?: string;
  readonly since?: number;
  readonly json?: boolean;
}

/** Adds `pentafold report`. */
export function register(program: Command): void {
  program
    .command('report')
    .description('write a page with the curves, the ranking and pictures of a finished Task')
    .argument('<task>', 'name of the Task')
    .requiredOption('-o, --output <dir>', 'folder for index.html and summary.json')
    .option('--home <dir>', 'home folder, where the Task was carried out', DEFAULT_HOME)
    .option('--predictions <dir>', 'evaluated predictions of test cases, to be shown')
    .option('--dataset <dir>', 'data set folder with the imagesTs and labelsTs of those cases')
    .option('--since <seconds>', 'when the work began, in seconds since 1970, to state how long it took', seconds)
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', '\nexample: bin/pentafold report phantom -o report --home demo-output/home')
    .action(report);
}

async function report(task: string, options: ReportOptions): Promise<void> {
  const { output, since } = options;
  const summary = await writeReport({
    title: `Task ${task}`,
    taskFolder: await findTask(task, homeAt(options.home)),
    test: testFolders(options),
    seconds: since === undefined ? null : Math.round(Date.now() / 1000 - since),
    output,
  });
  process.stdout.write(
    options.json ? `${JSON.stringify(summary, null, 2)}\n` : `report: ${join(output, 'index.html')}\n`,
  );
}

function testFolders({ predictions, dataset }: ReportOptions): TestFolders | null {
  if (predictions === undefined && dataset === undefined) return null;
  if (predictions === undefined || dataset === undefined)
    throw new FolderUnusableError('test cases need both --predictions and --dataset');
  return { images: join(dataset, 'imagesTs'), references: join(dataset, 'labelsTs'), predictions };
}

function seconds(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError('expected whole seconds, as `date +%s` prints them.');
  return Number(text);
}
