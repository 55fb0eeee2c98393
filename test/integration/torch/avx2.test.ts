import { testsTorchOn } from '#test/torch-on-instruction-set.ts';

await testsTorchOn('AVX2');
