import { describe, expect, it } from 'vitest';
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
  it('reads what it is given and logs at info unless told otherwise', () => {
    expect(loadConfig({ ...complete, UNRELATED: 'x' })).toEqual({
      step: 'ab'.repeat(32),
      attempt: 2,
      controllerAddress: '127.0.0.1:4711',
      controllerToken: 'secret',
      objects: new URL('file:///home/objects'),
      bus: new URL('file:///home/bus'),
      scratch: '/scratch',
      logLevel: 'info',
    });
  });

  it('names all problems at once', () => {
    const env = { STEP: 'abc', ATTEMPT: '0', CONTROLLER_ADDRESS: 'nowhere', OBJECTS: 's3://bucket', LOG_LEVEL: 'loud' };
    expect(() => loadConfig({ ...env, CONTROLLER_TOKEN: '' })).toThrow(`bad configuration:
  STEP must be a SHA-256 digest of 64 lower-case hex digits
  ATTEMPT must be a whole number of at least 1
  CONTROLLER_ADDRESS must be host:port
  CONTROLLER_TOKEN is not set
  OBJECTS must be a file: URI
  BUS is not set
  SCRATCH is not set
  LOG_LEVEL must be one of debug, info, warn, error`);
  });

  it('takes an empty variable as not set', () => {
    expect(() => loadConfig({ ...complete, STEP: '' })).toThrow('bad configuration:\n  STEP is not set');
    expect(loadConfig({ ...complete, LOG_LEVEL: '' }).logLevel).toBe('info');
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(loadConfig(complete))).toBe(true);
  });
});
