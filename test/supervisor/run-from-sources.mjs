// Runs a TypeScript entry point as a process of its own, without a build: `node … src/x/main.ts`.
import { runnerImport } from 'vite';

await runnerImport(process.argv[2]);
