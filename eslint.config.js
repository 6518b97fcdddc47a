// The linter holds two boundaries that reviews forget: workflow code is deterministic, and imports
// only point in the direction that ARCHITECTURE.md names.
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Forbids import paths (a regular expression) for the files of one layer. */
const forbid = (files, regex, message, allowTypeImports = false) => ({
  files,
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      { patterns: [{ regex, message, allowTypeImports }] },
    ],
  },
});

const language = [
  { selector: 'TSEnumDeclaration', message: 'Use a union of literals with `as const`.' },
  { selector: 'ExportDefaultDeclaration', message: 'Use a named export.' },
];

const clients = '^(kafkajs|mongodb)($|/)';
const anyPackage = '^[^.]';
const folders = (...names) => `/(${names.join('|')})/`;
const compositionRoots = '/cli/|/(worker|schedule)\\.js$|-main\\.js$';

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/'] },
  js.configs.recommended,
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        URL: 'readonly',
      },
    },
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './console/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/require-await': 'off',
      'no-restricted-syntax': ['error', ...language],
    },
  },
  { files: ['*.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
  forbid(
    ['src/**/*.ts'],
    clients,
    'Only src/adapters speaks to Kafka and MongoDB; go through src/ports.ts.',
  ),
  forbid(
    ['src/core/**/*.ts'],
    `${anyPackage}|${folders('adapters', 'instance', 'logs', 'server', 'directory', 'messaging', 'client', 'cli', 'activities', 'workflows')}|/(ports|errors|limits)\\.js$`,
    'src/core imports nothing but itself: no npm package, no node:*, no clock, no randomness.',
  ),
  {
    files: ['src/core/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        'setTimeout',
        'setInterval',
        'process',
        'Buffer',
        'performance',
        'crypto',
        'fetch',
        'globalThis',
      ],
      'no-restricted-syntax': [
        'error',
        ...language,
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Time is an argument in src/core.',
        },
        { selector: 'ImportExpression', message: 'src/core imports only itself, and statically.' },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time is an argument in src/core.' },
        { object: 'Math', property: 'random', message: 'Randomness is an argument in src/core.' },
      ],
    },
  },
  forbid(
    ['src/adapters/**/*.ts'],
    `${folders('instance', 'server', 'directory', 'messaging', 'activities', 'workflows')}|${compositionRoots}`,
    'Adapters import ports, core and one client library.',
  ),
  forbid(
    ['src/instance/**/*.ts', 'src/logs/**/*.ts'],
    `${clients}|${folders('server', 'directory', 'messaging', 'activities', 'workflows', 'adapters')}|${compositionRoots}`,
    'The instance library sees other parts of the system only through src/ports.ts.',
  ),
  forbid(
    ['activities/**/*.ts'],
    `${clients}|${folders('server', 'directory', 'messaging', 'instance', 'adapters', 'workflows')}|${compositionRoots}`,
    'Activities import core, ports and logs; the worker hands them the adapters.',
    true,
  ),
  forbid(
    ['workflows/**/*.ts'],
    '^(?!\\./|\\.\\./src/core/|@temporalio/(workflow|common)$)',
    'Workflow code must be deterministic: import only @temporalio/workflow, @temporalio/common, src/core, types of activities, and its own folder.',
    true,
  ),
);
