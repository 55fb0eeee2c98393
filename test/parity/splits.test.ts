// Golden values: nnU-Net v2.8.1, nnUNetTrainer.do_split and generate_crossval_split; see shared/golden/README.md.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { crossValidationSplits } from '#core/training/folds.ts';
import { parseSplits } from '#formats/splits-json.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';

interface GoldenSplits {
  readonly keys_sorted?: readonly string[];
  readonly splits_final?: readonly { readonly train: string[]; readonly val: string[] }[];
  readonly type?: string;
}

const readJson = (path: string) => JSON.parse(readFileSync(sharedPath(path), 'utf8'));

describeWithShared('the five folds are nnU-Net’s', 'golden/training/splits.json', () => {
  it.each(['n5', 'n6', 'n7', 'n13_unsorted', 'n20', 'n32', 'n101', 'hippocampus_shared'])('for the list %s', (name) => {
    const golden: GoldenSplits = readJson('golden/training/splits.json')[name];
    const splits = crossValidationSplits(golden.keys_sorted ?? [], 5);
    expect(splits.map(({ training, validation }) => ({ train: training, val: validation }))).toEqual(
      golden.splits_final,
    );
  });

  it('where nnU-Net refuses four cases', () => {
    expect(readJson('golden/training/splits.json').n4_error.type).toBe('ValueError');
    expect(() => crossValidationSplits(['a', 'b', 'c', 'd'], 5)).toThrow('5 folds need at least 5');
  });

  it('with other numbers of folds and other seeds', () => {
    const others: { n: number; n_splits: number; seed: number; val: string[][] }[] =
      readJson('golden/training/splits.json').other_n_splits_seed;
    expect(others.length).toBeGreaterThan(0);
    for (const { n, n_splits, seed, val } of others) {
      const ids = Array.from({ length: n }, (_, i) => `c${String(i).padStart(2, '0')}`);
      expect(crossValidationSplits(ids, n_splits, seed).map(({ validation }) => validation)).toEqual(val);
    }
  });
});

describeWithShared('the folds of real data sets are nnU-Net’s', 'golden/plans', () => {
  it.each(['Dataset004_Hippocampus', 'Dataset103_Nuclei2D'])('for %s', (dataset) => {
    const golden = parseSplits(readFileSync(sharedPath(`golden/plans/${dataset}/splits_final.json`), 'utf8'));
    const ids = golden.flatMap(({ validation }) => validation).sort();
    expect(crossValidationSplits(ids, 5)).toEqual(golden);
  });
});
