// Owns: the reports of what the package offers, one per entry, in api/: a change of a public type is seen in
// a review. Made of the compiled declarations, so the checkout must be built. Decides nothing.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CompilerState,
  Extractor,
  ExtractorConfig,
  type ExtractorMessage,
} from '@microsoft/api-extractor';
import { checkoutDir } from '../checkout.js';

export const apiDirectory = join(checkoutDir, 'api');

export interface ApiReport {
  /** Of the entry: `client` for `evenkeel/client`. */
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

/** The entries that package.json exports, with the declarations of each. */
export function packageEntries(): readonly { readonly name: string; readonly types: string }[] {
  const { exports } = JSON.parse(readFileSync(join(checkoutDir, 'package.json'), 'utf8')) as {
    exports: Readonly<Record<string, string | { readonly types: string }>>;
  };
  return Object.entries(exports).flatMap(([path, target]) =>
    typeof target === 'string'
      ? []
      : [{ name: path.replace('./', ''), types: join(checkoutDir, target.types) }],
  );
}

/** Throws when a declaration cannot be read. Some seconds of processor. */
export function makeApiReports(): readonly ApiReport[] {
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-api-'));
  try {
    const configs = packageEntries().map(({ name, types }) => ({
      name,
      config: configOf(name, types, directory),
    }));
    const [first, ...others] = configs;
    if (first === undefined) throw new Error('package.json exports nothing');
    const compilerState = CompilerState.create(first.config, {
      additionalEntryPoints: others.map(({ config }) => config.mainEntryPointFilePath),
    });
    return configs.map(({ name, config }) => {
      extract(name, config, compilerState);
      const text = readFileSync(join(directory, `${name}.api.md`), 'utf8');
      return { name, path: join(apiDirectory, `${name}.api.md`), text };
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export function writeApiReports(reports: readonly ApiReport[]): void {
  mkdirSync(apiDirectory, { recursive: true });
  for (const { path, text } of reports) writeFileSync(path, text);
}

/** The lines that differ, `-` of api/ and `+` of the code; empty when they say the same. */
export function apiDifferences(reports: readonly ApiReport[]): readonly string[] {
  return reports.flatMap(({ name, path, text }) => {
    const before = linesOf(readOrNothing(path));
    const after = linesOf(text);
    const gone = before.filter((line) => !after.includes(line)).map((line) => `- ${line}`);
    const come = after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`);
    const same = gone.length + come.length === 0;
    if (same && readOrNothing(path) !== text) return [`evenkeel/${name}: the order of its lines`];
    return same ? [] : [`evenkeel/${name}:`, ...gone, ...come];
  });
}

function configOf(name: string, types: string, directory: string): ExtractorConfig {
  return ExtractorConfig.prepare({
    configObjectFullPath: join(checkoutDir, 'api-extractor.json'), // Only says where paths begin.
    packageJsonFullPath: join(checkoutDir, 'package.json'),
    configObject: {
      projectFolder: checkoutDir,
      mainEntryPointFilePath: types,
      compiler: { tsconfigFilePath: join(checkoutDir, 'tsconfig.json') },
      newlineKind: 'lf',
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: directory,
        reportTempFolder: join(directory, 'temp'),
        // A field that goes from an inner type breaks programs as well.
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
    },
  });
}

function extract(name: string, config: ExtractorConfig, compilerState: CompilerState): void {
  const problems: string[] = [];
  const { succeeded } = Extractor.invoke(config, {
    localBuild: true,
    compilerState,
    messageCallback: (message: ExtractorMessage) => {
      message.handled = true;
      if (String(message.logLevel) === 'error') problems.push(message.text);
    },
  });
  if (!succeeded || problems.length > 0) {
    throw new Error(`evenkeel/${name} cannot be reported: ${problems.join('; ')}`);
  }
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

const linesOf = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line.trim() !== '');
