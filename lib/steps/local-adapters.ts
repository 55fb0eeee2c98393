import { fileURLToPath } from 'node:url';
import { openBus } from '#platform/bus/open-bus.ts';
import { systemClock } from '#platform/clock/system-clock.ts';
import { GrpcControllerLink } from '#platform/link/grpc-controller-link.ts';
import { pinoLogger } from '#platform/logging/pino-logger.ts';
import { DirectoryObjectStore } from '#platform/objects/directory-object-store.ts';
import { productVersion } from '#platform/product-version.ts';
import { processSignals } from '#platform/runner/process-signals.ts';
import type { StepConfig } from './step-environment.ts';
import type { StepAdapters } from './step-program.ts';
import { StepStore } from './step-store.ts';

/** The adapters of a step's process whose store and data sets are folders of its machine. For `main.ts` alone. */
export function localAdapters(service: string, config: StepConfig): StepAdapters {
  const log = pinoLogger({ level: config.logLevel, file: null }).child({ service });
  return {
    version: productVersion(),
    store: new StepStore(new DirectoryObjectStore(fileURLToPath(config.objects))),
    link: new GrpcControllerLink({
      address: config.controllerAddress,
      token: async () => config.controllerToken,
      authority: null,
      timeoutMs: 10_000,
    }),
    clock: systemClock,
    log,
    datasets: (uri) => new DirectoryObjectStore(fileURLToPath(uri)),
    bus: openBus({ address: config.bus, nats: config.nats, clock: systemClock, log }),
    signals: processSignals(process),
  };
}
