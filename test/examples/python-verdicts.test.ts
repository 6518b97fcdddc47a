// The Python example and this project read the same logs: record by record they must reach the same verdict,
// whatever stands there. Seeded records, sound and spoilt, go through both.
import { execFileSync } from 'node:child_process';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { beforeAll, describe, expect, it } from 'vitest';
import { mutated } from '../../fuzz/mutate.js';
import { seededRandom, type Random } from '../../fuzz/random.js';
import { readControlMessage } from '../../src/core/handover/goal-reading.js';
import {
  OwnershipLog,
  parseObject,
  parseOwnershipRecord,
} from '../../src/core/handover/ownership-log.js';
import { partitionOf } from '../../src/core/murmur2.js';
import { isId } from '../../src/server/frames.js';
import { findPython, pythonExampleDir, pythonWithPackages } from '../support/python-example.js';

const partitions = 6;
const records = 20_000;
const python = await findPython();
const mayRun = python !== null || process.env['CI'] !== undefined;

describe.runIf(mayRun)('the Python example', () => {
  let interpreter = '';
  beforeAll(async () => {
    if (python === null) throw new Error('examples/python needs Python 3.11 or later with venv');
    interpreter = await pythonWithPackages(python);
  }, 300_000);

  /** What `expression` is in Python for each `line`, as JSON; `log` is an ownership log, `at` the line's number. */
  const inPython = (expression: string, lines: readonly string[]): unknown[] => {
    const program = `
import json, sys
from instance.goals import read_control
from instance.ownership import OwnershipLog
from instance.reports import encode_histogram
from instance.text import is_id, parse_object, partition_of
log = OwnershipLog(${partitions})
for at, text in enumerate(sys.stdin):
    line = json.loads(text)
    print(json.dumps(${expression}))
`;
    const input = lines.map((line) => JSON.stringify(line)).join('\n');
    const env = {
      ...process.env,
      PYTHONPATH: pythonExampleDir,
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONUTF8: '1',
    };
    const options = { input, env, maxBuffer: 64 * 1024 * 1024, encoding: 'utf8' } as const;
    const answer = execFileSync(interpreter, ['-c', program], options);
    return answer
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
  };

  it('judges every record of the ownership log as this project does', () => {
    const random = seededRandom(11);
    const log = new OwnershipLog(partitions);
    const lines: string[] = [];
    const verdicts: boolean[] = [];
    for (let offset = 0; offset < records; offset += 1) {
      const sound = JSON.stringify(ownershipRecord(log, random));
      const line = random.oneIn(3) ? mutated(sound, random) : sound;
      lines.push(line);
      verdicts.push(log.apply(parseOwnershipRecord(line), offset).valid);
    }
    expect(inPython('log.apply(parse_object(line), at)', lines)).toEqual(verdicts);
    const valid = verdicts.filter(Boolean).length;
    expect([valid > records / 10, valid < (records * 9) / 10]).toEqual([true, true]);
  });

  it('takes the same control messages, and skips the others for the same reason', () => {
    const random = seededRandom(12);
    const lines = Array.from({ length: 5_000 }, () => {
      const sound = JSON.stringify(controlMessage(random));
      return random.oneIn(3) ? sound : mutated(sound, random);
    });
    const ours = lines.map((line) => {
      const read = readControlMessage(parseObject(line), partitions);
      return typeof read === 'string' ? read : read.type;
    });
    const theirs = `(lambda m: m if isinstance(m, str) else m.type)(read_control(parse_object(line), ${partitions}))`;
    expect(inPython(theirs, lines)).toEqual(ours);
    expect(new Set(ours).size).toBeGreaterThan(6);
  });

  it('finds the same partition for a user, and the same texts to be ids', () => {
    const random = seededRandom(13);
    const texts = Array.from({ length: 2_000 }, () => text(random));
    expect(inPython('is_id(line)', texts)).toEqual(texts.map(isId));
    const users = texts.filter(isId);
    const wanted = users.map((user) => partitionOf(user, 360));
    expect(inPython('partition_of(line, 360)', users)).toEqual(wanted);
  });

  it('writes histograms that this project reads', () => {
    const line = JSON.stringify({ 0: 2, 1: 1, 37: 5, 300: 1, 60_000: 1 });
    const encode = 'encode_histogram({int(k): v for k, v in json.loads(line).items()})';
    const histogram = decodeFromCompressedBase64(inPython(encode, [line])[0] as string);
    expect(histogram.totalCount).toBe(10);
    expect(histogram.getValueAtPercentile(75)).toBe(37);
    expect(histogram.getValueAtPercentile(85)).toBe(301); // the upper end of its bucket
    expect(histogram.maxValue).toBeGreaterThanOrEqual(60_000);
  });
});

const incarnations = ['a.1', 'a.2', 'b.1', 'c.1'];

/** Mostly what an instance would write; now and then late, of a lower revision, or by somebody fenced. */
function ownershipRecord(log: OwnershipLog, random: Random): object {
  const incarnation = random.pick(incarnations.concat(`d.${log.position() >> 6}`));
  if (random.oneIn(100)) {
    return { type: 'fenced', instance: 's-0', incarnation, how: 'lease-expired' };
  }
  const partition = random.below(partitions);
  const last = log.last(partition);
  const releases = last?.type === 'acquired' && !random.oneIn(5);
  const prev = random.oneIn(10) ? random.below(log.position() + 1) : (last?.offset ?? null);
  return {
    type: releases ? 'released' : 'acquired',
    partition,
    revision: Math.max(0, (last?.revision ?? 0) + random.below(4) - 1),
    instance: 's-0',
    incarnation: releases && !random.oneIn(10) ? last.incarnation : incarnation,
    prev: prev === null ? null : String(prev),
    next: '0',
  };
}

function controlMessage(random: Random): object {
  const type = random.pick(['prepare', 'distribution', 'hold', 'resume', 'report', 'else']);
  const base = { type, epoch: random.below(9), revision: random.below(9), rebalance: 'r' };
  const cut = random.below(partitions - 1);
  const ranges = [
    [0, cut, 0],
    [cut + 1, partitions - 1, 1],
  ];
  const instances = { 's-0': { url: 'ws://a' }, 's-1': { url: 'ws://b', incarnation: 'b.1' } };
  const pace = { clientsPerWave: 25, acceptPerSecond: 100, partitionsPerWave: 64 };
  return { ...base, hash: 'h', ranges, instances, pace };
}

const pieces = ['a', 'ß', '€', '😀', '\ud83d', '\u0007', '\u0085', ' ', 'user', '-', '\u2028'];

/** Of characters of every kind; the length is around the longest that an id may have. */
function text(random: Random): string {
  const length = random.oneIn(5) ? 60 + random.below(80) : random.below(6);
  return Array.from({ length }, () =>
    random.pick(random.oneIn(10) ? pieces : pieces.slice(0, 4)),
  ).join('');
}
