// A process with a server, to be killed by a test: says where the server listens, and waits.

import { startNats } from '#test/servers/nats.ts';

const nats = await startNats();
process.stdout.write(`${nats.url}\n`);
setInterval(() => {}, 1000);
