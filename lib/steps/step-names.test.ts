import { describe, expect, test } from 'vitest';
import { metricsSubject, metricsSubjectsOf, parseMetricsSubject, preprocessKey, trainingKey } from './step-names.ts';

describe('keys of steps', () => {
  // Stored in the identity of every step that reads their outputs: another spelling would orphan all results.
  test('are spelled as they are stored', () => {
    expect(preprocessKey('3d_fullres')).toBe('preprocess/3d_fullres');
    expect(trainingKey('3d_fullres', 4)).toBe('train/3d_fullres/4');
  });
});

describe('subjects of metrics', () => {
  const source = { taskUid: '6f1c-uid', configuration: '3d_fullres', fold: 12 };

  test('are spelled as workers of other versions spell them', () => {
    expect(metricsSubject(source)).toBe('metrics.6f1c-uid.3d_fullres.12');
    expect(metricsSubjectsOf('6f1c-uid')).toBe('metrics.6f1c-uid.>');
  });

  test('say whose metrics they are', () => {
    expect(parseMetricsSubject(metricsSubject(source))).toEqual(source);
  });

  test.each([
    { name: 'of something else', subject: 'pentafold.logs.uid.2d.0' },
    { name: 'without a fold', subject: 'metrics.uid.2d' },
    { name: 'with a fold that is no number', subject: 'metrics.uid.2d.every' },
    { name: 'with more to it', subject: 'metrics.uid.2d.0.loss' },
    { name: 'within another', subject: 'other.metrics.uid.2d.0' },
  ])('$name are not read', ({ subject }) => {
    expect(parseMetricsSubject(subject)).toBeNull();
  });
});
