// The platform of the simulated world: instances 0..n-1 in StatefulSet order, each restarted as a new
// incarnation some time after it ended. Owns how many there shall be; never ends one by itself.

import type { Kernel } from '../kernel.js';
import type { SimInstance } from './instance.js';
import { urlOf } from './names.js';
import type { Random } from '../random.js';

export class Platform {
  replicas = 0;
  /** Every incarnation that ever lived. */
  readonly all: SimInstance[] = [];
  private readonly slots: (SimInstance | null)[] = [];
  private readonly kernel: Kernel;
  private readonly random: Random;
  private readonly create: (ordinal: number, life: number) => SimInstance;
  private readonly lives: number[] = [];

  constructor(
    kernel: Kernel,
    random: Random,
    create: (ordinal: number, life: number) => SimInstance,
  ) {
    this.kernel = kernel;
    this.random = random;
    this.create = create;
  }

  /** Starts what is missing, ends what is above, at once. */
  scale(replicas: number): void {
    this.replicas = replicas;
    for (let ordinal = 0; ordinal < replicas; ordinal += 1) {
      if (this.slots[ordinal] == null) this.start(ordinal);
    }
    for (let ordinal = replicas; ordinal < this.slots.length; ordinal += 1) {
      this.slots[ordinal]?.crash(true);
      this.slots[ordinal] = null;
    }
  }

  live(): readonly SimInstance[] {
    return this.slots.filter((slot) => slot != null);
  }

  at(ordinal: number): SimInstance | null {
    return this.slots[ordinal] ?? null;
  }

  listenerAt(url: string): SimInstance | null {
    return this.slots.find((slot) => slot != null && urlOf(slot.ordinal) === url) ?? null;
  }

  /** The process ended: by a crash, or because it was fenced. */
  ended(instance: SimInstance, isTold: boolean, restartMs: number): void {
    if (!instance.process.alive) return;
    instance.crash(isTold);
    if (this.slots[instance.ordinal] !== instance) return;
    this.slots[instance.ordinal] = null;
    this.kernel.after(restartMs, () => {
      if (instance.ordinal < this.replicas && this.slots[instance.ordinal] == null)
        this.start(instance.ordinal);
    });
  }

  private start(ordinal: number): void {
    const life = (this.lives[ordinal] ?? 0) + 1;
    this.lives[ordinal] = life;
    const instance = this.create(ordinal, life);
    this.slots[ordinal] = instance;
    this.all.push(instance);
    instance.process.later(() => void instance.start(), this.random.between(20, 200));
  }
}
