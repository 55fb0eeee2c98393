// A page of a bucket's listing. Parsed here and not by the client library, which decodes keys that a store did not encode.

import { XMLParser } from 'fast-xml-parser';
import * as z from 'zod';

export interface ListPage {
  readonly keys: readonly string[];
  /** From where the next page goes on; `null` after the last one. */
  readonly next: string | null;
}

const listing = z.object({
  ListBucketResult: z.object({
    EncodingType: z.string().optional(),
    IsTruncated: z.enum(['true', 'false']).default('false'),
    NextContinuationToken: z.string().optional(),
    Contents: z.array(z.object({ Key: z.string() })).default([]),
  }),
});

// Everything stays text: a key may look like a number.
const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  processEntities: true,
  htmlEntities: true,
  isArray: (name) => name === 'Contents',
});

/** @throws {ZodError} for what is no answer to ListObjectsV2. */
export function parseListPage(xml: string): ListPage {
  const { ListBucketResult: page } = listing.parse(parser.parse(xml));
  const keyOf = page.EncodingType === 'url' ? urlDecoded : (key: string) => key;
  return {
    keys: page.Contents.map(({ Key }) => keyOf(Key)),
    next: page.IsTruncated === 'true' ? (page.NextContinuationToken ?? null) : null,
  };
}

const urlDecoded = (key: string): string => decodeURIComponent(key.replaceAll('+', ' '));
