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

describe('loadConfig', () => {
  test('reads what it is given and fills in the rest', () => {
    expect(loadConfig(complete)).toEqual({
      step: 'ab'.repeat(32),
      attempt: 2,
      controllerAddress: '127.0.0.1:4711',
      controllerToken: 'secret',
      objects: new URL('file:///home/objects'),
      bus: new URL('file:///home/bus'),
      scratch: '/scratch',
      cacheBytes: 32 * 2 ** 30,
      device: 'cpu',
      logLevel: 'info',
    });
  });

  test('names all problems at once', () => {
    expect(() =>
      loadConfig({ ATTEMPT: '0', OBJECTS: 's3://bucket', DEVICE: 'tpu', CONTROLLER_ADDRESS: 'nowhere' }),
    ).toThrow(`bad configuration:
  STEP is not set
  ATTEMPT must be a whole number of at least 1
  CONTROLLER_ADDRESS must be host:port
  CONTROLLER_TOKEN is not set
  OBJECTS must be a file: URI
  BUS is not set
  SCRATCH is not set
  DEVICE must be one of cpu, cuda`);
  });

  test('takes an empty variable as not set', () => {
    expect(() => loadConfig({ ...complete, SCRATCH: '' })).toThrow('SCRATCH is not set');
    expect(loadConfig({ ...complete, LOG_LEVEL: '' }).logLevel).toBe('info');
  });

  test('cannot be changed afterwards', () => {
    expect(Object.isFrozen(loadConfig(complete))).toBe(true);
  });
});
