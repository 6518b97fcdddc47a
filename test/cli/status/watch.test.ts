// The loop of `evenkeel status --watch`, on a run that says a little more at each look.
import type { Client } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { watch } from '../../../src/cli/status/watch.js';
import type { RebalanceDoc } from '../../../src/ports.js';
import type { RebalanceStatus } from '../../../workflows/messages.js';

const request = { requestId: 'r1', reason: 'why not', source: 'operator' } as const;
const step = { phase: 'plan', title: 'plan', note: '', startedAtMs: 1, tookMs: 40 };
const saying = (state: 'running' | 'done') =>
  ({
    phase: 'plan',
    plan: null,
    undoes: null,
    progress: null,
    gone: [],
    request,
    queued: [],
    awaitsApproval: false,
    approvalUntilMs: null,
    steps: [{ ...step, state }],
    ahead: [],
    notes: [],
    outcomes: [],
  }) as unknown as RebalanceStatus;

interface Look {
  readonly runId?: string;
  readonly state: string;
  readonly status?: RebalanceStatus;
}

/** Answers each look with the next; a text is an error, and the last one is said again and again. */
function clientSaying(looks: readonly (Look | string)[]): Client {
  let at = 0;
  const handle = {
    describe: async () => {
      const look = looks[Math.min(at, looks.length - 1)] as Look | string;
      at += 1;
      if (typeof look === 'string') throw new Error(look);
      const { runId = 'run-1', state } = look;
      const status = { name: state };
      return { workflowId: 'rebalance/chat', runId, status, startTime: new Date(0), raw: {} };
    },
    query: async () => {
      const look = looks[Math.min(at, looks.length) - 1] as Look;
      if (look.status === undefined) throw new Error('no worker');
      return look.status;
    },
  };
  return {
    workflow: { getHandle: () => handle },
    withDeadline: (_deadline: number, work: () => Promise<unknown>) => work(),
    options: { loadedDataConverter: {} },
  } as unknown as Client;
}

const outcomes: Readonly<Record<string, string>> = { 'run-1': 'completed', 'run-2': 'undone' };
const configDb = {
  rebalances: async (): Promise<readonly RebalanceDoc[]> =>
    Object.entries(outcomes).map(([runId, outcome]) => {
      const body = { request, outcome, text: `${runId} ended` };
      return { id: `chat@${runId}`, service: 'chat', runId, body, atMs: 1 };
    }),
};

async function watched(
  looks: readonly (Look | string)[],
  how: { readonly json?: boolean; readonly columns?: number } = {},
) {
  let out = '';
  const live = {
    json: how.json ?? false,
    columns: () => how.columns,
    width: () => how.columns ?? 80,
    write: (text: string) => void (out += text),
  };
  const client = clientSaying(looks);
  const result = await watch({
    client,
    configDb,
    service: 'chat',
    follow: false,
    live,
    everyMs: 1,
  });
  return { out, code: result.exitCode, result };
}

const running = { state: 'RUNNING', status: saying('running') };
const planned = { state: 'RUNNING', status: saying('done') };
const over = { state: 'COMPLETED', status: saying('done') };

describe('watching a rebalance', () => {
  it('writes one object a change and ends with the run', async () => {
    const { out, code } = await watched([running, running, planned, planned, over], { json: true });
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { state: string; last: { outcome: string } | null });
    expect(lines.map(({ state }) => state)).toEqual(['RUNNING', 'RUNNING', 'COMPLETED']);
    expect(lines.at(-1)?.last).toMatchObject({ outcome: 'completed' });
    expect(code).toBe(0);
  });

  it('writes a line a change where nothing can be drawn again', async () => {
    const { out } = await watched([running, running, planned, over]);
    const said = out
      .trim()
      .split('\n')
      .map((line) => line.replace(/^\S+ \S+ {2}/, ''));
    expect(said.slice(1)).toEqual([
      'asked by operator: why not',
      'plan …',
      'plan after 40 ms',
      'chat: completed: run-1 ended',
    ]);
  });

  it('draws over its last frame in a terminal', async () => {
    const { out } = await watched([running, over], { columns: 80 });
    const [first, second] = out.split('\x1b[0J');
    const height = (first ?? '').split('\n').length - 1;
    expect(first).toMatch(new RegExp(`\\x1b\\[${height}A\\r$`));
    expect(second).toContain('chat: completed: run-1 ended');
  });

  it('goes on when the server does not answer for a while, and says so once', async () => {
    const away = 'Temporal is away';
    const { out, code } = await watched([running, away, away, away, over]);
    expect(out.match(/cannot look: Temporal is away/g)).toHaveLength(1);
    expect(code).toBe(0);
  });

  it('fails at once when it cannot look at all', async () => {
    await expect(watched(['Temporal is away'])).rejects.toThrow('Temporal is away');
  });

  it('ends with the outcome of the run as its exit status', async () => {
    const undone = { runId: 'run-2', state: 'FAILED', status: saying('done') };
    expect((await watched([{ ...running, runId: 'run-2' }, undone])).code).toBe(1);
    expect((await watched([undone])).code).toBe(0); // It was over before anybody watched.
    const dead = { runId: 'run-9', state: 'TERMINATED' };
    expect((await watched([{ ...running, runId: 'run-9' }, dead])).code).toBe(1);
  });
});
