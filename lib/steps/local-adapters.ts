import { fileURLToPath } from 'node:url';
import { LocalBus } from '#platform/bus/local-bus.ts';
import { systemClock } from '#platform/clock/system-clock.ts';
import { GrpcControllerLink } from '#platform/link/grpc-controller-link.ts';
import { pinoLogger } from '#platform/logging/pino-logger.ts';
import { DirectoryObjectStore } from '#platform/objects/directory-object-store.ts';
import { productVersion } from '#platform/product-version.ts';
import { processSignals } from '#platform/runner/process-signals.ts';
import type { StepConfig } from './step-environment.ts';
import type { StepAdapters } from './step-program.ts';
import { StepStore } from './step-store.ts';

/** The adapters of a step's process whose store, bus and data sets are folders of its machine. For `main.ts` alone. */
export const localAdapters = (service: string, config: StepConfig): StepAdapters => ({
  version: productVersion(),
  store: new StepStore(new DirectoryObjectStore(fileURLToPath(config.objects))),
  link: new GrpcControllerLink({
    address: config.controllerAddress,
    token: async () => config.controllerToken,
    authority: null,
    timeoutMs: 10_000,
  }),
  clock: systemClock,
  log: pinoLogger({ level: config.logLevel, file: null }).child({ service }),
  datasets: (uri) => new DirectoryObjectStore(fileURLToPath(uri)),
  bus: new LocalBus({ directory: fileURLToPath(config.bus), clock: systemClock, pollMs: 500 }),
  signals: processSignals(process),
});
