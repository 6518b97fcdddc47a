// Owns: the small interface between a command and the root: an action returns its result, and
// `runCommand` turns it into output and an exit code. Never knows any particular command.

import type { Command } from 'commander';
import { createContext, type CliContext } from './context.js';
import { widthOfIo, type CliIo, type ExitCode } from './output.js';
import { wrapText } from './wrap.js';

/** What a command has to say: `json` for programs, `text` for people, never both at once. */
export interface CommandResult {
  readonly json: object;
  /** Without a final newline; what is too wide for the reader is wrapped. */
  readonly text: string;
  /** Everything has been written by `live.write`; nothing more is. */
  readonly written?: true;
  /** Default 0. 1: the command ran and the answer is "no"; 3: refused by policy. */
  readonly exitCode?: ExitCode;
}

export interface ActionInput<Options> {
  /** Options of the command and of its parents, by commander's camelCase names. */
  readonly options: Options;
  /** Positional arguments in order; a missing optional one is undefined. */
  readonly args: readonly (string | undefined)[];
  /** Addresses and adapters, opened at first use and closed when the action ends. */
  readonly context: CliContext;
  /** One line on standard error. */
  readonly progress: (line: string) => void;
  /** Standard output, for a command that goes on saying things. */
  readonly live: Live;
}

export interface Live {
  readonly json: boolean;
  /** Width of the terminal; undefined when standard output is none. */
  columns(): number | undefined;
  /** To write within, also where it is none: as COLUMNS says, else 80. */
  width(): number;
  write(text: string): void;
}

/** One run of the command line, known by its root command. */
export interface Invocation {
  readonly io: CliIo;
  json: boolean;
  exitCode: ExitCode;
}

const invocations = new WeakMap<Command, Invocation>();

/** Called by the root before parsing. */
export function registerInvocation(root: Command, invocation: Invocation): void {
  invocations.set(root, invocation);
}

/**
 * Makes a commander action of a function that returns its result:
 * `new Command('plan').option(…).action(runCommand(async ({ options }) => ({ json, text })))`.
 * Errors go up to the root, which prints them: BadInputError exits 2, anything else 1.
 */
export function runCommand<Options>(
  action: (input: ActionInput<Options>) => Promise<CommandResult> | CommandResult,
): (...commanderArgs: unknown[]) => Promise<void> {
  return async (...commanderArgs) => {
    // Commander calls actions with the positional arguments, the options and the command.
    const command = commanderArgs.at(-1) as Command;
    const args = commanderArgs.slice(0, -2) as (string | undefined)[];
    const invocation = invocationOf(command);
    const { io } = invocation;
    const options = command.optsWithGlobals<Record<string, unknown>>();
    const context = createContext({ options, env: io.env });
    let result: CommandResult;
    try {
      result = await action({
        options: options as Options,
        args,
        context,
        progress: (line) => io.err(`${line}\n`),
        live: {
          json: invocation.json,
          columns: () => io.columns?.(),
          width: () => widthOfIo(io),
          write: (text) => io.out(text),
        },
      });
    } finally {
      await context.close();
    }
    if (result.written !== true)
      io.out(
        `${invocation.json ? JSON.stringify(result.json) : wrapText(result.text, widthOfIo(io))}\n`,
      );
    invocation.exitCode = result.exitCode ?? 0;
  };
}

function invocationOf(command: Command): Invocation {
  let root = command;
  while (root.parent !== null) root = root.parent;
  const invocation = invocations.get(root);
  if (invocation === undefined) throw new Error('runCommand outside of main(): use main(argv, io)');
  return invocation;
}
