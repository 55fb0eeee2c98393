// `pentafold run` with fake step programs: node run-with-fakes.ts TASK.yaml HOME

import { fileURLToPath } from 'node:url';
import { runTask } from '../../../services/cli/run/run-task.ts';

const [taskFile = '', home = ''] = process.argv.slice(2);
const fake = fileURLToPath(new URL('./fake-step.ts', import.meta.url));
const request = { taskFile, home, dataset: null, json: true };
process.exitCode = await runTask(request, process.env, { worker: fake, ensemble: fake });
