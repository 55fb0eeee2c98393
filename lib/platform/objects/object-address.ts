// Where objects are, as one text: which adapter reaches them follows from the scheme alone.

import { folderOf } from '../folder-of.ts';
import { isKey } from './object-key.ts';

/** A folder of this machine, or the part of a bucket below a prefix. */
export type ObjectAddress =
  | { readonly kind: 'folder'; readonly folder: string }
  | {
      readonly kind: 's3';
      readonly bucket: string;
      /** Before every key: empty, or ending in a slash. */
      readonly prefix: string;
    };

/** For messages about an address that is none. */
export const OBJECT_ADDRESSES = 'file:///folder or s3://bucket/prefix';

/** By the rules of S3 for names of buckets. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Reads `file:///home/objects` or `s3://bucket/any/prefix`. @returns `undefined` for any other text. */
export function tryObjectAddress(text: string): ObjectAddress | undefined {
  const url = URL.parse(text);
  if (url === null || `${url.username}${url.password}${url.port}${url.search}${url.hash}` !== '') return undefined;
  const folder = folderOf(url);
  if (folder !== undefined) return { kind: 'folder', folder };
  if (url.protocol !== 's3:' || !BUCKET.test(url.hostname)) return undefined;
  const path = decoded(url.pathname)?.replace(/^\//, '').replace(/\/$/, '');
  if (path === undefined) return undefined;
  if (path !== '' && !isKey(path)) return undefined;
  return { kind: 's3', bucket: url.hostname, prefix: path === '' ? '' : `${path}/` };
}

/** `undefined` where a percent sign begins no escape. */
function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
