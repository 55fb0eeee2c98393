// Which backend of tfjs computes. In order: TensorFlow's C library where somebody has installed `@tensorflow/tfjs-node`
// (or `-gpu` for device cuda), WebAssembly, plain JavaScript. The first is never a dependency of ours: its install script
// downloads a library.
//
// tfjs-node 4.22.0 does not compute on Node 24: its kernels call `util.isNullOrUndefined`, which Node 23 removed. It is
// tried all the same, with one multiplication, so that a release that mends this is used without a change here.

import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Numerics } from '../engine.ts';

/**
 * Chooses and starts the backend of this thread.
 *
 * @throws {Error} if device `cuda` is asked for and its package is not installed or does not compute.
 */
export async function startBackend(device: Numerics['device']): Promise<Numerics> {
  const native = device === 'cuda' ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
  const failure = await failureOfNative(native);
  if (failure === null) return numerics(device, 'TensorFlow C library');
  if (device === 'cuda') throw new Error(`${native} is not usable here`, { cause: failure });
  if (await startWasm()) {
    const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
    return numerics(device, simd ? 'WebAssembly SIMD' : 'WebAssembly');
  }
  await import('@tensorflow/tfjs-backend-cpu');
  await tf.setBackend('cpu');
  return numerics(device, 'JavaScript');
}

/** Loads a package by a name that no bundler or installer sees and tries it. @returns why it failed, or `null`. */
async function failureOfNative(name: string): Promise<unknown> {
  try {
    await import(name);
    if (!(await tf.setBackend('tensorflow'))) throw new Error('tfjs has no backend tensorflow after loading it');
    tf.tidy(() => tf.matMul(tf.ones([2, 2]), tf.ones([2, 2])).dataSync());
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
