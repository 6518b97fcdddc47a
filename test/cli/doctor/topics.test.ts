// What doctor makes of the settings of topics.
import { describe, expect, it } from 'vitest';
import { checkSettings } from '../../../src/cli/doctor/topics.js';
import { topicsOf } from '../../../src/logs/topics.js';
import type { TopicSettings } from '../../../src/ports.js';

const settingsOf = (topic: string, over: Partial<TopicSettings> = {}): TopicSettings => ({
  topic,
  replicas: 3,
  minInSync: 2,
  unclean: false,
  compacted: false,
  retentionMs: -1,
  timestamps: 'append',
  compression: 'uncompressed',
  ...over,
});

const complaints = (over: Partial<TopicSettings>) =>
  checkSettings(
    Object.values<string>({ ...topicsOf('chat') }).map((topic) => settingsOf(topic, over)),
    'chat',
  ).map(({ verdict, found }) => `${verdict}: ${found}`);

describe('doctor about topics', () => {
  it('has nothing to say of topics that are kept as production needs it', () => {
    expect(complaints({})).toEqual(['ok: kept as production needs it']);
  });

  it.each<[Partial<TopicSettings>, RegExp]>([
    [{ compacted: true }, /^fault: chat.messages, .*: compacted/],
    [{ retentionMs: 90_000_000 }, /^fault: chat.control, chat.ownership: trimmed by time/],
    [{ timestamps: 'create' }, /^fault: chat.sessions, chat.leases: times are those of the writ/],
    [{ compression: 'producer' }, /^fault: .*skipped unread/],
    [{ unclean: true }, /^warning: .*may become leader/],
    [{ replicas: 1, minInSync: 1 }, /^warning: .*less than 3 replicas/],
  ])('finds topics kept as %j', (over, found) => {
    expect(complaints(over)).toHaveLength(1);
    expect(complaints(over)[0]).toMatch(found);
  });

  it('finds messages that are trimmed before a repeat of them can be known', () => {
    expect(complaints({ retentionMs: 1_000 }).join('\n')).toMatch(/duplicate window of 2 min 0 s/);
  });
});
