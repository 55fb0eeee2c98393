// The controller of one namespace of a cluster: leads while it holds the Lease, and waits while another one does.

import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { systemClock } from '#platform/clock/system-clock.ts';
import { serveHealth } from '#platform/health/health-server.ts';
import { CONTROLLER_LEASE, leaseHolder } from '#platform/kube/controller-lease.ts';
import { EventRecorder } from '#platform/kube/event-recorder.ts';
import { type ApiLogin, HttpConnection } from '#platform/kube/http-connection.ts';
import { KubeClient } from '#platform/kube/kube-client.ts';
import { LeaderElection } from '#platform/kube/leader-election.ts';
import { namespaceWatch } from '#platform/kube/namespace-watch.ts';
import { ServiceAccountLogin } from '#platform/kube/service-account-login.ts';
import type { Term } from '#platform/kube/term.ts';
import { serveController } from '#platform/link/grpc-controller-server.ts';
import { tokenReview } from '#platform/link/token-review.ts';
import { pinoLogger } from '#platform/logging/pino-logger.ts';
import { datasetOpener } from '#platform/objects/open-dataset.ts';
import { openObjects } from '#platform/objects/open-objects.ts';
import { StoreUnreachableError } from '#platform/objects/s3-request.ts';
import { NoTemporaryCredentialsError } from '#platform/objects/security-token-service.ts';
import { productVersion } from '#platform/product-version.ts';
import { TOKEN_AUDIENCE } from '#platform/runner/kubernetes/attempt-job.ts';
import { KubernetesJobRunner } from '#platform/runner/kubernetes/job-runner.ts';
import { processSignals } from '#platform/runner/process-signals.ts';
import { CustomResourceTaskStore } from '#platform/tasks/custom-resource-task-store.ts';
import { KubeTaskEvents } from '#platform/tasks/kube-task-events.ts';
import { CredentialIssuer } from '#steps/credential-issuer.ts';
import { handedOn, loadClusterConfig } from './cluster-config.ts';
import { clusterMetrics, type Leading } from './cluster-metrics.ts';
import { start } from './service.ts';

/** The loop looks again soon enough; a request that hangs must not hold up the other Tasks. */
const PATIENCE_SECONDS = 20;

/** So long the API server may be silent about the Lease while we count as ready: several looks at it. */
const SILENCE_SECONDS = 30;

const config = loadClusterConfig(process.env);
const clock = systemClock;
const log = pinoLogger({ level: config.logLevel, file: null }).child({ service: 'controller', pod: config.podName });
const stopping = processSignals(process).checkpoint;
const connection = new HttpConnection(await login());
const kube = (timeoutMs: number) =>
  new KubeClient({ connection, fieldManager: 'pentafold-controller', timeoutMs, pageSize: 500 });
const issuer = openIssuer();
let leading: Leading | null = null;

async function login(): Promise<ApiLogin> {
  if (!process.env.KUBECONFIG) return new ServiceAccountLogin(process.env, clock);
  // Only then is what reads such files loaded.
  const { clusterLogin } = await import('#platform/kube/kubeconfig.ts');
  return clusterLogin(process.env, { context: null, namespace: null }).config;
}

async function lead(term: Term): Promise<void> {
  const client = kube(20_000).fencedBy(term);
  const watching = { client, namespace: config.namespace, clock, random: Math.random, log };
  const ended = anyOf(term.signal, stopping);
  await using tasks = new CustomResourceTaskStore(watching);
  const recorder = new EventRecorder({
    client,
    controller: 'pentafold.io/controller',
    instance: config.podName,
    clock,
    newSuffix: () => randomBytes(6).toString('hex'),
    log,
  });
  const runner = new KubernetesJobRunner({
    client,
    watch: namespaceWatch(watching),
    settings: { ...config.jobs, environment: handedOn(process.env) },
    clock,
  });
  await Promise.race([Promise.all([tasks.synced(), runner.synced()]), ended]);
  if (term.signal.aborted || stopping.aborted) return runner[Symbol.asyncDispose]();
  const objects = { s3: config.s3, handedOver: null, patienceSeconds: PATIENCE_SECONDS, clock };
  await using controller = await start(config.loop, {
    tasks,
    objects: openObjects(config.objects, objects),
    datasets: datasetOpener(objects, config.objects),
    openRunner: () => runner,
    events: new KubeTaskEvents(recorder, config.namespace),
    deletions: tasks,
    serve: (options) => serveController({ ...options, authenticate: workersOf(runner, client), tls: certificate() }),
    credentials: issuer,
    version: productVersion(),
    clock,
    log,
  });
  leading = { tasks, runner };
  try {
    await Promise.race([controller.ended, ended]);
    await controller.leave();
  } finally {
    leading = null;
  }
}

const workersOf = (runner: KubernetesJobRunner, client: KubeClient) =>
  tokenReview({
    client,
    audience: TOKEN_AUDIENCE,
    user: `system:serviceaccount:${config.namespace}:${config.jobs.serviceAccount}`,
    jobOf: (step, attempt) => runner.jobOf(step, attempt),
    // As long as a token lasts; a training of days must not ask the API server hundreds of times.
    holdsMs: 3_600_000,
    remembered: 10_000,
    clock,
  });

const certificate = () =>
  config.tls === null
    ? null
    : { certificate: readFileSync(config.tls.certificateFile), key: readFileSync(config.tls.keyFile) };

function openIssuer(): CredentialIssuer | null {
  const { objects, s3, sts } = config;
  return sts === null || s3 === null || objects.kind !== 's3'
    ? null
    : new CredentialIssuer({ objects, s3, sts, clock });
}

/** A store that is away for the moment is no reason not to start. */
async function checkIssuer(): Promise<void> {
  if (issuer !== null && config.tls === null)
    log.warn({}, 'workers get store credentials in clear text: set TLS_CERTIFICATE_FILE and TLS_KEY_FILE');
  try {
    await issuer?.check();
  } catch (err) {
    const mayPass = err instanceof StoreUnreachableError || (err instanceof NoTemporaryCredentialsError && err.mayPass);
    if (!mayPass) throw err;
    log.warn({ err }, 'temporary store credentials not tried');
  }
}

function anyOf(...signals: AbortSignal[]): Promise<void> {
  const any = AbortSignal.any(signals);
  return new Promise((resolve) => {
    if (any.aborted) resolve();
    else any.addEventListener('abort', () => resolve(), { once: true });
  });
}

await checkIssuer();
const election = new LeaderElection({
  client: kube(3000),
  lease: { namespace: config.namespace, name: CONTROLLER_LEASE },
  identity: leaseHolder(config.podName, randomUUID().slice(0, 8)),
  leaseSeconds: 15,
  renewSeconds: 4,
  safetySeconds: 3,
  clock,
  monotonicMs: () => performance.now(),
  log,
});
await using health = await serveHealth({
  ...config.health,
  notReady: () =>
    election.silentMs <= 1000 * SILENCE_SECONDS
      ? null
      : `the API server has not answered about the Lease for ${SILENCE_SECONDS} s`,
  metrics: () => clusterMetrics(leading),
  log,
});
log.info({ port: health.port, namespace: config.namespace }, 'waiting for the lead');
await election.run(lead, stopping);
process.exit(0);
