import { RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';
import { describe, expect, test } from 'vitest';
import { loadNatsConfig } from './nats-config.ts';
import { streamChange, wantedStream } from './nats-stream.ts';

const wanted = wantedStream(loadNatsConfig({}));

/** As a server gives it back: with settings of its own. */
const existing = (differing: Partial<StreamConfig> = {}): Partial<StreamConfig> => ({
  name: 'pentafold',
  ...wanted.fixed,
  ...wanted.settings,
  max_msgs: -1,
  allow_direct: true,
  ...differing,
});

test('a stream holds all subjects below its name, on disk, and loses the oldest first', () => {
  expect(wantedStream(loadNatsConfig({ NATS_STREAM: 'clinic', NATS_REPLICAS: '3' }))).toEqual({
    name: 'clinic',
    fixed: { retention: 'limits', storage: 'file' },
    settings: {
      subjects: ['clinic.>'],
      discard: 'old',
      max_age: 30 * 24 * 3600e9,
      max_bytes: 268_435_456,
      max_msgs_per_subject: 20_000,
      duplicate_window: 600e9,
      num_replicas: 3,
    },
  });
});

describe('streamChange', () => {
  test('makes the stream that is not there', () => {
    expect(streamChange(null, wanted)).toEqual({
      kind: 'create',
      config: { name: 'pentafold', ...wanted.fixed, ...wanted.settings },
    });
  });

  test('leaves a stream as it is that has all we ask for, whatever else an administrator set', () => {
    expect(streamChange(existing({ max_msgs: 5, description: 'ours' }), wanted)).toEqual({ kind: 'none' });
  });

  test('changes what differs and nothing else', () => {
    const differing = existing({ max_age: 1, subjects: ['pentafold.a'], description: 'ours' });
    expect(streamChange(differing, wanted)).toEqual({
      kind: 'update',
      config: { max_age: wanted.settings.max_age, subjects: ['pentafold.>'] },
    });
  });

  test.each([
    { differing: { storage: StorageType.Memory }, want: 'expected storage file, got memory' },
    { differing: { retention: RetentionPolicy.Workqueue }, want: 'expected retention limits, got workqueue' },
  ])('does not touch a stream that would have to be deleted: $want', ({ differing, want }) => {
    expect(streamChange(existing(differing), wanted)).toEqual({
      kind: 'impossible',
      reason: `stream pentafold: ${want}, which cannot be changed; delete the stream or name another one`,
    });
  });
});
