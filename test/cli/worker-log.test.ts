import { expect, it } from 'vitest';
import { createWorkerLog } from '../../src/cli/worker-log.js';

const step = {
  name: 'saga.commit',
  rebalance: 'chat@7',
  startedAtMs: 1_000,
  endedAtMs: 1_030,
  attributes: {
    'evenkeel.service': 'chat',
    'evenkeel.rebalance': 'chat@7',
    'evenkeel.epoch': 7,
    'temporal.workflow_id': 'rebalance/chat',
    'temporal.run_id': 'r-1',
    'temporal.attempt': 2,
  },
};

it('as JSON each line has the ids of the history and of the records', () => {
  const lines: string[] = [];
  const log = createWorkerLog('json', () => undefined, { write: (line) => void lines.push(line) });
  log.say('watcher', 'asked', { service: 'chat', requestId: 'q' });
  log.step(step);
  log.step({ ...step, error: 'Superseded' });
  const read = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(read[0]).toMatchObject({ area: 'watcher', msg: 'asked', service: 'chat', requestId: 'q' });
  expect(read[1]).toMatchObject({
    ...{ level: 30, area: 'saga', msg: 'saga.commit', service: 'chat', rebalance: 'chat@7' },
    ...{ epoch: 7, workflowId: 'rebalance/chat', runId: 'r-1', attempt: 2, tookMs: 30 },
  });
  expect(read[2]).toMatchObject({ level: 40, error: 'Superseded' });
});

it('as text it is sentences for people, and no line per step', () => {
  const lines: string[] = [];
  const log = createWorkerLog('text', (line) => void lines.push(line));
  log.say('platform', 'scaled-by-others', { service: 'chat' });
  log.step(step);
  expect(lines).toEqual(['platform: scaled-by-others {"service":"chat"}']);
});
