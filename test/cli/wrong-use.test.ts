// Wrong arguments of every command: exit 2, a sentence that names the argument, what was found, what is
// allowed and what to type next; and nothing is done: no server is there that could have been asked.
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commandNames, main } from '../../src/cli/main.js';

/** Nobody listens there: whoever asks before the arguments are checked fails with 1, not 2. */
const nowhere = {
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  KAFKA_BROKERS: '127.0.0.1:1',
  MONGODB_URI: 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200',
};

async function run(argv: readonly string[]) {
  const written = { out: '', err: '' };
  const code = await main(argv, {
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    env: { ...nowhere, COLUMNS: '80' },
  });
  return { code, ...written };
}

/** Command line → what its complaint names: the argument, and what was found or is missing. */
const wrong: readonly (readonly [line: string, ...named: string[]])[] = [
  ['plan', '--input', 'nothing', 'standard input'],
  ['plan --input', '--input', 'missing'],
  ['plan extra --input x', 'too many arguments'],
  ['supervisor scores', 'command', 'missing'],
  ['supervisor scores -- node x', '--partitions', 'nothing', '1 to 20000'],
  ['supervisor scores --partitions 0 -- node x', '--partitions', '0', '1 to 20000'],
  ['supervisor scores --partitions 12 --replicas 999 -- node x', '--replicas', '999', '0 to 256'],
  ['supervisor Scores --partitions 12 -- node x', 'service', 'Scores', 'lower case'],
  ['directory scores', '--partitions', 'nothing', '1 to 20000'],
  ['directory scores --partitions 12 --port 70000', '--port', '70000', '0 to 65535'],
  ['simulate', '--trace', 'nothing', 'a CSV file'],
  ['simulate --trace=', '--trace', '""', 'a CSV file'],
  ['simulate --trace /nowhere.csv', '--trace', '/nowhere.csv', 'a readable file'],
  ['simulate --trace x --from=-1', '--from', '-1', 'at least 0'],
  ['simulate --trace x --horizon-steps 1.5', '--horizon-steps', '1.5', '1 to 2016'],
  ['simulate --trace x --capacity 0', '--capacity', '0', 'a number above 0'],
  ['simulate --trace x --every often', '--every', 'often', '15m'],
  ['simulate --trace x --lead soon', '--lead', 'soon', '90s'],
  ['simulate --trace x --overload 5', '--overload', '5', 'only with --search'],
  ['simulate --trace x --prometheus y', '--prometheus', 'both', 'one of them'],
  ['simulate --trace x --since 3d', '--since', '3d', 'only with --prometheus'],
  ['simulate --prometheus x --step 5', '--step', '5', '15m'],
  ['simulate --prometheus=', '--prometheus', '""', 'a query in PromQL'],
  ['simulate --trace x --policy /nowhere.yaml', 'file', '/nowhere.yaml', 'readable file'],
  ['worker --probe-port x', '--probe-port', 'x', '0 to 65535'],
  ['worker --probe-port 65536', '--probe-port', '65536', '0 to 65535'],
  ['worker --deployment evenkeel', '--build-id', 'nothing', 'both, or neither'],
  ['worker --task-queue=', '--task-queue', '""', 'task queue'],
  ['apply', "'file'", 'missing'],
  ['apply /nowhere/policy.yaml', 'file', '/nowhere/policy.yaml', 'readable file'],
  ['apply /nowhere/policy.yaml --by=', '--by', '""', 'a person'],
  ['diff', "'file'", 'missing'],
  ['diff /nowhere/policy.yaml', 'file', '/nowhere/policy.yaml', 'readable file'],
  ['console --port x', '--port', 'x', '0 to 65535'],
  ['console --host 0.0.0.0', '--host', 'without a token file', '--token-file FILE'],
  ['console --token-file /nowhere', '--token-file', 'cannot be read', 'at least 16'],
  ['console --origin console', '--origin', 'console', 'https://'],
  ['console --origin https://a.example/console', '--origin', 'a.example/console', 'https://'],
  ['console --person-header Authorization', '--person-header', 'Authorization', 'X-Forwarded-User'],
  ['console --person-header cookie', '--person-header', 'cookie', 'X-Forwarded-User'],
  ['console --person-header X-User:', '--person-header', 'X-User:', 'X-Forwarded-User'],
  ['console --person-header=', '--person-header', '""', 'X-Forwarded-User'],
  ['console --person-header X\tUser', '--person-header', 'X\\tUser', 'X-Forwarded-User'],
  ['console --probe-port x', '--probe-port', 'x', '0 to 65535'],
  ['console --temporal-ui-url javascript:alert', '--temporal-ui-url', 'javascript', 'http://'],
  ['policy check', "'check'", 'unknown command'],
  ['policy lint /nowhere/policy.yaml', 'file', '/nowhere/policy.yaml', 'readable file'],
  ['status Messaging', 'service', 'Messaging', 'lower-case'],
  ['status --service=', '--service', '""', 'lower-case'],
  ['status a --service b', '--service', 'a and b', 'one of them'],
  ['status a b', 'too many arguments'],
  ['history', 'service', 'nothing', 'messaging'],
  ['history chat --limit 0', '--limit', '0', '1 to 1000'],
  ['history chat --limit 1e2', '--limit', '1e2', '1 to 1000'],
  ['history chat --mongodb-uri=', '--mongodb-uri', '""', 'mongodb://'],
  ['explain', 'revision', 'neither', '--last 1h'],
  ['explain 0', 'revision', '0', 'at least 1'],
  ['explain 3 --last 1h', 'revision', 'both'],
  ['explain --last yesterday', '--last', 'yesterday', '90s'],
  ['explain 3 --service ../x', '--service', '../x', 'lower-case'],
  ['rebalance', 'service', 'nothing', 'messaging'],
  ['rebalance chat --to many', '--to', 'many', 'at least 1'],
  ['rebalance chat --to 0x3', '--to', '0x3', 'at least 1'],
  ['rebalance chat --to 2 --instances 3', '--to', '2 and 3', 'one of them'],
  ['rebalance chat --too 3', '--too', 'Did you mean --to?'],
  ['rebalance chat --drain lobby-1', '--drain', 'lobby-1', 'chat-1'],
  ['rebalance chat --leftovers keep', '--leftovers', 'keep', 'retry, accept'],
  ['rebalance chat --dry-run --wait', '--wait', '--dry-run', 'one of them'],
  ['rebalance chat --reason=', '--reason', '""', 'some words'],
  ['rebalance chat --request-id=', '--request-id', '""', 'an id'],
  ['roll', 'service', 'nothing', 'messaging'],
  ['roll Chat', 'service', 'Chat', 'lower-case'],
  ['roll chat --image=', '--image', '""', 'an image'],
  ['roll chat --template=', '--template', '""', 'the version of a template'],
  ['roll chat --image a --template b', '--template', 'a and b', 'one of them'],
  ['roll chat --watch soon', '--watch', 'soon', '0 to 3600 seconds'],
  ['roll chat --watch=', '--watch', '""', '0 to 3600 seconds'],
  ['roll chat --watch 3601', '--watch', '3601', '0 to 3600 seconds'],
  ['roll chat --reason=', '--reason', '""', 'some words'],
  ['roll chat --by=', '--by', '""', 'a person'],
  ['roll chat --imge x', '--imge', 'Did you mean --image?'],
  ...['status', 'pause', 'resume', 'abort'].map(
    (word) => [`roll ${word} A/b`, 'service', 'A/b', 'lower-case'] as const,
  ),
  ['roll pause', 'service', 'nothing', 'messaging'],
  ['roll abort chat --by=', '--by', '""', 'a person'],
  ['rollback', "'revision'", 'missing'],
  ['rollback latest', 'revision', 'latest', 'at least 1'],
  ['rollback 3 --service C', '--service', 'C', 'lower-case'],
  ...['approve', 'reject', 'abort', 'pause', 'resume'].flatMap((name) => [
    [name, 'service', 'nothing', 'messaging'] as const,
    [`${name} A/b`, 'service', 'A/b', 'lower-case'] as const,
    [`${name} chat --by=`, '--by', '""', 'a person'] as const,
  ]),
  ['doctor', 'service', 'nothing', 'messaging'],
  ['doctor chat --service lobby', '--service', 'chat and lobby', 'one of them'],
  ['verify chat', 'too many arguments'],
  ['verify --service=', '--service', '""', 'lower-case'],
  ['verify --input=', '--input', '""', 'an export'],
  ['verify --input a --export b', '--export', 'b', 'either'],
  ['conformance', '--instance', 'neither', '--command'],
  ['conformance --instance ws://a --command b', '--instance', 'one of them'],
  ['conformance --instance http://a', '--instance', 'http://a', 'ws://host:port'],
  ['conformance --command=', '--command', '""', 'a command line'],
  ['conformance --command a --without logs', '--without', 'logs', 'send, messages'],
  ['conformance --command a --only speed', '--only', 'speed', 'welcome'],
];

describe('wrong use', () => {
  it.each(wrong)('evenkeel %s', async (line, ...named) => {
    const { code, out, err } = await run(line.split(' '));
    expect({ code, out }).toEqual({ code: 2, out: '' });
    const said = err.replace(/\s+/g, ' ');
    for (const name of named) expect(said).toContain(name);
    const [command] = line.split(' ');
    if (named[0] !== 'file') expect(said).toContain(`evenkeel ${command} --help`);
    for (const row of err.split('\n')) expect(row.length, row).toBeLessThanOrEqual(80);
  });

  it('is tried of every command', () => {
    const tried = new Set(wrong.map(([line]) => line.split(' ')[0]));
    expect(commandNames.filter((name) => !tried.has(name))).toEqual([]);
  });
});

describe('--help', () => {
  it.each([...commandNames])(
    'of %s says what, an example and a page, in 80 columns',
    async (name) => {
      const { code, out } = await run([name, '--help']);
      expect(code).toBe(0);
      expect(out).toMatch(new RegExp(`^Usage: evenkeel ${name} `));
      expect(out).toMatch(new RegExp(`\\$ evenkeel ${name}`));
      const pages = out.match(/\bdocs\/[a-z-]+\.md/g) ?? [];
      expect(pages).not.toEqual([]);
      for (const page of pages) expect(existsSync(page), page).toBe(true);
      for (const row of out.split('\n')) expect(row.length, row).toBeLessThanOrEqual(80);
    },
  );

  it.each(['status', 'pause', 'resume', 'abort'])('of roll %s fits, too', async (word) => {
    const { code, out } = await run(['roll', word, '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^Usage: evenkeel roll ${word} `));
    for (const row of out.split('\n')) expect(row.length, row).toBeLessThanOrEqual(80);
  });

  it('of the program fits, too', async () => {
    const { out } = await run(['--help']);
    for (const row of out.split('\n')) expect(row.length, row).toBeLessThanOrEqual(80);
  });
});
