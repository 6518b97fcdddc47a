import { defineConfig } from 'vitest/config';

/**
 * Far above what a test takes alone: a machine may be several times slower, and what a test waits for has bounds
 * of its own, which say what was missing.
 */
const withProcesses = { testTimeout: 400_000, hookTimeout: 400_000 };
const alone = { testTimeout: 180_000, hookTimeout: 60_000 };
/** Under the one real stack, which the first of them starts (or takes from the environment). */
const onTheStack = {
  globalSetup: ['test/support/saga-setup.ts'],
  ...withProcesses,
};
/** Workflows, adapters and commands: each file has services and topics of its own, and mostly waits. */
const besideEachOther = ['saga', 'adapters', 'cli'].map(
  (folder) => `test/integration/${folder}/**/*.test.ts`,
);

/**
 * Minutes each: the quick start and the embedding guide followed to their ends, the package in empty projects,
 * chaos, interrupted rolls, outages under clients.
 */
const long = [
  'test/integration/long/**/*.test.ts',
  'test/integration/package/{guide,package}.test.ts',
];
const onKubernetes = ['test/integration/kubernetes/**/*.test.ts', 'test/helm/**/*.test.ts'];

// Five projects, one after the other: `unit` needs nothing but Node; `integration` shares the real
// stack; `whole` are systems of many processes, which want the machine for themselves. `npm test` runs these.
// `long` are more of the last kind (`npm run test:long`); `kubernetes` needs a real API server, which takes minutes
// to build once (`npm run test:kubernetes`).
export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // Many of them wait for processes, sockets and timers: one more than there are cores.
          maxWorkers: 3,
          setupFiles: ['test/support/property-seed.ts'],
          sequence: { groupOrder: 0 },
          include: ['test/**/*.test.ts'],
          exclude: ['test/integration/**', 'test/helm/**'],
          ...alone,
        },
      },
      {
        extends: true,
        test: {
          ...onTheStack,
          name: 'integration',
          sequence: { groupOrder: 1 },
          include: besideEachOther,
          maxWorkers: 4,
        },
      },
      {
        extends: true,
        test: {
          ...onTheStack,
          name: 'whole',
          sequence: { groupOrder: 2 },
          include: ['test/integration/**/*.test.ts'],
          exclude: [...besideEachOther, ...onKubernetes, ...long],
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'long',
          globalSetup: ['test/support/stack-setup.ts'], // Its processes bring their own workflows.
          ...withProcesses,
          sequence: { groupOrder: 3 },
          include: long,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'kubernetes',
          globalSetup: ['test/support/stack-setup.ts', 'test/support/kubernetes-setup.ts'],
          sequence: { groupOrder: 4 },
          ...withProcesses,
          include: onKubernetes,
          fileParallelism: false,
        },
      },
    ],
  },
});
