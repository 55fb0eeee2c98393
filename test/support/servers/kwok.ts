import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programPaths } from '../../servers/catalogue.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import type { ControlPlane } from './control-plane.ts';
import { freePort } from './free-port.ts';
import { type Server, startProcess } from './server-process.ts';

const isDeleted = { key: '.metadata.deletionTimestamp', operator: 'Exists' };
const isKept = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' };
const isIn = (phase: string): object => ({ key: '.status.phase', operator: 'In', values: [phase] });
const isUnready = {
  key: '.status.conditions.[] | select( .type == "Ready" ) | .status',
  operator: 'NotIn',
  values: ['True'],
};
const isOfJob = { key: '.metadata.ownerReferences.[].kind', operator: 'In', values: ['Job'] };

const statusOf = (phase: string, ready: boolean, state: string): string => `
phase: ${phase}
containerStatuses:
{{ range .spec.containers }}
- {name: {{ .name | Quote }}, image: {{ .image | Quote }}, ready: ${ready}, restartCount: 0, state: ${state}}
{{ end }}
conditions:
- {type: Ready, status: "${ready ? 'True' : 'False'}", lastTransitionTime: {{ Now | Quote }}}
`;

/** What becomes of a pod: it runs at once, and if it is a Job's it succeeds soon after; deleted, it goes. */
const stages = (podMs: number): readonly object[] => [
  stage('Pod', 'runs', [isKept, isIn('Pending')], {
    statusTemplate: statusOf('Running', true, '{running: {startedAt: {{ Now | Quote }}}}'),
  }),
  stage(
    'Pod',
    'succeeds',
    [isKept, isIn('Running'), isOfJob],
    {
      statusTemplate: statusOf(
        'Succeeded',
        false,
        '{terminated: {exitCode: 0, reason: Completed, startedAt: {{ Now | Quote }}, finishedAt: {{ Now | Quote }}}}',
      ),
    },
    podMs,
  ),
  stage('Pod', 'goes', [isDeleted], { delete: true }),
  // Without any stage for nodes it takes none of them as its own.
  stage('Node', 'is-ready', [isUnready], {
    statusTemplate: 'conditions: [{type: Ready, status: "True", lastTransitionTime: {{ Now | Quote }}}]',
  }),
];

/**
 * Lets pods that are bound to described nodes run and succeed, without containers: for how a controller behaves with
 * hundreds of them.
 *
 * @param podMs how long a Job's pod runs before it succeeds.
 */
export async function startKwok({ kubeconfig }: ControlPlane, podMs = 0): Promise<Server> {
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(await temporaryFolder());
  const config = join(folder.path, 'stages.yaml');
  await writeFile(
    config,
    stages(podMs)
      .map((each) => JSON.stringify(each))
      .join('\n---\n'),
  );
  const address = `127.0.0.1:${await freePort()}`;
  const server = resources.use(
    await startProcess({
      program: programPaths('kwok')[0] ?? '',
      args: [
        ...[`--kubeconfig=${kubeconfig}`, `--config=${config}`, `--server-address=${address}`],
        ...['--manage-all-nodes=true', '--node-lease-duration-seconds=40'],
      ],
      env: { HOME: folder.path },
      logFile: join(folder.path, 'kwok.log'),
      answers: async () => (await fetch(`http://${address}/healthz`)).ok,
    }),
  );
  const owned = resources.move();
  return {
    kill: () => server.kill(),
    restart: () => server.restart(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function stage(
  kind: 'Pod' | 'Node',
  name: string,
  matchExpressions: readonly object[],
  next: object,
  delayMs = 0,
): object {
  const resourceRef = { apiGroup: 'v1', kind };
  const delay = { durationMilliseconds: delayMs };
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: { resourceRef, selector: { matchExpressions }, delay, next },
  };
}
