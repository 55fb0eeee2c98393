import { NIFTI1 } from 'nifti-reader-js';
import { gunzip, gzip, isGzip } from './gzip.ts';
import { readNifti, UnreadableNiftiError } from './nifti.ts';

const DIM = 40;
const BITPIX = 72;
const VOX_OFFSET = 108;

/**
 * The volumes of a 4D NIfTI-1 file as 3D files: voxels, their type and every other field of the header unchanged.
 *
 * @returns gzipped if the file was; the file itself if it holds one volume.
 * @throws {UnreadableNiftiError} or {TruncatedFileError} for what `readNifti` refuses, and for NIfTI-2.
 */
export function splitNifti(bytes: Uint8Array): Uint8Array[] {
  const { channels } = readNifti(bytes);
  if (channels === 1) return [bytes];
  const file = isGzip(bytes) ? gunzip(bytes) : bytes;
  const header = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const littleEndian = header.getInt32(0, true) === NIFTI1.STANDARD_HEADER_SIZE;
  if (header.getInt32(0, littleEndian) !== NIFTI1.STANDARD_HEADER_SIZE)
    throw new UnreadableNiftiError('a 4D file of NIfTI-2 cannot be split; save it as NIfTI-1');
  const extent = (axis: number) => header.getInt16(DIM + 2 * axis, littleEndian);
  const voxels = header.getFloat32(VOX_OFFSET, littleEndian);
  const size = extent(1) * extent(2) * extent(3) * (header.getInt16(BITPIX, littleEndian) / 8);
  return Array.from({ length: channels }, (_, channel) => {
    const volume = Uint8Array.from(file.subarray(0, voxels + size));
    volume.set(file.subarray(voxels + channel * size, voxels + (channel + 1) * size), voxels);
    const own = new DataView(volume.buffer);
    own.setInt16(DIM, 3, littleEndian);
    own.setInt16(DIM + 8, 1, littleEndian);
    return isGzip(bytes) ? gzip(volume) : volume;
  });
}
