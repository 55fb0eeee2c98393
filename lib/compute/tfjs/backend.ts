// Which backend of tfjs computes. In order: TensorFlow's C library where somebody has installed `@tensorflow/tfjs-node`
// (or `-gpu` for device cuda), WebAssembly, plain JavaScript. The first is never a dependency of ours: its install script
// downloads a library.

import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Numerics } from '../engine.ts';

/**
 * Chooses and starts the backend of this thread.
 *
 * @throws {Error} if device `cuda` is asked for and its package is not installed.
 */
export async function startBackend(device: Numerics['device']): Promise<Numerics> {
  const native = device === 'cuda' ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
  const failure = await failureToLoad(native);
  if (failure === null && (await tf.setBackend('tensorflow'))) return numerics(device, 'TensorFlow C library');
  if (device === 'cuda') throw new Error(`${native} is not usable here`, { cause: failure });
  if (await startWasm()) return numerics(device, 'WebAssembly');
  await import('@tensorflow/tfjs-backend-cpu');
  await tf.setBackend('cpu');
  return numerics(device, 'JavaScript');
}

/** Loads a package by a name that no bundler or installer sees. @returns why it could not be loaded, or `null`. */
async function failureToLoad(name: string): Promise<unknown> {
  try {
    await import(name);
    return null;
  } catch (error) {
    return error;
  }
}

async function startWasm(): Promise<boolean> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')) + sep);
  try {
    return await tf.setBackend('wasm');
  } catch {
    return false; // no WebAssembly in this process (node --jitless): plain JavaScript still works
  }
}

/** Every backend of tfjs runs one operation on one thread under Node; TensorFlow's own pool is not ours to size. */
const numerics = (device: Numerics['device'], instructionSet: string): Numerics => ({
  engine: 'tfjs',
  version: `tfjs-core ${tf.version_core}`,
  device,
  dtype: 'float32',
  instructionSet,
  threads: 1,
});
