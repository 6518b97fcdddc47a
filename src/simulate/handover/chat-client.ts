// One client of the simulated world: the real state machine with a simulated socket, timer and
// directory, that chats. The counterpart of src/client/client.ts. What it is told goes to the checker.

import {
  clientWakeAtMs,
  newClient,
  type ClientAction,
  type ClientConfig,
  type ClientEvent,
  type ClientSession,
  type ClientState,
  type FinishedMove,
  type ReceivedMessage,
  type ServerFrame,
} from '../../core/handover/client.js';
import * as limits from '../../limits.js';
import type { Machines } from '../machines.js';
import type { Cancel, Kernel } from '../kernel.js';
import type { Random } from '../random.js';
import { Socket, type Listener } from './sockets.js';

/** What a client needs of the world, and whom it tells. */
export interface ClientWorld {
  readonly kernel: Kernel;
  readonly random: Random;
  readonly machines: Pick<Machines, 'client'>;
  readonly netMs: (client: ChatClient) => number;
  readonly listenerAt: (url: string) => Listener | null;
  /** Answers in its own time, or not at all. */
  readonly ask: (client: ChatClient, answer: (session: ClientSession | null) => void) => void;
  readonly delivered: (client: ChatClient, message: ReceivedMessage) => void;
  readonly accepted: (client: ChatClient, id: string, offset: string) => void;
  readonly moved: (client: ChatClient, move: FinishedMove) => void;
  readonly welcomed: (client: ChatClient, next: number) => void;
  /** A socket was dialled while another was still there, or the client gave up. */
  readonly wrong: (client: ChatClient, text: string) => void;
}

const config: ClientConfig = {
  backoffFirstMs: limits.clientBackoffFirstMs,
  backoffMaxMs: limits.clientBackoffMaxMs,
  retryJitterMs: limits.clientRetryJitterMs,
  redirectsMax: limits.redirectsMax,
  askWithinMs: limits.clientDialWithinMs,
  dialWithinMs: limits.clientDialWithinMs,
  welcomeWithinMs: limits.clientWelcomeWithinMs,
  sendGiveUpMs: limits.sendGiveUpMs,
  sendsInFlightMax: limits.clientSendsInFlightMax,
  sendsQueuedMax: limits.clientSendsQueuedMax,
  sendsPerSecondMax: limits.clientSendsPerSecondMax,
  refusalsMax: limits.clientRefusalsMax,
};

export class ChatClient {
  readonly index: number;
  readonly user: string;
  readonly device: string;
  readonly baseLatencyMs: number;
  state: ClientState = newClient(config);
  socket: Socket | null = null;
  sent = 0;
  private readonly world: ClientWorld;
  private life = 0;
  private cancelWake: Cancel = () => undefined;
  private wakeAtMs = Number.POSITIVE_INFINITY;

  constructor(world: ClientWorld, who: { index: number; user: string; device: string }) {
    this.world = world;
    this.index = who.index;
    this.user = who.user;
    this.device = who.device;
    this.baseLatencyMs = world.random.between(0.3, 15);
  }

  start(): void {
    this.handle({ kind: 'start' });
  }

  /** The device restarts: what it has seen is on its disk, its sockets and unanswered sends are not. */
  restart(offlineMs = 0): void {
    this.life += 1;
    const { life } = this;
    this.socket?.destroy();
    this.socket = null;
    this.state = newClient(config, this.state.next);
    this.world.kernel.after(offlineMs, () => {
      if (life === this.life) this.start();
    });
  }

  say(to: string): void {
    this.sent += 1;
    this.handle({ kind: 'send', id: `${this.sent}`, to, body: '.' });
  }

  isSettled(): boolean {
    return this.state.phase === 'welcomed' && this.state.pending.length === 0;
  }

  private handle(event: ClientEvent): void {
    const { kernel, machines } = this.world;
    const before = this.state.phase;
    const step = machines.client(this.state, event, kernel.nowMs);
    this.state = step.state;
    if (before !== 'welcomed' && step.state.phase === 'welcomed' && step.state.next !== null)
      this.world.welcomed(this, step.state.next);
    for (const action of step.actions) this.perform(action);
    this.arm();
  }

  private arm(): void {
    const atMs = clientWakeAtMs(this.state);
    if (atMs === null || atMs >= this.wakeAtMs) return;
    this.cancelWake();
    this.wakeAtMs = atMs;
    // Whole milliseconds and at least one, as timers are.
    const { kernel } = this.world;
    const waitMs = Math.max(1, Math.ceil(atMs - kernel.nowMs));
    this.cancelWake = kernel.after(waitMs, () => {
      this.wakeAtMs = Number.POSITIVE_INFINITY;
      this.handle({ kind: 'wake', random: this.world.random.next() });
    });
  }

  private perform(action: ClientAction): void {
    switch (action.kind) {
      case 'ask':
        return this.ask(action.ask);
      case 'dial':
        return this.dial(action.socket, action.url);
      case 'destroy':
      case 'finish':
        this.socket?.destroy();
        this.socket = null;
        return;
      case 'write':
        this.socket?.write(JSON.stringify(action.frame));
        return;
      case 'deliver':
        return this.world.delivered(this, action.message);
      case 'accepted':
        return this.world.accepted(this, action.id, action.offset);
      case 'moved':
        return this.world.moved(this, action.move);
      case 'send-failed':
        return;
      case 'stopped':
        return this.world.wrong(this, `gave up: ${action.reason}, ${action.message}`);
    }
  }

  private ask(ask: number): void {
    const { life } = this;
    this.world.ask(this, (session) => {
      if (life !== this.life) return;
      if (session !== null) this.handle({ kind: 'answered', ask, session });
      else {
        const random = this.world.random.next();
        this.handle({ kind: 'unanswered', ask, retryAfterMs: null, random });
      }
    });
  }

  private dial(number: number, url: string): void {
    const { kernel, random } = this.world;
    if (this.socket?.isOpenForClient() === true) this.world.wrong(this, 'dials while connected');
    const { life } = this;
    const isMine = (): boolean => life === this.life;
    const socket: Socket = new Socket(kernel, this.index, () => this.world.netMs(this), {
      opened: () => isMine() && this.handle({ kind: 'opened', socket: number }),
      frame: (text) => {
        if (!isMine()) return;
        const frame = JSON.parse(text) as ServerFrame;
        this.handle({ kind: 'frame', socket: number, frame, random: random.next() });
      },
      lost: (code) =>
        isMine() && this.handle({ kind: 'lost', socket: number, code, random: random.next() }),
    });
    this.socket = socket;
    socket.dial(() => this.world.listenerAt(url));
  }
}
