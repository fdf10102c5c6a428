/** Who may import whom. install/check-architecture.ts runs it and asserts that it really looked at the modules. */

const PURE_SHARED = '^shared/(?!runtime/)';
const NODE_OWN = ['core'];

export default {
  forbidden: [
    {
      name: 'agent-not-coordinator',
      comment: 'The agent runs on database hosts; nothing of the coordinator belongs there.',
      severity: 'error',
      from: { path: '^agent/' },
      to: { path: '^coordinator/' },
    },
    {
      name: 'coordinator-not-agent',
      comment: 'The coordinator knows the agent by its protocol only.',
      severity: 'error',
      from: { path: '^coordinator/' },
      to: { path: '^agent/' },
    },
    {
      name: 'shared-knows-no-process',
      comment: 'What is shared belongs to neither process.',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: '^(agent|coordinator|install|test|bench|docs)/' },
    },
    {
      name: 'console-knows-the-interface-only',
      comment:
        'The console runs in a browser: of the daemon it knows the types of its interface, and nothing of Node.',
      severity: 'error',
      from: { path: '^coordinator/web/' },
      to: {
        path: '^(agent|coordinator|shared|install)/',
        pathNot: '^(coordinator/web/|shared/time/|shared/pair/reasons-zh\\.ts$)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'product-knows-no-tools',
      comment: 'Tests, benchmarks and installation tools use the product, never the other way round.',
      severity: 'error',
      from: { path: '^(agent|coordinator)/' },
      to: { path: '^(test|bench|docs)/' },
    },
    {
      name: 'shared-is-pure',
      comment: 'Everything shared but shared/runtime does no I/O: no module of Node.',
      severity: 'error',
      from: { path: PURE_SHARED },
      to: { dependencyTypes: NODE_OWN },
    },
    {
      name: 'shared-pure-not-runtime',
      comment: 'Pure code does not reach I/O through shared/runtime either.',
      severity: 'error',
      from: { path: PURE_SHARED },
      to: { path: '^shared/runtime/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycle',
      comment:
        'Modules that need each other are one module, or have a third one in common. Types may point back.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphan',
      comment: 'A module that nobody imports and that imports nobody is left over.',
      severity: 'error',
      from: { orphan: true, pathNot: '(main\\.ts|\\.d\\.ts)$' },
      to: {},
    },
    {
      name: 'no-dev-dependency',
      comment: 'What is shipped imports only what package.json lists under dependencies.',
      severity: 'error',
      from: { path: '^(agent|coordinator|shared)/', pathNot: '^coordinator/web/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'resolvable',
      comment: 'Every import leads somewhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
