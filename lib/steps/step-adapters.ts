import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { openBus } from '#platform/bus/open-bus.ts';
import { systemClock } from '#platform/clock/system-clock.ts';
import { GrpcControllerLink } from '#platform/link/grpc-controller-link.ts';
import { pinoLogger } from '#platform/logging/pino-logger.ts';
import { HandedOverCredentials } from '#platform/objects/handed-over-credentials.ts';
import { datasetOpener } from '#platform/objects/open-dataset.ts';
import { openObjects } from '#platform/objects/open-objects.ts';
import { productVersion } from '#platform/product-version.ts';
import { processSignals } from '#platform/runner/process-signals.ts';
import type { StepConfig } from './step-environment.ts';
import type { StepAdapters } from './step-program.ts';
import { StepStore } from './step-store.ts';

/** Nobody else can go on meanwhile, and what was computed is worth the wait. */
const PATIENCE_SECONDS = 900;

/** The adapters of a step's process, on one machine or in a pod. For `main.ts` alone. */
export function stepAdapters(service: string, config: StepConfig): StepAdapters {
  const log = pinoLogger({ level: config.logLevel, file: null }).child({ service });
  const patience = { patienceSeconds: PATIENCE_SECONDS, clock: systemClock };
  const credentials = config.s3?.keys === null ? new HandedOverCredentials(patience) : null;
  const objects = { s3: config.s3, handedOver: credentials, ...patience };
  return {
    version: productVersion(),
    store: new StepStore(openObjects(config.objects, objects)),
    link: new GrpcControllerLink({
      address: config.controllerAddress,
      token: tokenSource(config.controllerToken),
      authority: config.controllerAuthorityFile === null ? null : readFileSync(config.controllerAuthorityFile),
      timeoutMs: 10_000,
    }),
    credentials,
    clock: systemClock,
    log,
    datasets: datasetOpener(objects, config.objects),
    bus: openBus({ address: config.bus, nats: config.nats, clock: systemClock, log }),
    signals: processSignals(process),
  };
}

/** A file is read for every call: the kubelet replaces the token well before it ends. */
const tokenSource =
  (token: StepConfig['controllerToken']): (() => Promise<string>) =>
  async () =>
    'text' in token ? token.text : (await readFile(token.file, 'utf8')).trim();
