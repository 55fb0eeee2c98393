import sharp from 'sharp';
import { writeDurably } from '#files/durable-file.ts';
import { FileUnusableError } from '../file.ts';

/** Twice as many pixels as CSS has, for screens and papers. */
const DOTS_PER_INCH = 192;

/** Writes an SVG as it is, or as the PNG that the file's name asks for. @throws {FileUnusableError} for another ending. */
export async function writePicture(file: string, svg: string): Promise<void> {
  await writeDurably(file, pictureEnding(file) === '.svg' ? svg : await pngOf(svg));
}

const pngOf = (svg: string): Promise<Buffer> =>
  sharp(Buffer.from(svg), { density: DOTS_PER_INCH }).flatten({ background: 'white' }).png().toBuffer();

/** @throws {FileUnusableError} */
function pictureEnding(file: string): '.svg' | '.png' {
  if (file.endsWith('.svg')) return '.svg';
  if (file.endsWith('.png')) return '.png';
  throw new FileUnusableError(`${file}: expected a name that ends in .svg or .png`);
}
