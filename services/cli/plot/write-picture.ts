import sharp from 'sharp';
import { FileUnusableError, writeOutput } from '../file.ts';

/** Two dots per pixel of the SVG, for screens and papers: sharp draws one at 72. */
const DOTS_PER_INCH = 144;

/** Writes an SVG as it is, or as the PNG that the file's name asks for. @throws {FileUnusableError} for another ending. */
export async function writePicture(file: string, svg: string): Promise<void> {
  await writeOutput(file, pictureEnding(file) === '.svg' ? svg : await pngOf(svg));
}

const pngOf = (svg: string): Promise<Buffer> =>
  sharp(Buffer.from(svg), { density: DOTS_PER_INCH }).flatten({ background: 'white' }).png().toBuffer();

/** @throws {FileUnusableError} */
function pictureEnding(file: string): '.svg' | '.png' {
  if (file.endsWith('.svg')) return '.svg';
  if (file.endsWith('.png')) return '.png';
  throw new FileUnusableError(`${file}: expected a name that ends in .svg or .png`);
}
