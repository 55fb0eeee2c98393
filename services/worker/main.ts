import { fileURLToPath } from 'node:url';
import { LocalBus } from '#platform/bus/local-bus.ts';
import { systemClock } from '#platform/clock/system-clock.ts';
import { GrpcControllerLink } from '#platform/link/grpc-controller-link.ts';
import { pinoLogger } from '#platform/logging/pino-logger.ts';
import { DirectoryObjectStore } from '#platform/objects/directory-object-store.ts';
import { productVersion } from '#platform/product-version.ts';
import { processSignals } from '#platform/runner/process-signals.ts';
import { StepStore } from '#steps/step-store.ts';
import { loadConfig } from './config.ts';
import { start } from './service.ts';

const config = loadConfig(process.env);
const log = pinoLogger({ level: config.logLevel, file: null }).child({ service: 'worker' });

const exitCode = await start(config, {
  version: productVersion(),
  store: new StepStore(new DirectoryObjectStore(fileURLToPath(config.objects))),
  link: new GrpcControllerLink({
    address: config.controllerAddress,
    token: config.controllerToken,
    timeoutMs: 10_000,
  }),
  clock: systemClock,
  log,
  datasets: (uri) => new DirectoryObjectStore(fileURLToPath(uri)),
  bus: new LocalBus({ directory: fileURLToPath(config.bus), clock: systemClock, pollMs: 500 }),
  signals: processSignals(process),
});
// A handler that was stopped at once may still be running.
process.exit(exitCode);
