import type { Command } from 'commander';
import { DEFAULT_HOME } from '../home.ts';

interface DoctorOptions {
  readonly home: string;
  readonly dataset?: string;
  readonly json?: boolean;
}

/** Adds `pentafold doctor`. */
export function register(program: Command): void {
  program
    .command('doctor')
    .description('check that Tasks can be carried out here, and say what to mend')
    .option('--home <dir>', 'home folder, where everything would be kept', DEFAULT_HOME)
    .option('--dataset <dir>', 'also check a data set, as verify does')
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      '\nEnds with 0 when nothing stands in the way, else 1.\n\nexample: pentafold doctor --dataset Dataset004_Hippocampus',
    )
    .action(doctor);
}

async function doctor({ home, dataset, json }: DoctorOptions): Promise<void> {
  const { examine, findingsText, isHealthy } = await import('../doctor/check.ts');
  const machine = await import('../doctor/machine-checks.ts');
  const findings = await examine([
    machine.nodeCheck(),
    machine.engineCheck(),
    machine.memoryCheck(),
    machine.homeCheck(home),
    ...(dataset === undefined ? [] : [machine.datasetCheck(dataset)]),
  ]);
  process.stdout.write(
    json ? `${JSON.stringify({ healthy: isHealthy(findings), findings }, null, 2)}\n` : findingsText(findings),
  );
  if (!isHealthy(findings)) process.exitCode = 1;
}
