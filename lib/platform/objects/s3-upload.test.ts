import { describe, expect, test } from 'vitest';
import { completionOf, parseUploadId } from './s3-upload.ts';

describe('an upload in parts', () => {
  test('has the id that the store gave it, also one that looks like a number', () => {
    const xml =
      '<InitiateMultipartUploadResult><Bucket>b</Bucket><UploadId>0042</UploadId></InitiateMultipartUploadResult>';
    expect(parseUploadId(xml)).toBe('0042');
  });

  test('what is no begin of one is refused', () => {
    expect(() => parseUploadId('<html>busy</html>')).toThrow();
  });

  test('is put together from its parts in their order', () => {
    expect(completionOf(['"a"', '"b"'])).toBe(
      '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"a"</ETag></Part>' +
        '<Part><PartNumber>2</PartNumber><ETag>"b"</ETag></Part></CompleteMultipartUpload>',
    );
  });
});
