// One rebalance of the simulated world from beginning to end, as the saga of the workflows goes: scale
// up, prepare, commit, tell, hand over, verify, scale down; taken back by a higher revision when it
// fails or is aborted; left where it stands when its worker dies. Decides what kind it is by chance.

import type { ControlPlane, Planned } from './control-plane.js';
import { nameOf } from './names.js';
import type { Random } from '../random.js';

export type Outcome = 'completed' | 'recovered' | 'undone' | 'died';

export interface SagaOptions {
  readonly random: Random;
  readonly instancesMax: number;
  /** How often a saga is aborted or dies; 0 for a world without faults. */
  readonly mishaps: number;
  readonly violate: (invariant: string, text: string) => void;
}

const readyMs = 30_000;
const prepareMs = 15_000;
const appliedMs = 10_000;
const stallMs = 12_000;
/** Attempts to bring a world to rest; each fences who is lost and plans anew. */
const attemptsMax = 40;

/** Where a saga is interrupted, if it is. */
type Mishap = 'none' | 'abort-warm' | 'abort-committed' | 'abort-midway' | 'dies';

export class Saga {
  private readonly control: ControlPlane;
  private readonly options: SagaOptions;
  private readonly random: Random;

  constructor(control: ControlPlane, options: SagaOptions) {
    this.control = control;
    this.options = options;
    this.random = options.random;
  }

  /** The first distribution, or one that brings everything to rest. */
  async settle(members: readonly number[]): Promise<boolean> {
    const { control } = this;
    control.epoch += 1;
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      await control.until(() => members.every((o) => this.isReady(o)), readyMs);
      const live = members.filter((o) => this.isReady(o));
      if (live.length === 0) continue;
      await control.fenceTheLost();
      const planned = await control.commit(await control.plan(live, false));
      await control.publish(control.tell('distribution', planned));
      if ((await control.handOver(planned, stallMs)) === 'held') return true;
    }
    return false;
  }

  /** One rebalance of a kind that chance decides. */
  async rebalance(): Promise<Outcome> {
    const { control, random } = this;
    const { platform } = control.parts;
    const before = platform.replicas;
    const after = this.sizeAfter(before);
    const mishap = this.mishap();
    control.epoch += 1;
    control.pace = {
      clientsPerWave: 1 + random.below(30),
      acceptPerSecond: random.pick([50, 200, 1_000]),
      partitionsPerWave: 1 + random.below(6),
    };
    control.parts.say('control', `${control.rebalance()}: ${before} to ${after} instances`);
    if (after > before) platform.scale(after);
    const members = ordinals(after);
    if (!(await control.until(() => members.every((o) => this.isReady(o)), readyMs))) {
      return this.undo(before);
    }
    const planned = await control.plan(members, random.chance(0.3));
    await control.publish(control.tell('prepare', planned));
    const warm = await control.until(() => control.isWarm(planned), prepareMs);
    if (!warm || mishap === 'abort-warm') {
      await control.say('cancel-prepare');
      return this.undo(before);
    }
    await control.commit(planned);
    if (mishap === 'dies') return this.die(planned);
    if (mishap === 'abort-committed') return this.undo(before);
    await control.publish(control.tell('distribution', planned));
    await control.until(() => control.isApplied(planned), appliedMs);
    return this.carryOver(planned, { before, after, midway: mishap === 'abort-midway' });
  }

  private async carryOver(
    planned: Planned,
    { before, after, midway }: { before: number; after: number; midway: boolean },
  ): Promise<Outcome> {
    const { control, random } = this;
    const abortAtMs = control.parts.process.kernel.nowMs + random.between(0, 400);
    const aborts = (): boolean => midway && control.parts.process.kernel.nowMs >= abortAtMs;
    const end = await control.handOver(planned, stallMs, aborts);
    if (end === 'aborted' || end === 'stalled') return this.undo(before);
    if (end === 'lost' && !(await this.settleAgain(after))) return 'undone';
    if (after < before) this.scaleDown(after);
    return end === 'held' ? 'completed' : 'recovered';
  }

  /** Somebody had to be fenced: plan again with those who are there. */
  private async settleAgain(size: number): Promise<boolean> {
    const { control } = this;
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const live = ordinals(size).filter((o) => this.isReady(o));
      if (live.length > 0) {
        const planned = await control.commit(await control.plan(live, false));
        await control.publish(control.tell('distribution', planned));
        if ((await control.handOver(planned, stallMs)) === 'held') return true;
      } else await control.parts.process.sleep(500);
      await control.fenceTheLost();
    }
    this.options.violate('Served', 'the world does not come to rest after an instance was lost');
    return false;
  }

  /** Nothing is rolled back by deleting: a new, higher revision from actual ownership. */
  private async undo(before: number): Promise<Outcome> {
    const { control } = this;
    control.parts.say('control', `${control.rebalance()}: taken back to ${before} instances`);
    if (await this.settleAgain(before)) this.scaleDown(before);
    return 'undone';
  }

  /** Its worker dies between commit and notify; what it wanted to say may still come, too late. */
  private die(planned: Planned): Outcome {
    const { control, random } = this;
    const late = control.tell('distribution', planned);
    control.parts.say('control', `${control.rebalance()}: its worker dies`);
    if (random.chance(0.7)) {
      control.parts.process.later(() => void control.publish(late), random.between(0, 5_000));
    }
    return 'died';
  }

  /** The platform ends an instance only when the log says that it holds nothing. */
  private scaleDown(size: number): void {
    const { platform } = this.control.parts;
    let to = platform.replicas;
    while (to > size && this.control.heldBy(nameOf(to - 1)) === 0) to -= 1;
    for (let ordinal = to; ordinal < platform.replicas; ordinal += 1) {
      const victim = platform.at(ordinal);
      const held = victim?.handOver.counts().held ?? 0;
      if (victim !== null && held > 0 && this.mayServe(ordinal)) {
        this.options.violate('NoKill', `${victim.incarnation} is ended while it holds ${held}`);
      }
    }
    platform.scale(to);
  }

  private mayServe(ordinal: number): boolean {
    const instance = this.control.parts.platform.at(ordinal);
    if (instance === null) return false;
    for (let p = 0; p < this.control.parts.partitions; p += 1)
      if (instance.maySpeak(p)) return true;
    return false;
  }

  private isReady(ordinal: number): boolean {
    const instance = this.control.parts.platform.at(ordinal);
    return instance?.state === 'ready' && !instance.process.paused;
  }

  private sizeAfter(before: number): number {
    const { random } = this;
    const { instancesMax } = this.options;
    const step = random.pick([-2, -1, -1, 0, 1, 1, 2]);
    return Math.max(Math.min(2, instancesMax), Math.min(instancesMax, before + step));
  }

  private mishap(): Mishap {
    if (!this.random.chance(this.options.mishaps)) return 'none';
    return this.random.pick([
      'abort-warm',
      'abort-committed',
      'abort-midway',
      'abort-midway',
      'dies',
    ]);
  }
}

export function ordinals(size: number): readonly number[] {
  return Array.from({ length: size }, (_, ordinal) => ordinal);
}
