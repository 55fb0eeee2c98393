import { expect, test } from 'vitest';
import { policyOf } from './s3-rights.ts';

const RIGHTS = {
  read: [
    { kind: 's3' as const, bucket: 'results', prefix: 'research/' },
    { kind: 's3' as const, bucket: 'results', prefix: 'data/' },
    { kind: 's3' as const, bucket: 'public', prefix: '' },
  ],
  write: [{ kind: 's3' as const, bucket: 'results', prefix: 'research/steps/a/' }],
  put: [{ bucket: 'results', name: 'research/manifest.json' }],
};

test('rights become a policy that allows them and nothing else', () => {
  expect(JSON.parse(policyOf(RIGHTS)).Statement).toEqual([
    {
      Effect: 'Allow',
      Action: ['s3:GetObject'],
      Resource: ['arn:aws:s3:::results/research/*', 'arn:aws:s3:::results/data/*', 'arn:aws:s3:::public/*'],
    },
    { Effect: 'Allow', Action: ['s3:ListBucket'], Resource: ['arn:aws:s3:::results', 'arn:aws:s3:::public'] },
    {
      Effect: 'Allow',
      Action: ['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
      Resource: ['arn:aws:s3:::results/research/steps/a/*'],
    },
    { Effect: 'Allow', Action: ['s3:PutObject'], Resource: ['arn:aws:s3:::results/research/manifest.json'] },
  ]);
});

test('characters that a policy reads as patterns stand for one character each', () => {
  const [statement] = JSON.parse(
    policyOf({ read: [{ kind: 's3', bucket: 'data', prefix: 'a*/$' + '{x}?/' }], write: [], put: [] }),
  ).Statement;
  expect(statement.Resource).toEqual(['arn:aws:s3:::data/a?/?{x}?/*']);
});
