// `npm run api`: writes the reports of the package's public API to api/ and says what changed. Whoever changes
// it on purpose commits them with it.

import { apiDifferences, makeApiReports, writeApiReports } from './api.js';

export async function main(argv: readonly string[]): Promise<number> {
  if (argv.length > 0) {
    process.stderr.write(
      'npm run api: takes no arguments; writes what the package offers to api/\n',
    );
    return 2;
  }
  const reports = makeApiReports();
  const differences = apiDifferences(reports);
  writeApiReports(reports);
  const said = differences.length === 0 ? ['api/ says what the code does'] : differences;
  // A pipe takes 64 KiB at once, and the process exits after main.
  await new Promise((written) => process.stdout.write(`${said.join('\n')}\n`, written));
  return 0;
}
