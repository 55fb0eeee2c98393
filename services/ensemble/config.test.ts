import { describe, expect, it } from 'vitest';
import { loadNatsConfig } from '#platform/bus/nats-config.ts';
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
      controllerToken: { text: 'secret' },
      controllerAuthorityFile: null,
      objects: { kind: 'folder', folder: '/home/objects' },
      bus: { kind: 'folder', folder: '/home/bus' },
      scratch: '/scratch',
      logLevel: 'info',
      nats: loadNatsConfig({}),
      s3: null,
    });
  });

  it('names all problems at once', () => {
    const env = {
      STEP: 'abc',
      ATTEMPT: '0',
      CONTROLLER_ADDRESS: 'nowhere',
      OBJECTS: 'https://store',
      LOG_LEVEL: 'loud',
    };
    expect(() => loadConfig({ ...env, CONTROLLER_TOKEN: '' })).toThrow(`bad configuration:
  STEP must be a SHA-256 digest of 64 lower-case hex digits
  ATTEMPT must be a whole number of at least 1
  CONTROLLER_ADDRESS must be host:port
  SCRATCH is not set
  LOG_LEVEL must be one of debug, info, warn, error
  CONTROLLER_TOKEN or CONTROLLER_TOKEN_FILE must be set, one of them
  OBJECTS must be file:///folder or s3://bucket/prefix
  BUS is not set`);
  });

  it('is told of a bus by its address, and what it takes to use it', () => {
    expect(loadConfig({ ...complete, BUS: 'tls://bus:4222', NATS_TOKEN_FILE: '/token' })).toMatchObject({
      bus: { kind: 'nats', servers: ['bus:4222'], tls: true },
      nats: { credentials: { kind: 'token', file: '/token' } },
    });
    expect(() =>
      loadConfig({ ...complete, STEP: '', BUS: 'http://bus', NATS_USER_FILE: '/user' }),
    ).toThrow(`bad configuration:
  STEP is not set
  BUS must be file:///folder, nats://host:port or tls://host:port, the latter two also as a list
  NATS_USER_FILE must come with NATS_PASSWORD_FILE`);
  });

  it('takes an empty variable as not set', () => {
    expect(() => loadConfig({ ...complete, STEP: '' })).toThrow('bad configuration:\n  STEP is not set');
    expect(loadConfig({ ...complete, LOG_LEVEL: '' }).logLevel).toBe('info');
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(loadConfig(complete))).toBe(true);
  });
});
