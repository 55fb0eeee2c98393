import { join } from 'node:path';
import type { Command } from 'commander';
import { DEFAULT_HOME, homeAt, taskFolder } from '../home.ts';
import { writeReport } from '../report/write-report.ts';

interface ReportOptions {
  readonly home: string;
  readonly output: string;
  readonly dataset?: string;
  readonly predictions?: string;
  readonly since?: string;
  readonly json: boolean;
}

/** Adds `pentafold report`. */
export function register(program: Command): void {
  program
    .command('report')
    .description('write a page with the curves, the ranking and pictures of a finished Task')
    .argument('<task>', 'name of the Task')
    .requiredOption('-o, --output <dir>', 'folder for index.html and summary.json')
    .option('--home <dir>', 'home folder', DEFAULT_HOME)
    .option('--predictions <dir>', 'evaluated predictions of test cases, to be scored and drawn')
    .option('--dataset <dir>', 'where their imagesTs and labelsTs lie')
    .option('--since <seconds>', 'when the work began, in seconds since 1970, to state how long it took')
    .option('--json', 'print the summary as JSON', false)
    .action(report);
}

async function report(task: string, options: ReportOptions): Promise<void> {
  const { predictions, dataset, since } = options;
  const summary = await writeReport({
    title: `Task ${task}`,
    taskFolder: taskFolder(homeAt(options.home), task),
    test:
      predictions === undefined || dataset === undefined
        ? null
        : { images: join(dataset, 'imagesTs'), references: join(dataset, 'labelsTs'), predictions },
    seconds: since === undefined ? null : Math.round(Date.now() / 1000 - Number(since)),
    output: options.output,
  });
  process.stdout.write(
    options.json ? `${JSON.stringify(summary)}\n` : `report: ${join(options.output, 'index.html')}\n`,
  );
}
