import { describe, expect, test } from 'vitest';
import { StorageFullError } from '#files/storage-full-error.ts';
import { failureOf } from './step-failure.ts';

const noRoom = (path?: string) =>
  Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', ...(path && { path }) });

describe('failureOf', () => {
  test.each([
    { name: 'ours', error: new StorageFullError('/scratch/a'), want: 'no room left to store /scratch/a' },
    { name: 'of the system, with a path', error: noRoom('/scratch/b'), want: 'no room left to store /scratch/b' },
    { name: 'of the system, without one', error: noRoom(), want: 'no room left to store a file on this machine' },
  ])('a full disk has its own code: an error $name', ({ error, want }) => {
    expect(failureOf(error)).toEqual({ code: 'STORAGE_FULL', message: expect.stringContaining(want) });
  });

  test.each([
    { error: new Error('boom'), want: 'boom' },
    { error: 'text', want: 'text' },
  ])('what has no code is internal: $want', ({ error, want }) => {
    expect(failureOf(error)).toEqual({ code: 'INTERNAL', message: want });
  });
});
