import { describe, expect, test } from 'vitest';
import { tryObjectAddress } from './object-address.ts';

describe('tryObjectAddress', () => {
  test.each([
    ['file:///home/a%20b', { kind: 'folder', folder: '/home/a b' }],
    ['s3://imaging', { kind: 's3', bucket: 'imaging', prefix: '' }],
    ['s3://imaging/', { kind: 's3', bucket: 'imaging', prefix: '' }],
    ['s3://imaging/Task04_Hippocampus', { kind: 's3', bucket: 'imaging', prefix: 'Task04_Hippocampus/' }],
    ['s3://imaging/data%20sets/liver/', { kind: 's3', bucket: 'imaging', prefix: 'data sets/liver/' }],
  ])('%s', (text, want) => {
    expect(tryObjectAddress(text)).toEqual(want);
  });

  test.each([
    '',
    'imaging/liver',
    'https://store.local/imaging',
    'file://machine/folder',
    's3://key:secret@imaging/liver',
    's3://imaging:9000/liver',
    's3://Imaging_1/liver',
    's3://imaging/a//b',
    's3://imaging/%2e%2e%2fother',
    's3://imaging/liver?versionId=1',
    's3://imaging/%zz',
    'file:///a%2Fb',
  ])('%j is none', (text) => {
    expect(tryObjectAddress(text)).toBeUndefined();
  });
});
