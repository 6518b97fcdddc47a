// Owns: `npm test`: Vitest as a child that ends with this process, and one plain line of numbers at
// the end. Never decides which tests there are.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityOf } from './identity.mjs';
import { checkoutDir } from './say.mjs';

/** After Ctrl-C, the time that tests have to end by themselves. */
const endGraceMs = 15_000;

/** Runs Vitest with these arguments, on these projects if they name none; resolves with its exit code. */
export async function test(argv, projects) {
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-test-'));
  const report = join(directory, 'report.json');
  const chosen = argv.some((argument) => argument.startsWith('--reporter'));
  const named = argv.some((argument) => argument.startsWith('--project'));
  const vitest = join(checkoutDir, 'node_modules', 'vitest', 'vitest.mjs');
  try {
    const code = await runGuarded([
      vitest,
      'run',
      ...argv,
      ...(named ? [] : projects.map((name) => `--project=${name}`)),
      ...(chosen ? [] : ['--reporter=default']),
      '--reporter=json',
      `--outputFile.json=${report}`,
    ]);
    process.stdout.write(`${closingLine(report, code)}\n`);
    return code;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** "12 passed, 0 failed": files that could not be loaded count as a failure each. */
function closingLine(path, code) {
  let report;
  try {
    report = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return '0 passed, 0 failed: the tests did not come to their end';
  }
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  const failed = report.numFailedTests + unloaded;
  const skipped = report.numPendingTests + report.numTodoTests;
  const line = `${report.numPassedTests} passed, ${failed} failed`;
  if (code !== 0 && failed === 0) return `${line}: errors outside the tests, see above`;
  return skipped === 0 ? line : `${line}, ${skipped} skipped`;
}

async function runGuarded(args) {
  const guard = spawn(process.execPath, [join(checkoutDir, 'stack', 'guard.mjs')], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const env = process.env.CI ? { ...process.env, NO_COLOR: '1' } : process.env;
  const child = spawn(process.execPath, args, {
    cwd: checkoutDir,
    detached: true, // The terminal's Ctrl-C reaches it once, through us.
    stdio: ['ignore', 'inherit', 'inherit'],
    env,
  });
  guard.stdin.write(`${JSON.stringify({ watch: identityOf(child.pid) })}\n`);
  const endGroup = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Nothing of it is left.
    }
  };
  const pass = (signal) => {
    child.kill(signal);
    setTimeout(endGroup, endGraceMs).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, pass);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      endGroup(); // Interrupted, Vitest leaves a test that hangs behind.
      guard.stdin.end(`${JSON.stringify({ release: true })}\n`);
      resolve(signal === null ? code : 1);
    });
  });
}
