import type { Command } from 'commander';
import { DEFAULT_HOME } from '../home.ts';

/** `pentafold run`: everything a Task needs, on this machine. */
export function register(program: Command, env: Readonly<Record<string, string | undefined>>): void {
  program
    .command('run')
    .summary('carry a Task out on this machine')
    .description(
      'carry a Task out on this machine: plan, train all folds, choose the best candidate, publish the model;\n' +
        'Ctrl-C stops it after a checkpoint, a second one at once; the same command goes on where it stopped',
    )
    .argument('<task.yaml>', 'file of the Task')
    .option('--home <dir>', 'home folder, where everything is kept', DEFAULT_HOME)
    .option('--dataset <dir>', 'data set, instead of the one that the Task names')
    .option('--json', 'print the outcome as JSON; progress goes to standard error')
    .addHelpText(
      'after',
      `
exit codes: 0 when the Task succeeded, 1 when it did not, 130 when it was interrupted

example: bin/pentafold run examples/phantom/task.yaml --home demo-output/home`,
    )
    .action(async (taskFile: string, options: { home: string; dataset?: string; json?: boolean }) => {
      const { runTask } = await import('../run/run-task.ts');
      const { home, dataset = null, json = false } = options;
      process.exitCode = await runTask({ taskFile, home, dataset, json }, env);
    });
}
