// The worker program: one process carries out one attempt at an `ingest`, a `preprocess` or a `train` step, then ends.

import { join } from 'node:path';
import { openEngine } from '#compute/open-engine.ts';
import { runStepProgram, type StepProgram } from '#steps/step-program.ts';
import type { Config } from './config.ts';
import { ingestStep } from './ingest/ingest-step.ts';
import { preprocessStep } from './preprocess/preprocess-step.ts';
import { trainStep } from './train/train-step.ts';

/** What `main` chooses for the ports. */
export type Adapters = Omit<StepProgram, 'step' | 'attempt' | 'handlers' | 'scratch'>;

/** Carries out the step. @returns the exit code; see `EXIT_CODES`. */
export const start = (config: Config, adapters: Adapters): Promise<number> =>
  runStepProgram({
    ...adapters,
    step: config.step,
    attempt: config.attempt,
    handlers: {
      ingest: ingestStep,
      preprocess: preprocessStep,
      train: trainStep({
        openEngine,
        device: config.device,
        cacheFolder: join(config.scratch, 'cases'),
        cacheBytes: config.cacheBytes,
      }),
    },
    scratch: join(config.scratch, `${config.step}-${config.attempt}`),
  });
