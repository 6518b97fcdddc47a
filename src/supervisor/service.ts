// Owns: the ordinals of one service: which shall run, in which order they start and end, and who may
// change that. Ordinals 0..replicas-1 start side by side; the highest beyond is removed first, one
// at a time. Never looks into an instance beyond its probe.
//
//   (absent) ── wanted ──► starting ◄──► ready ── not wanted ──► terminating ──► (absent)
//        ▲                     └─────────┴── ends by itself: back-off, new uid ──┐
//        └──────────────────────────────────────────────────────────────────────┘

import { instanceName } from '../core/records.js';
import type {
  PlatformInstance,
  PlatformView,
  RestartResult,
  ScaleResult,
  TemplateResult,
} from '../ports.js';
import {
  startInstance,
  urlOf,
  type InstancePorts,
  type InstanceProcess,
} from './instance-process.js';
import { endedUidsToldMax, restartBackoffMs, stableAfterMs, terminationGraceMs } from './limits.js';
import type { ScaleRequest, ServiceSpec, TemplateRequest } from './spec.js';
import { keepTemplates } from './templates.js';

export interface ServiceSurroundings {
  readonly logDir: string;
  /** Two ports for an ordinal that has none yet. */
  readonly choosePorts: () => Promise<InstancePorts>;
  /** One line for the supervisor's log. */
  readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
  /** The process with this uid has certainly ended. */
  readonly onEnded: (uid: string) => void;
  /** Prefix of versions: those of an earlier supervisor are never right. */
  readonly boot: string;
}

export interface Service {
  view(): PlatformView;
  scale(request: ScaleRequest): ScaleResult;
  /** What instances are started with from now on; running ones stay as they are. */
  redeclare(spec: ServiceSpec): void;
  setTemplate(request: TemplateRequest): TemplateResult;
  /** Ends that process; its end starts the next one. */
  restart(name: string, which: { readonly uid: string; readonly epoch: number }): RestartResult;
  /** The running process of an instance, if any. */
  process(name: string): InstanceProcess | undefined;
  /** Ends everything, all at once; nothing is started afterwards. */
  shutdown(graceMs: number): Promise<void>;
}

/** One ordinal; `life` is absent between two lives. */
interface Slot {
  readonly ordinal: number;
  readonly ports: InstancePorts;
  life?: InstanceProcess | undefined;
  starting: boolean;
  /** Its life is being ended from here, to be followed by another. */
  restarting?: boolean;
  /** Ended by itself so many times in short order. */
  failures: number;
  retry?: NodeJS.Timeout | undefined;
  /** The same since it was last put there, or started again from here. */
  ends: number;
  /** How the last life ended, unless it was ended from here. */
  lastEnd?: string | undefined;
  /** The last ones, newest last. */
  endedUids: readonly string[];
}

/** Runs a service from now on until `shutdown`. */
export function runService(
  name: string,
  declared: ServiceSpec,
  around: ServiceSurroundings,
): Service {
  const templates = keepTemplates(declared);
  let replicas = declared.replicas;
  let epoch = 0;
  let writes = 0;
  let closing = false;
  let running: Promise<void> | undefined;
  let again = false;
  const slots = new Map<number, Slot>();
  const grace = (): number => templates.current().spec.terminationGraceMs ?? terminationGraceMs;

  const view = (): PlatformView => ({
    service: name,
    replicas,
    epoch,
    version: `${around.boot}-${writes}`,
    instances: [...slots.values()].sort((a, b) => a.ordinal - b.ordinal).flatMap(viewOfSlot),
    template: templates.current().version,
    troubles: troubles(),
    ends: Object.fromEntries(
      [...slots.values()]
        .filter(({ ordinal, ends }) => ordinal < replicas && ends > 0)
        .map(({ ordinal, ends }) => [instanceName(name, ordinal), ends]),
    ),
  });

  /** Who ended by itself, again and again or not yet back. */
  const troubles = (): Readonly<Record<string, string>> => {
    const told = [...slots.values()].flatMap(({ ordinal, life, failures, lastEnd }) => {
      if (ordinal >= replicas || lastEnd === undefined || life?.phase() === 'ready') return [];
      const times = failures === 1 ? 'once' : `${failures} times in short order`;
      return [[instanceName(name, ordinal), `ended by itself ${times}, last: ${lastEnd}`] as const];
    });
    return Object.fromEntries(told);
  };

  /** Brings what runs one step nearer to what shall run; called after every change, never twice at once. */
  const reconcile = (): void => {
    if (running !== undefined) {
      again = true;
      return;
    }
    running = step()
      .catch((error: unknown) =>
        around.log('cannot reconcile', { service: name, error: String(error) }),
      )
      .finally(() => {
        running = undefined;
        if (again) {
          again = false;
          reconcile();
        }
      });
  };

  const step = async (): Promise<void> => {
    for (let ordinal = 0; ordinal < replicas && !closing; ordinal += 1) {
      const slot = slots.get(ordinal) ?? (await addSlot(ordinal));
      if (slot.life === undefined && !slot.starting && slot.retry === undefined) void start(slot);
    }
    const removable = [...slots.values()].filter((slot) => slot.ordinal >= replicas);
    for (const slot of removable) {
      stopRetrying(slot);
      slot.ends = 0;
    }
    const alive = removable.filter((slot) => slot.life !== undefined);
    const highest = alive.sort((a, b) => b.ordinal - a.ordinal)[0];
    // Its end reconciles again, which is when the next one's turn comes.
    if (highest?.life !== undefined && !closing) void highest.life.terminate(grace());
  };

  const addSlot = async (ordinal: number): Promise<Slot> => {
    const slot: Slot = {
      ordinal,
      ports: await around.choosePorts(),
      starting: false,
      failures: 0,
      ends: 0,
      endedUids: [],
    };
    slots.set(ordinal, slot);
    return slot;
  };

  const start = async (slot: Slot): Promise<void> => {
    const instance = instanceName(name, slot.ordinal);
    const startedAtMs = performance.now();
    slot.starting = true;
    let how: string;
    try {
      const { ordinal, ports } = slot;
      const life = await startInstance({
        service: name,
        ordinal,
        template: templates.current(),
        ports,
        endedUids: slot.endedUids,
        logDir: around.logDir,
      });
      slot.life = life;
      slot.starting = false;
      around.log('instance started', { instance, uid: life.uid, pid: life.pid, url: urlOf(ports) });
      reconcile(); // It may be unwanted by now.
      if (closing) void life.terminate(0);
      how = await life.ended;
      slot.life = undefined;
      around.onEnded(life.uid);
      slot.endedUids = [...slot.endedUids, life.uid].slice(-endedUidsToldMax);
    } catch (error) {
      slot.starting = false;
      how = error instanceof Error ? error.message : String(error);
    }
    around.log('instance ended', { instance, how });
    const wasTold = slot.restarting === true;
    slot.restarting = false;
    slot.lastEnd = wasTold ? undefined : how;
    if (wasTold) slot.failures = 0;
    slot.ends = wasTold ? 0 : slot.ends + 1;
    if (slot.ordinal < replicas && !closing) {
      if (performance.now() - startedAtMs > stableAfterMs) slot.failures = 0;
      const waitMs = restartBackoffMs[Math.min(slot.failures, restartBackoffMs.length - 1)] ?? 0;
      if (!wasTold) slot.failures += 1;
      slot.retry = setTimeout(() => {
        slot.retry = undefined;
        reconcile();
      }, waitMs);
    } else {
      slot.failures = 0;
      slot.ends = 0;
    }
    reconcile();
  };

  const scale = (request: ScaleRequest): ScaleResult => {
    if (request.epoch < epoch) return { kind: 'superseded', epoch };
    if (request.version !== view().version) return { kind: 'conflict', view: view() };
    if (request.replicas !== replicas || request.epoch !== epoch) {
      around.log('scaled', {
        service: name,
        from: replicas,
        to: request.replicas,
        epoch: request.epoch,
      });
      writes += 1;
      replicas = request.replicas;
      epoch = request.epoch;
      reconcile();
    }
    return { kind: 'scaled', view: view() };
  };

  const setTemplate = ({ epoch: by, ...to }: TemplateRequest): TemplateResult => {
    if (by < epoch) return { kind: 'superseded', epoch };
    const before = templates.current().version;
    const why = templates.change(to);
    if (why !== undefined) return { kind: 'refused', why };
    const { version } = templates.current();
    if (version !== before) {
      writes += 1;
      around.log('template set', { service: name, from: before, to: version, epoch: by });
    }
    return { kind: 'set', view: view() };
  };

  const restart: Service['restart'] = (instance, { uid, epoch: by }) => {
    if (by < epoch) return { kind: 'superseded', epoch };
    const slot = [...slots.values()].find(({ life }) => life?.name === instance);
    if (slot?.life?.uid !== uid) return { kind: 'gone' };
    slot.restarting = true;
    around.log('restarting', { instance, uid, epoch: by });
    void slot.life.terminate(grace());
    return { kind: 'restarting' };
  };

  const shutdown = async (graceMs: number): Promise<void> => {
    closing = true;
    for (const slot of slots.values()) stopRetrying(slot);
    await running;
    const lives = [...slots.values()].flatMap(({ life }) => (life === undefined ? [] : [life]));
    await Promise.all(lives.map((life) => life.terminate(graceMs, 'SIGINT')));
  };

  const viewOfSlot = ({ ordinal, ports, life }: Slot): PlatformInstance[] =>
    life === undefined
      ? []
      : [
          {
            ...{ name: life.name, ordinal, uid: life.uid, phase: life.phase() },
            ...{ url: urlOf(ports), template: life.template },
          },
        ];

  reconcile();
  return {
    view,
    scale,
    redeclare: (next) => templates.declare(next),
    setTemplate,
    restart,
    process: (instance) => [...slots.values()].find(({ life }) => life?.name === instance)?.life,
    shutdown,
  };
}

function stopRetrying(slot: Slot): void {
  clearTimeout(slot.retry);
  slot.retry = undefined;
}
