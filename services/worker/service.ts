// The worker program: one process carries out one attempt at an `ingest`, a `preprocess` or a `train` step, then ends.

import { join } from 'node:path';
import { openTrainingEngine } from '#compute/open-training-engine.ts';
import { runStepProgram, type StepAdapters } from '#steps/step-program.ts';
import type { Config } from './config.ts';
import { ingestStep } from './ingest/ingest-step.ts';
import { preprocessStep } from './preprocess/preprocess-step.ts';
import { trainStep } from './train/train-step.ts';

/** Carries out the step. @returns the exit code; see `EXIT_CODES`. */
export const start = (config: Config, adapters: StepAdapters): Promise<number> =>
  runStepProgram({
    ...adapters,
    step: config.step,
    attempt: config.attempt,
    handlers: {
      ingest: ingestStep,
      preprocess: preprocessStep,
      train: trainStep({
        openEngine: openTrainingEngine,
        device: config.device,
        cacheFolder: join(config.scratch, 'cases'),
        cacheBytes: config.cacheBytes,
      }),
    },
    scratch: join(config.scratch, `${config.step}-${config.attempt}`),
  });
