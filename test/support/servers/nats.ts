import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programPaths } from '../../servers/catalogue.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { freePort } from './free-port.ts';
import { type Server, startProcess } from './server-process.ts';

export interface Nats extends Server {
  /** For clients: `nats://127.0.0.1:PORT`. */
  readonly url: string;
}

/**
 * A NATS server with JetStream, whose streams are files and so outlive it.
 *
 * @param configuration what its file of configuration says, beside addresses and folders.
 */
export async function startNats(configuration = 'jetstream: enabled'): Promise<Nats> {
  const [program = ''] = programPaths('nats');
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(await temporaryFolder());
  const configurationFile = join(folder.path, 'nats.conf');
  await writeFile(configurationFile, configuration);
  const port = await freePort();
  const monitoring = await freePort();
  const server = resources.use(
    await startProcess({
      program,
      args: [
        ...['--addr', '127.0.0.1', '--port', String(port), '--http_port', String(monitoring)],
        ...['--config', configurationFile, '--store_dir', folder.path],
      ],
      logFile: join(folder.path, 'nats-server.log'),
      answers: async () => (await fetch(`http://127.0.0.1:${monitoring}/healthz`)).ok,
    }),
  );
  const owned = resources.move();
  return {
    url: `nats://127.0.0.1:${port}`,
    kill: () => server.kill(),
    restart: () => server.restart(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
