// The root of the command line: help, wrong use, JSON, exit codes; and where settings come from.
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { registerInvocation, runCommand, type Invocation } from '../../src/cli/command.js';
import { createContext } from '../../src/cli/context.js';
import { main } from '../../src/cli/main.js';
import { errorJson, errorText, type CliIo } from '../../src/cli/output.js';
import { BadInputError, UnreachableError } from '../../src/errors.js';
import { packageManifest } from '../../src/package/manifest.js';

function capture(env: Record<string, string> = {}) {
  const written = { out: '', err: '' };
  const io: CliIo = {
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    env,
  };
  return { io, written };
}

describe('evenkeel', () => {
  it('shows every command and an example on --help, and exits 0', async () => {
    const { io, written } = capture();
    expect(await main(['--help'], io)).toBe(0);
    for (const name of ['plan', 'worker', 'apply', 'status', 'rebalance', 'verify']) {
      expect(written.out).toContain(`  ${name}`);
    }
    expect(written.out).toContain('$ evenkeel verify --service messaging');
    expect(written.err).toBe('');
  });

  it('exits 2 and shows what is possible when no command is given', async () => {
    const { io, written } = capture();
    expect(await main([], io)).toBe(2);
    expect(written.out).toBe('');
    expect(written.err).toContain('Usage: evenkeel');
  });

  it('exits 2 on an unknown command and suggests the nearest', async () => {
    const { io, written } = capture();
    expect(await main(['verfy'], io)).toBe(2);
    expect(written.err).toContain("unknown command 'verfy'");
    expect(written.err).toContain('Did you mean verify?');
  });

  it('exits 2 on an unknown option, and with --json says so in one object on standard output', async () => {
    const { io, written } = capture();
    expect(await main(['verify', '--json', '--colour'], io)).toBe(2);
    const parsed = JSON.parse(written.out) as { error: { message: string } };
    expect(parsed.error.message).toContain("unknown option '--colour'");
    expect(written.err).toBe('');
  });

  it('says in JSON that no command was given', async () => {
    const { io, written } = capture();
    expect(await main(['--json'], io)).toBe(2);
    expect((JSON.parse(written.out) as { error: { message: string } }).error.message).not.toBe('');
  });

  it.each([
    ...['-V', '--version', 'status -V', 'status chat --version', 'policy check -V', 'help -V'],
    ...['-V --help', '-V verfy', 'supervisor chat -V -- node x'],
  ])('%s prints the version, as one object with --json wherever that stands', async (line) => {
    const { version } = packageManifest();
    const plain = capture();
    expect(await main(line.split(' '), plain.io)).toBe(0);
    expect(plain.written).toEqual({ out: `${version}\n`, err: '' });
    for (const argv of [`--json ${line}`, line.replace(/ -- |$/, ' --json$&')]) {
      const { io, written } = capture();
      expect(await main(argv.split(' '), io), argv).toBe(0);
      expect(written, argv).toEqual({ out: `{"version":"${version}"}\n`, err: '' });
    }
  });

  it('keeps the help of a command to one object with --json', async () => {
    const { io, written } = capture();
    expect(await main(['verify', '--help', '--json'], io)).toBe(0);
    expect((JSON.parse(written.out) as { help: string }).help).toContain('Usage: evenkeel verify');
  });
});

describe('runCommand', () => {
  async function run(json: boolean, action: Parameters<typeof runCommand>[0], argv: string[] = []) {
    const { io, written } = capture();
    const invocation: Invocation = { io, json, exitCode: 0 };
    const root = new Command('evenkeel');
    registerInvocation(root, invocation);
    root.addCommand(
      new Command('try').argument('[what]').option('--loud').action(runCommand(action)),
    );
    await root.parseAsync(['try', ...argv], { from: 'user' });
    return { invocation, written };
  }

  it('writes exactly one JSON object, progress on standard error, and the exit code of the result', async () => {
    const { invocation, written } = await run(true, ({ progress }) => {
      progress('working');
      return { json: { answer: 42 }, text: 'forty-two', exitCode: 3 };
    });
    expect(written).toEqual({ out: '{"answer":42}\n', err: 'working\n' });
    expect(invocation.exitCode).toBe(3);
  });

  it('hands on arguments and options, and writes text for people', async () => {
    const { written } = await run(
      false,
      ({ args, options }) => ({ json: {}, text: `${args[0]} ${JSON.stringify(options)}` }),
      ['hello', '--loud'],
    );
    expect(written.out).toBe('hello {"loud":true}\n');
  });
});

describe('errors', () => {
  it('name field, found and allowed when the input is wrong', () => {
    const error = new BadInputError('weights must be P numbers', {
      field: 'weights',
      found: [1, 2],
      allowed: '360 numbers',
    });
    expect(errorJson(error)).toEqual({
      error: {
        field: 'weights',
        found: '[1,2]',
        allowed: '360 numbers',
        message: 'weights must be P numbers',
      },
    });
  });

  it('show no stack trace unless EVENKEEL_DEBUG asks for it', () => {
    const error = new UnreachableError(
      'kafka',
      'Kafka does not answer\n    at somewhere (file.js:1)',
    );
    expect(errorText(error, false, 80)).toBe('evenkeel: Kafka does not answer\n');
    expect(errorText(error, true, 80)).toContain('main.test.ts');
  });
});

describe('settings', () => {
  const stackEnv = async () => ({ KAFKA_BROKERS: 'stack:1', MONGODB_URI: 'stack:2' });

  it('come from the option, else the environment, else the running local stack', async () => {
    const context = createContext({
      options: { kafkaBrokers: 'option:1' },
      env: { KAFKA_BROKERS: 'env:1', TEMPORAL_ADDRESS: 'env:3' },
      stackEnv,
    });
    expect(await context.require('KAFKA_BROKERS')).toBe('option:1');
    expect(await context.require('TEMPORAL_ADDRESS')).toBe('env:3');
    expect(await context.require('MONGODB_URI')).toBe('stack:2');
  });

  it('name the three ways when nothing gives them', async () => {
    const context = createContext({
      options: {},
      env: { MONGODB_URI: '' },
      stackEnv: async () => ({}),
    });
    await expect(context.require('MONGODB_URI')).rejects.toThrow(
      /give --mongodb-uri .*set MONGODB_URI in the environment.*npm run stack -- up/,
    );
  });
});
