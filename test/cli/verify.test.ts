// `evenkeel verify --input`: exports that are right, that show a violation, and that are wrong.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryBus } from '../../src/adapters/memory/bus.js';
import { exportLine, readExport, writeExport } from '../../src/cli/export-file.js';
import { main } from '../../src/cli/main.js';
import { verifyLogs } from '../../src/cli/verify.js';
import { ownershipEntry, topicSpecs, topicsOf } from '../../src/logs/topics.js';
import type { Bus } from '../../src/ports.js';
import { evidenceScript } from '../core/evidence/evidence-script.js';

let dir: string;
beforeAll(() => void (dir = mkdtempSync(join(tmpdir(), 'evenkeel-verify-'))));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function verify(text: string, ...options: string[]) {
  const path = join(dir, 'export.jsonl');
  writeFileSync(path, text);
  let out = '';
  let err = '';
  const code = await main(['verify', '--input', path, ...options], {
    out: (more) => void (out += more),
    err: (more) => void (err += more),
    env: {},
  });
  return { code, out, err };
}

function lines(...records: readonly object[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

function goodExport(): string {
  const log = evidenceScript();
  log.acquired(0, 'A1', 1, null);
  log.opened(0, 'alice/phone', 'c1', 'A1', 1);
  log.closed(0, 'alice/phone', 'c1', 'A1', 'bye');
  return log
    .records()
    .map((record) => `${exportLine(record)}\n`)
    .join('');
}

function overlappingExport(): string {
  const log = evidenceScript();
  log.acquired(0, 'B1', 1, log.released(0, 'A1', 1, log.acquired(0, 'A1', 1, null)));
  log.opened(0, 'alice/phone', 'c1', 'A1', 1);
  log.opened(0, 'alice/phone', 'c2', 'B1', 1);
  return log
    .records()
    .map((record) => `${exportLine(record)}\n`)
    .join('');
}

describe('evenkeel verify --input', () => {
  it('exits 0 with every member of the contract when nothing is wrong', async () => {
    const { code, out, err } = await verify(goodExport(), '--json');
    expect(code).toBe(0);
    expect(err).toBe('');
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      overlaps: 0,
      ownershipGaps: [],
      unclosed: 0,
      truncated: false,
      records: 3,
      rebalances: [],
    });
  });

  it('exits 1 and shows the first counter-example to people and to programs', async () => {
    const people = await verify(overlappingExport());
    expect(people.code).toBe(1);
    expect(people.out).toContain('1 overlaps');
    expect(people.out).toContain('alice/phone (partition 0) was connected to s-B (B1)');
    const programs = await verify(overlappingExport(), '--json');
    expect(JSON.parse(programs.out)).toMatchObject({ ok: false, first: { kind: 'overlap' } });
  });

  it('exits 1 and says that a record cannot be read, not that something is violated', async () => {
    const { value: _, ...where } = JSON.parse(goodExport().split('\n')[0] ?? '') as {
      offset: string;
      value: unknown;
    };
    const unread = { ...where, offset: '1', value: null };
    const [acquired, ...rest] = goodExport().trimEnd().split('\n');
    const { code, out } = await verify([acquired, JSON.stringify(unread), ...rest, ''].join('\n'));
    expect(code).toBe(1);
    expect(out).toMatch(/^1 RECORD CANNOT BE READ, no violation found in the others: 0 overlaps/);
    expect(out).not.toContain('VIOLATED');
  });

  it('exits 1 when the ownership log is not in the export, and names what it cannot read', async () => {
    const sessions = goodExport().split('\n').slice(1).join('\n');
    const without = await verify(sessions);
    expect(without.code).toBe(1);
    expect(without.out).toContain('opened without ownership: 1');
    expect(without.out).toContain('the logs are not complete');
    const unreadable = await verify(goodExport().replace('"opened"', '"nonsense"'));
    expect(unreadable.code).toBe(1);
    expect(unreadable.out).toContain('records that cannot be read: 1');
    expect(unreadable.out).toContain('at s.sessions/0@0');
  });

  it('says truncated when offsets have a hole', async () => {
    const [first = '', , third = ''] = goodExport().split('\n');
    const { out } = await verify(`${first}\n${third}\n`, '--json');
    expect(JSON.parse(out)).toMatchObject({ truncated: true });
  });

  const record = { topic: 's.sessions', partition: 0, offset: '0', timestamp: 1, value: {} };
  const wrong: readonly [name: string, text: string, field: string, message: RegExp][] = [
    ['no JSON', `${goodExport()}{"topic":`, 'line 4', /line 4: must be one JSON object/],
    ['no object', '[1,2]\n', 'line 1', /line 1: must be one JSON object/],
    ['a number as offset', lines({ ...record, offset: 0 }), 'line 1: offset', /a string of digits/],
    ['no topic', lines({ ...record, topic: '' }), 'line 1: topic', /name of a topic/],
    [
      'a negative partition',
      lines({ ...record, partition: -1 }),
      'line 1: partition',
      /whole number/,
    ],
    [
      'a text as timestamp',
      lines({ ...record, timestamp: '1' }),
      'line 1: timestamp',
      /milliseconds/,
    ],
    ['no value', lines({ ...record, value: undefined }), 'line 1: value', /value of the record/],
    ['the same offset twice', lines(record, record), 'line 2: offset', /ordered by topic/],
    ['no log at all', lines({ ...record, topic: 'other' }), '--input', /no record of any service/],
    [
      'two services',
      lines({ ...record, topic: 'a.sessions' }, { ...record, topic: 'b.sessions' }),
      '--service',
      /more than one service/,
    ],
  ];
  it.each(wrong)(
    'exits 2 naming the place when the input has %s',
    async (_name, text, field, message) => {
      const { code, out } = await verify(text, '--json');
      const { error } = JSON.parse(out) as { error: { field: string; message: string } };
      expect({ code, field: error.field }).toEqual({ code: 2, field });
      expect(error.message).toMatch(message);
    },
  );

  it('exits 2 when the file is not there', async () => {
    let out = '';
    const code = await main(['verify', '--input', join(dir, 'absent'), '--json'], {
      out: (text) => void (out += text),
      err: () => undefined,
      env: {},
    });
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { field: '--input' } });
  });

  it('refuses --export together with --input', async () => {
    const { code, out } = await verify(goodExport(), '--json', '--export', join(dir, 'x'));
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { field: '--export' } });
  });
});

describe('an export file', () => {
  it('is read back as it was written', async () => {
    const log = evidenceScript();
    log.acquired(3, 'A1', 1, null);
    log.opened(3, 'alice/phone', 'c1', 'A1', 1);
    const path = join(dir, 'written.jsonl');
    await writeExport(path, asyncOf(log.records()), () => undefined);
    const read = [];
    for await (const found of readExport(path)) read.push(found);
    expect(read).toEqual(log.records());
  });

  it('leaves nothing behind when reading fails halfway', async () => {
    const path = join(dir, 'broken.jsonl');
    async function* broken() {
      yield* evidenceScript().records();
      throw new Error('the broker went away');
    }
    await expect(writeExport(path, broken(), () => undefined)).rejects.toThrow('went away');
    expect(readdirSync(dir).filter((name) => name.startsWith('broken'))).toEqual([]);
  });

  it('has exactly the members of the contract, the offset as text', () => {
    const line = exportLine({
      topic: 's.leases',
      partition: 1,
      offset: 0,
      timestamp: 5,
      value: {},
    });
    expect(Object.keys(JSON.parse(line) as object)).toEqual([
      'topic',
      'partition',
      'offset',
      'timestamp',
      'value',
    ]);
    expect(line).toContain('"offset":"0"');
  });
});

describe('logs in Kafka of a service that nobody has connected to', () => {
  const { ownership, sessions } = topicsOf('chat');
  const neverSaid = /no client has ever been connected/;
  const incomplete = /the logs are not complete/;

  async function logs(records = 5) {
    const bus = createMemoryBus();
    await bus.ensureTopics(topicSpecs('chat', 12));
    const appender = await bus.appender('test');
    for (let p = 0; p < records; p += 1) {
      const holder = { revision: 1, instance: 'chat-0', incarnation: 'chat-0/1' };
      const value = { type: 'acquired', partition: p, ...holder, prev: null, next: '0' } as const;
      await appender.append([ownershipEntry('chat', value)]);
    }
    return { bus, appender };
  }

  it('are said to be without sessions, not to be incomplete', async () => {
    const { text } = await verifyLogs((await logs()).bus, 'chat');
    expect(text).toMatch(neverSaid);
    expect(text).not.toMatch(incomplete);
  });

  it('are incomplete all the same when the ownership log has a hole', async () => {
    const { bus } = await logs();
    const holed: Bus = {
      ...bus,
      readRange: async (topic, ...rest) =>
        (await bus.readRange(topic, ...rest)).filter(
          ({ offset }) => topic !== ownership || offset !== 2,
        ),
    };
    expect((await verifyLogs(holed, 'chat')).text).toMatch(incomplete);
  });

  it('are incomplete when the end of the ownership log cannot be read', async () => {
    const { bus } = await logs();
    const cut: Bus = {
      ...bus,
      readRange: async (topic, ...rest) =>
        (await bus.readRange(topic, ...rest)).filter(
          ({ offset }) => topic !== ownership || offset < 4,
        ),
    };
    expect((await verifyLogs(cut, 'chat')).text).toMatch(incomplete);
  });

  it('are incomplete when the sessions were trimmed away', async () => {
    const { bus, appender } = await logs();
    await appender.append([{ topic: sessions, partition: 0, value: '{}' }]);
    bus.trim(sessions, 0, 1);
    const { text } = await verifyLogs(bus, 'chat');
    expect(text).toMatch(incomplete);
    expect(text).not.toMatch(neverSaid);
  });
});

async function* asyncOf<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
