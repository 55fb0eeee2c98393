import { localAdapters } from '#steps/local-adapters.ts';
import { loadConfig } from './config.ts';
import { start } from './service.ts';

const config = loadConfig(process.env);
const exitCode = await start(config, localAdapters('ensemble', config));
// A handler that was stopped at once may still be running.
process.exit(exitCode);
