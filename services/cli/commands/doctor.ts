import type { Command } from 'commander';
import { type ClusterOptions, clusterChoice, withClusterOptions } from '../cluster/cluster-options.ts';
import type { CheckedFinding } from '../doctor/check.ts';
import { DEFAULT_HOME } from '../home.ts';

interface DoctorOptions extends ClusterOptions {
  readonly home: string;
  readonly dataset?: string;
  readonly cluster?: boolean;
  readonly json?: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Adds `pentafold doctor`. */
export function register(program: Command, env: Environment): void {
  withClusterOptions(
    program
      .command('doctor')
      .description('check that Tasks can be carried out here, or on a cluster, and say what to mend')
      .option('--home <dir>', 'home folder, where everything would be kept', DEFAULT_HOME)
      .option('--dataset <dir>', 'also check a data set, as verify does')
      .option('--cluster', 'instead of this machine check a cluster: kinds, controller, rights, GPUs, store and bus'),
  )
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      `
Ends with 0 when nothing stands in the way, else 1.
The store and bus of a cluster are tried where OBJECTS, S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY, S3_SECRET_KEY, S3_STS_ENDPOINT,
S3_STS_ROLE_ARN and BUS, NATS_* say, as the controller has them and this machine reaches them; what is put there for trial is taken away again.

example: pentafold doctor --dataset Dataset004_Hippocampus
example: pentafold doctor --cluster -n research`,
    )
    .action((options: DoctorOptions) => doctor(options, env));
}

async function doctor({ json, cluster, ...options }: DoctorOptions, env: Environment): Promise<void> {
  const { findingsText, isHealthy } = await import('../doctor/check.ts');
  const findings = cluster ? await ofCluster(options, env) : await ofMachine(options);
  const place = cluster ? 'on this cluster' : 'here';
  process.stdout.write(
    json ? `${JSON.stringify({ healthy: isHealthy(findings), findings }, null, 2)}\n` : findingsText(findings, place),
  );
  if (!isHealthy(findings)) process.exitCode = 1;
}

async function ofMachine({ home, dataset }: Pick<DoctorOptions, 'home' | 'dataset'>): Promise<CheckedFinding[]> {
  const { examine } = await import('../doctor/check.ts');
  const machine = await import('../doctor/machine-checks.ts');
  return examine([
    machine.nodeCheck(),
    machine.engineCheck(),
    machine.memoryCheck(),
    machine.homeCheck(home),
    ...(dataset === undefined ? [] : [machine.datasetCheck(dataset)]),
  ]);
}

async function ofCluster(options: ClusterOptions, env: Environment): Promise<CheckedFinding[]> {
  const { examineBus, examineCluster, examineStore } = await import('../doctor/examine-cluster.ts');
  const { checkClusterBus, openClusterObjects, withCluster } = await import('../cluster.ts');
  const { OBJECTS, BUS } = env;
  return [
    ...(await withCluster(clusterChoice(options), env, examineCluster)),
    ...(await examineStore(OBJECTS ? () => openClusterObjects(OBJECTS, env) : null)),
    ...(await examineBus(BUS ? () => checkClusterBus(BUS, env) : null)),
  ];
}
