// A process with a private machine, to be killed by a test.

import { fileURLToPath } from 'node:url';
import { runOnPrivateMachine } from '#test/servers/node/private-machine.ts';

await runOnPrivateMachine(fileURLToPath(new URL('waiting.ts', import.meta.url)));
