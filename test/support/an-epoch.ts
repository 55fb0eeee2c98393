import type { EpochMessage } from '#steps/epoch-message.ts';
import type { EpochMetrics } from '#steps/epoch-metrics.ts';

/** The metrics of one epoch of eight. */
export const anEpoch = (differing: Partial<EpochMetrics> = {}): EpochMetrics => ({
  epoch: 0,
  epochs: 8,
  trainLoss: -0.5,
  validationLoss: -0.25,
  pseudoDice: [0.5, null],
  meanPseudoDice: 0.5,
  movingAverageDice: 0.5,
  learningRate: 0.01,
  skippedSteps: 0,
  ...differing,
});

/** What the first attempt at the step `digest` told of one epoch of eight. */
export const anEpochMessage = (differing: Partial<EpochMessage> = {}): EpochMessage => ({
  ...anEpoch(),
  step: 'digest',
  attempt: 1,
  seconds: 20,
  ...differing,
});
