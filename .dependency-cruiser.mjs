const tests = '\\.(test|bench)\\.ts$';

/** The borders of ARCHITECTURE.md. `test/boundaries.test.ts` plants a violation of each and sees it fire. */
export default {
  forbidden: [
    {
      name: 'core-is-pure',
      severity: 'error',
      from: { path: '^lib/core/', pathNot: tests },
      to: { pathNot: '^lib/core/' },
    },
    {
      name: 'formats-do-no-io',
      severity: 'error',
      from: { path: '^lib/formats/', pathNot: tests },
      to: { path: ['^lib/(?!core/|formats/)', '^(node:)?fs(/promises)?$'] },
    },
    { name: 'lib-never-knows-a-service', severity: 'error', from: { path: '^lib/' }, to: { path: '^services/' } },
    {
      name: 'services-meet-only-on-the-wire',
      severity: 'error',
      from: { path: '^services/([^/]+)/', pathNot: '^services/cli/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'the-cli-uses-only-front-doors',
      severity: 'error',
      from: { path: '^services/cli/' },
      to: { path: '^services/(?!cli/)', pathNot: '/service\\.ts$' },
    },
    {
      name: 'only-main-chooses-adapters',
      severity: 'error',
      from: { path: '^services/', pathNot: ['/main\\.ts$', '^services/cli/(embedded|cluster)\\.ts$', tests] },
      to: { path: ['^lib/platform/', '^lib/steps/step-adapters\\.ts$'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'addon-has-one-door',
      severity: 'error',
      from: { pathNot: '^lib/compute/torch/' },
      to: { path: '^lib/compute/torch/(?!index\\.ts$)' },
    },
    {
      name: 'product-never-imports-tests',
      severity: 'error',
      from: { pathNot: ['^test/', tests] },
      to: { path: ['^test/', tests] },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    // As Node.js resolves packages that name their entry in `exports` alone.
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
