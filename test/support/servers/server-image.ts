import { cp, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeImage } from '../../../deploy/oci-image.ts';
import { programPaths } from '../../servers/catalogue.ts';

/**
 * An image of a server that tests have, under the name that the chart pulls; as root, so that the chart has to say
 * otherwise.
 *
 * @returns path of its tar.
 */
export async function writeServerImage(name: string, server: 'versitygw' | 'nats'): Promise<string> {
  const rootFolder = join(tmpdir(), `${server}-image`);
  await mkdir(join(rootFolder, 'data'), { recursive: true });
  await mkdir(join(rootFolder, 'tmp'));
  await cp(programPaths(server)[0] ?? '', join(rootFolder, 'server'));
  const path = `${rootFolder}.tar`;
  // As a node calls an image of no registry that is named.
  const known = name.includes('/') ? `docker.io/${name}` : `docker.io/library/${name}`;
  await writeImage({ name: known, rootFolder, entrypoint: ['/server'], env: {}, user: '0:0' }, path);
  return path;
}
