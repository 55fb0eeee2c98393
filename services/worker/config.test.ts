import { describe, expect, test } from 'vitest';
import { loadConfig } from './config.ts';

const complete = {
  STEP: 'ab'.repeat(32),
  ATTEMPT: '2',
  CONTROLLER_ADDRESS: '127.0.0.1:4711',
  CONTROLLER_TOKEN: 'secret',
  OBJECTS: 'file:///home/objects',
  BUS: 'file:///home/bus',
  SCRATCH: '/scratch',
};

// What all programs of steps are told is tested with the ensemble's.
describe('loadConfig', () => {
  test('trains on the CPU and keeps 32 GiB of cases unless told otherwise', () => {
    expect(loadConfig(complete)).toMatchObject({ attempt: 2, device: 'cpu', cacheBytes: 32 * 2 ** 30 });
    expect(loadConfig({ ...complete, DEVICE: '', CACHE_GIB: '' })).toMatchObject({
      device: 'cpu',
      cacheBytes: 2 ** 35,
    });
    expect(loadConfig({ ...complete, DEVICE: 'cuda', CACHE_GIB: '2' })).toMatchObject({
      device: 'cuda',
      cacheBytes: 2 ** 31,
    });
  });

  test('names its own problems beside those that all programs have', () => {
    expect(() => loadConfig({ ...complete, SCRATCH: '', DEVICE: 'tpu', CACHE_GIB: '0' })).toThrow(
      `bad configuration:
  SCRATCH is not set
  CACHE_GIB must be a whole number of at least 1
  DEVICE must be one of cpu, cuda`,
    );
  });
});
