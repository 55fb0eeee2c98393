import type { ObjectAddress } from './object-address.ts';

/** Part of a bucket; the prefix is empty or ends in a slash. */
export type S3Address = Extract<ObjectAddress, { kind: 's3' }>;

/** What temporary credentials are good for. */
export interface S3Rights {
  /** Below these everything may be read. Of their buckets the names of all objects may be listed. */
  readonly read: readonly S3Address[];
  /** Below these objects may be put and deleted. */
  readonly write: readonly S3Address[];
  /** Single objects that may be put. */
  readonly put: readonly { readonly bucket: string; readonly name: string }[];
}

/**
 * The rights as an IAM policy, in JSON without spaces: AWS and MinIO take no more than 2048 characters.
 *
 * Listing is not narrowed to a prefix. By S3's rules a reader hears that an object is not there, and not that it may not
 * know, only while it may list the bucket, whatever the prefix; and our steps live by objects that are not there yet.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, Permissions
 */
export function policyOf({ read, write, put }: S3Rights): string {
  const below = ({ bucket, prefix }: S3Address) => `${resource(bucket, prefix)}*`;
  const buckets = [...new Set(read.map(({ bucket }) => bucket))];
  const statements = [
    allow(['GetObject'], read.map(below)),
    allow(
      ['ListBucket'],
      buckets.map((bucket) => `arn:aws:s3:::${bucket}`),
    ),
    allow(['PutObject', 'DeleteObject', 'AbortMultipartUpload'], write.map(below)),
    allow(
      ['PutObject'],
      put.map(({ bucket, name }) => resource(bucket, name)),
    ),
  ];
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

const allow = (actions: readonly string[], resources: readonly string[]) => ({
  Effect: 'Allow',
  Action: actions.map((action) => `s3:${action}`),
  Resource: [...new Set(resources)],
});

/** A name may hold what a policy reads as a pattern or a variable; `?`, any one character, stands for those. */
const resource = (bucket: string, name: string): string => `arn:aws:s3:::${bucket}/${name.replace(/[*?$]/g, '?')}`;
