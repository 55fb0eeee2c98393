import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { programPaths } from '../../servers/catalogue.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { freePort } from './free-port.ts';
import { type Launch, type Server, startProcess } from './server-process.ts';

export interface S3 extends Server {
  /** `http://127.0.0.1:PORT`; buckets are in the path. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Where its objects lie, as files: below a folder per bucket. */
  readonly folder: string;
  /** Where versitygw writes a line for each request. */
  readonly accessLog: string;
}

const REGION = 'us-east-1';
const ACCESS_KEY_ID = 'pentafold-test';
const SECRET_ACCESS_KEY = 'secret-of-a-test';

type Command = Pick<Launch, 'program' | 'args' | 'env'> & { readonly healthPath: string };

const accessLogOf = (objects: string): string => `${objects}-access.log`;

/** How each is told where its objects lie and who may come. */
const commands: Readonly<Record<'versitygw' | 'minio', (address: string, objects: string) => Command>> = {
  versitygw: (address, objects) => ({
    program: programPaths('versitygw')[0] ?? '',
    args: [
      ...['--port', address, '--region', REGION, '--health', '/health'],
      // Off by default: a new connection for each request would be half of what one costs.
      ...['--keep-alive', '--access-log', accessLogOf(objects), '--quiet', 'posix', objects],
    ],
    env: { ROOT_ACCESS_KEY: ACCESS_KEY_ID, ROOT_SECRET_KEY: SECRET_ACCESS_KEY },
    healthPath: '/health',
  }),
  minio: (address, objects) => ({
    program: programPaths('minio')[0] ?? '',
    args: ['server', '--address', address, objects],
    env: {
      MINIO_ROOT_USER: ACCESS_KEY_ID,
      MINIO_ROOT_PASSWORD: SECRET_ACCESS_KEY,
      MINIO_BROWSER: 'off',
      // It refuses a folder of the root file system otherwise.
      MINIO_CI_CD: '1',
      HOME: objects,
    },
    // `/minio/health/ready` says yes while requests are still refused as XMinioServerNotInitialized.
    healthPath: '/minio/health/cluster',
  }),
};

/** An object store that speaks S3, without any bucket yet. Its objects are files and so outlive it. */
export async function startS3(kind: 'versitygw' | 'minio'): Promise<S3> {
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(await temporaryFolder());
  const objects = join(folder.path, 'objects');
  await mkdir(objects);
  const address = `127.0.0.1:${await freePort()}`;
  const { healthPath, ...command } = commands[kind](address, objects);
  const server = resources.use(
    await startProcess({
      ...command,
      logFile: join(folder.path, `${kind}.log`),
      answers: async () => (await fetch(`http://${address}${healthPath}`)).ok,
    }),
  );
  const owned = resources.move();
  return {
    endpoint: `http://${address}`,
    region: REGION,
    accessKeyId: ACCESS_KEY_ID,
    secretAccessKey: SECRET_ACCESS_KEY,
    folder: objects,
    accessLog: accessLogOf(objects),
    kill: () => server.kill(),
    restart: () => server.restart(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
