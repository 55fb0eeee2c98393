import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Engine } from '#compute/engine.ts';
import { EngineUnavailableError } from '#compute/engine-unavailable-error.ts';
import { openEngine } from '#compute/open-engine.ts';
import { testsFloat16 } from './engine/float16-tests.ts';
import { engineAbsence } from './engine-absence.ts';
import { testsEngine } from './engine-conformance.ts';

/** What libtorch and oneDNN call a level, and the flag of a processor that has it. */
const levels = {
  AVX2: { libtorch: 'avx2', onednn: 'AVX2', flag: 'avx2' },
  DEFAULT: { libtorch: 'default', onednn: 'SSE41', flag: 'sse4_1' },
};

/**
 * The conformance suite of the torch engine as on a machine that has no more than an instruction set.
 *
 * One per test file: the libraries read these variables once per process, when they compute for the first time.
 */
export async function testsTorchOn(level: keyof typeof levels): Promise<void> {
  const { libtorch, onednn, flag } = levels[level];
  process.env.ATEN_CPU_CAPABILITY = libtorch;
  process.env.ONEDNN_MAX_CPU_ISA = onednn;
  const open = (threads: number): Promise<Engine> =>
    openEngine({ engine: 'torch', device: 'cpu', dtype: 'float32', threads });

  const absence = await engineAbsence('torch');
  const reason = absence ?? (processorFlags().includes(flag) ? null : `this processor has no ${flag}`);
  if (reason !== null && (absence === null || process.env.REQUIRE_TORCH !== '1')) {
    describe(`engine torch on ${level} (skipped: ${reason})`, () => it.skip('conforms', () => {}));
    return;
  }
  describe(`on ${level}`, () => {
    it('computes with that instruction set', async () => {
      await using engine = await open(1);
      expect(engine.numerics.instructionSet).toBe(level);
    });
    it('refuses to train in bfloat16, and says what it lacks', async () => {
      const opened = openEngine({ engine: 'torch', device: 'cpu', dtype: 'bfloat16', threads: 1 });
      await expect(opened).rejects.toBeInstanceOf(EngineUnavailableError);
      await expect(opened).rejects.toThrow(
        `libtorch has no fast bfloat16 convolution on a CPU with ${level} and not AVX512; ask for precision float32`,
      );
    });
    testsEngine('torch', open);
    testsFloat16('torch', (dtype) => openEngine({ engine: 'torch', device: 'cpu', dtype, threads: 1 }));
  });
}

const processorFlags = (): string[] => readFileSync('/proc/cpuinfo', 'utf8').split(/\s+/);
