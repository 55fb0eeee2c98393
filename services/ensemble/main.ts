import { stepAdapters } from '#steps/step-adapters.ts';
import { loadConfig } from './config.ts';
import { start } from './service.ts';

const config = loadConfig(process.env);
const adapters = stepAdapters('ensemble', config);
const exitCode = await start(config, adapters);
await adapters.bus[Symbol.asyncDispose]();
// A handler that was stopped at once may still be running.
process.exit(exitCode);
