// What is said at the begin and at the end of an upload in parts.

import { XMLParser } from 'fast-xml-parser';
import * as z from 'zod';

const initiation = z.object({ InitiateMultipartUploadResult: z.object({ UploadId: z.string().min(1) }) });
const parser = new XMLParser({ parseTagValue: false });

/** @throws {ZodError} for what is no answer to CreateMultipartUpload. */
export const parseUploadId = (xml: string): string =>
  initiation.parse(parser.parse(xml)).InitiateMultipartUploadResult.UploadId;

/** The body of CompleteMultipartUpload. @param etags of the parts in their order, in quotes as the store gave them. */
export function completionOf(etags: readonly string[]): string {
  const parts = etags.map((etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${etag}</ETag></Part>`);
  return `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
}
