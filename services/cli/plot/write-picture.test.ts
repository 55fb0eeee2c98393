import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { writePicture } from './write-picture.ts';

const SQUARE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="5"><rect width="5" height="5" fill="#ff0000"/></svg>';

it('writes an SVG as it is, or as a PNG of twice its size on white', async () => {
  await using folder = await temporaryFolder();
  const [svg, png] = [join(folder.path, 'a.svg'), join(folder.path, 'a.png')];
  await writePicture(svg, SQUARE);
  expect(await readFile(svg, 'utf8')).toBe(SQUARE);
  await writePicture(png, SQUARE);
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  expect(info).toMatchObject({ width: 20, height: 10, channels: 3 });
  expect([...data.subarray(0, 3)]).toEqual([255, 0, 0]);
  expect([...data.subarray(57, 60)]).toEqual([255, 255, 255]);
});

it('refuses another ending by name', async () => {
  await expect(writePicture('a.jpg', SQUARE)).rejects.toMatchObject({
    code: 'FILE_UNUSABLE',
    message: 'a.jpg: expected a name that ends in .svg or .png',
  });
});
