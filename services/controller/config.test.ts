import { describe, expect, test } from 'vitest';
import { loadConfig } from './config.ts';

describe('loadConfig', () => {
  test('an empty environment gives the documented defaults', () => {
    expect(loadConfig({})).toEqual({
      onlyTask: null,
      onlySteps: null,
      retryFailed: false,
      listenAddress: '127.0.0.1:0',
      synchronizeIntervalSeconds: 15,
      leaseSeconds: 300,
      resyncSeconds: 10,
      tasksAtOnce: 8,
      failuresInARow: null,
      limits: { failuresPerStep: 3, lossesPerStep: 10, firstPauseMs: 5000, longestPauseMs: 300_000 },
    });
  });

  test('values are read with their unit', () => {
    const config = loadConfig({ ONLY_TASK: 'liver', RESYNC_SECONDS: '2', FIRST_PAUSE_SECONDS: '1' });
    expect(config).toMatchObject({ onlyTask: 'liver', resyncSeconds: 2, limits: { firstPauseMs: 1000 } });
  });

  test('all problems are reported together', () => {
    const load = () => loadConfig({ LEASE_SECONDS: 'x', FAILURES_PER_STEP: '0', LISTEN_ADDRESS: 'here' });
    expect(load).toThrow(`bad configuration:
  LISTEN_ADDRESS must be host:port
  LEASE_SECONDS must be a whole number of at least 1
  FAILURES_PER_STEP must be a whole number of at least 1`);
  });

  test('an empty variable counts as not set', () => {
    expect(loadConfig({ ONLY_TASK: '', ONLY_STEPS: '', LEASE_SECONDS: '', FAILURES_IN_A_ROW: '' })).toEqual(
      loadConfig({}),
    );
  });
});
