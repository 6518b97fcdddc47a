// Owns: the Platform port in memory, for tests and simulations: instances are records that start,
// become ready and end at once, or when told to. Never starts a process.

import { instanceName } from '../../core/records.js';
import { BadInputError } from '../../errors.js';
import type { InstancePhase, Platform, PlatformInstance, PlatformView } from '../../ports.js';

export interface MemoryPlatformOptions {
  /** False: instances stay `starting` until `ready` is called. Default true; asked at each start. */
  readonly autoReady?: boolean | ((instance: { readonly template: string }) => boolean);
  readonly url?: (service: string, ordinal: number) => string;
  onStart?(service: string, instance: PlatformInstance): void;
  /** Awaited before the instance is gone, as a termination grace period. */
  onStop?(service: string, instance: PlatformInstance): void | Promise<void>;
}

export interface MemoryPlatform extends Platform {
  /** Declares a service with its first instances. */
  declare(service: string, options?: { readonly replicas?: number }): void;
  /**
   * The process ends by itself and is started again with a new uid, unless `stays` is `down`: then
   * not before `revive`. Returns the ended uid.
   */
  crash(service: string, instance: string, stays?: 'down'): string;
  revive(service: string): void;
  ready(service: string, instance: string): void;
}

interface Running {
  readonly name: string;
  readonly ordinal: number;
  readonly uid: string;
  readonly url: string;
  readonly template: string;
  phase: InstancePhase;
}

interface Declared {
  replicas: number;
  epoch: number;
  writes: number;
  readonly running: Map<number, Running>;
  /** Ordinals that do not start: their machine is away. */
  readonly down: Set<number>;
  /** By ordinal, how often a process of it crashed since it was put there. */
  readonly crashes: Map<number, number>;
  removing: boolean;
  /** Versions, the present one last. */
  templates: readonly string[];
}

const firstTemplate = 'template-1';

export function createMemoryPlatform(options: MemoryPlatformOptions = {}): MemoryPlatform {
  const services = new Map<string, Declared>();
  const ended = new Set<string>();
  let lives = 0;

  const declared = (service: string): Declared => {
    const found = services.get(service);
    if (found !== undefined) return found;
    throw new BadInputError(`no service ${service} is declared here`, {
      field: 'service',
      found: service,
      allowed: [...services.keys()].join(', '),
    });
  };
  const running = (service: string, name: string): Running => {
    const found = [...declared(service).running.values()].find(
      (instance) => instance.name === name,
    );
    if (found !== undefined) return found;
    throw new BadInputError(`${name} does not run`, { field: 'name', found: name });
  };

  const startsReady = (template: string): boolean => {
    const { autoReady = true } = options;
    return typeof autoReady === 'boolean' ? autoReady : autoReady({ template });
  };
  const templateOf = (state: Declared): string => state.templates.at(-1) as string;

  const startMissing = (service: string, state: Declared): void => {
    for (let ordinal = 0; ordinal < state.replicas; ordinal += 1) {
      if (state.running.has(ordinal) || state.down.has(ordinal)) continue;
      const name = instanceName(service, ordinal);
      lives += 1;
      const template = templateOf(state);
      const instance: Running = {
        name,
        ordinal,
        uid: `${name}#${lives}`,
        url: options.url?.(service, ordinal) ?? `ws://${name}.test`,
        template,
        phase: startsReady(template) ? 'ready' : 'starting',
      };
      state.running.set(ordinal, instance);
      options.onStart?.(service, { ...instance });
    }
  };

  /** Highest first, one at a time; stops when a scale-up wants the rest again. */
  const removeSurplus = async (service: string, state: Declared): Promise<void> => {
    if (state.removing) return;
    state.removing = true;
    for (;;) {
      const surplus = [...state.running.values()].filter(
        ({ ordinal }) => ordinal >= state.replicas,
      );
      const highest = surplus.sort((a, b) => b.ordinal - a.ordinal)[0];
      if (highest === undefined) break;
      highest.phase = 'terminating';
      await options.onStop?.(service, { ...highest });
      state.running.delete(highest.ordinal);
      state.crashes.delete(highest.ordinal);
      ended.add(highest.uid);
      startMissing(service, state); // It may have been wanted again meanwhile.
    }
    state.removing = false;
  };

  const view = (service: string, state: Declared): PlatformView => ({
    service,
    replicas: state.replicas,
    epoch: state.epoch,
    version: String(state.writes),
    instances: [...state.running.values()]
      .sort((a, b) => a.ordinal - b.ordinal)
      .map((instance) => ({ ...instance })),
    template: templateOf(state),
    troubles: {},
    ends: Object.fromEntries(
      [...state.crashes].map(([ordinal, ends]) => [instanceName(service, ordinal), ends]),
    ),
  });

  return {
    declare: (service, { replicas = 0 } = {}) => {
      const state: Declared = {
        replicas,
        epoch: 0,
        writes: 0,
        running: new Map(),
        down: new Set(),
        crashes: new Map(),
        removing: false,
        templates: [firstTemplate],
      };
      services.set(service, state);
      startMissing(service, state);
    },
    crash: (service, name, stays) => {
      const state = declared(service);
      const instance = running(service, name);
      state.running.delete(instance.ordinal);
      state.crashes.set(instance.ordinal, (state.crashes.get(instance.ordinal) ?? 0) + 1);
      if (stays === 'down') state.down.add(instance.ordinal);
      ended.add(instance.uid);
      startMissing(service, state);
      return instance.uid;
    },
    revive: (service) => {
      const state = declared(service);
      state.down.clear();
      startMissing(service, state);
    },
    ready: (service, name) => {
      running(service, name).phase = 'ready';
    },
    observe: async (service) => view(service, declared(service)),
    scale: async (service, to) => {
      const state = declared(service);
      if (to.epoch < state.epoch) return { kind: 'superseded', epoch: state.epoch };
      const before = view(service, state);
      if (to.version !== before.version) return { kind: 'conflict', view: before };
      if (to.replicas !== state.replicas || to.epoch !== state.epoch) {
        state.writes += 1;
        state.replicas = to.replicas;
        state.epoch = to.epoch;
        startMissing(service, state);
        void removeSurplus(service, state);
      }
      return { kind: 'scaled', view: view(service, state) };
    },
    hasEnded: async (_service, uid) => ended.has(uid),
    setTemplate: async (service, { epoch, ...to }) => {
      const state = declared(service);
      if (epoch < state.epoch) return { kind: 'superseded', epoch: state.epoch };
      const wanted = 'image' in to ? `template-of-${to.image}` : to.template;
      if (!('image' in to) && !state.templates.includes(wanted)) {
        return { kind: 'refused', why: `no template ${wanted} is known` };
      }
      if (wanted !== templateOf(state)) state.writes += 1;
      state.templates = [...state.templates.filter((one) => one !== wanted), wanted];
      return { kind: 'set', view: view(service, state) };
    },
    restart: async (service, { instance: name, uid, epoch }) => {
      const state = declared(service);
      if (epoch < state.epoch) return { kind: 'superseded', epoch: state.epoch };
      const instance = [...state.running.values()].find((one) => one.name === name);
      if (instance === undefined || instance.uid !== uid) return { kind: 'gone' };
      instance.phase = 'terminating';
      void (async () => {
        await options.onStop?.(service, { ...instance });
        ended.add(uid);
        // It may have crashed meanwhile.
        if (state.running.get(instance.ordinal)?.uid !== uid) return;
        state.running.delete(instance.ordinal);
        state.crashes.delete(instance.ordinal);
        startMissing(service, state);
      })();
      return { kind: 'restarting' };
    },
  };
}
