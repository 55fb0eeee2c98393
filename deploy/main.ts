// Writes the image, `deploy/build-image --out image.tar`, or the folder that is its root, `deploy/build-image --root image`.

import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import project from '../package.json' with { type: 'json' };
import { buildImage, writeRoot } from './build-image.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: `pentafold-${project.version}.tar` },
    name: { type: 'string', default: `localhost/pentafold:${project.version}` },
    root: { type: 'string' },
    cuda: { type: 'string' },
  },
});

if (values.root === undefined) await writeTar(values.name, resolve(values.out));
else await writeFolder(resolve(values.root));

async function writeTar(name: string, out: string): Promise<void> {
  await mkdir(dirname(out), { recursive: true });
  await buildImage({ name, out, cuda: values.cuda });
  const { size } = await stat(out);
  process.stdout.write(`${out}: ${name}, ${Math.round(size / 1e6)} MB\n`);
}

async function writeFolder(root: string): Promise<void> {
  await mkdir(root);
  await writeRoot(root, values.cuda);
  process.stdout.write(`${root}: what is to be /\n`);
}
