// The Platform port: whoever runs the instances, and what each of them runs. Part of src/ports.ts, with
// its laws in the comments; test/contract/platform.ts holds every implementation to them. Types only.

export type InstancePhase = 'starting' | 'ready' | 'terminating';

export interface PlatformInstance {
  readonly name: string;
  readonly ordinal: number;
  /** Identity of this process or pod; a restarted one has another. */
  readonly uid: string;
  /**
   * Where the platform does not see how a process calls itself: what its processes' own names begin with, of
   * all their lives there. Absent where `uid` is that name.
   */
  readonly pod?: string;
  readonly phase: InstancePhase;
  /** Where clients reach it. */
  readonly url: string;
  /** Version of the template that it was started with; absent where the platform cannot tell. */
  readonly template?: string;
}

export interface PlatformView {
  readonly service: string;
  /** What the platform was told to run: ordinals 0..replicas-1. */
  readonly replicas: number;
  /** Highest epoch that wrote here. */
  readonly epoch: number;
  /** Precondition for the next write. */
  readonly version: string;
  readonly instances: readonly PlatformInstance[];
  /** Somebody else changed the number since the last `scale`: it counts, and is never changed back. */
  readonly foreign?: ForeignScaling;
  /** Version of the template that instances are started with from now on; absent where it cannot tell. */
  readonly template?: string;
  /** By name, why instances that shall run do not, in the platform's own words, where it has any. */
  readonly troubles?: Readonly<Record<string, string>>;
  /**
   * By name, how often the process of an instance ended by itself since the platform last put the instance
   * there (a pod, a restart). Without those of whom none did; absent where it cannot tell.
   */
  readonly ends?: Readonly<Record<string, number>>;
}

/** The number of instances was changed by an autoscaler or a person, not by `scale`. */
export interface ForeignScaling {
  /** What `scale` had asked for. */
  readonly from: number;
  /** Who did it, as the platform tells it; null when it does not. */
  readonly by: string | null;
}

export type ScaleResult =
  | { readonly kind: 'scaled'; readonly view: PlatformView }
  /** Somebody else wrote in between: look again. */
  | { readonly kind: 'conflict'; readonly view: PlatformView }
  /** A higher epoch wrote here: stop. */
  | { readonly kind: 'superseded'; readonly epoch: number };

/** From now on another image, or an earlier template that the platform still knows. */
export type TemplateChange = { readonly image: string } | { readonly template: string };

export type TemplateResult =
  | { readonly kind: 'set'; readonly view: PlatformView }
  /** It cannot be: a sentence. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'superseded'; readonly epoch: number };

export type RestartResult =
  /** It is being ended, and is started again with the present template. */
  | { readonly kind: 'restarting' }
  /** That process is not the one that runs under this name: nothing was done. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'superseded'; readonly epoch: number };

/**
 * Runs instances in StatefulSet order: ordinals 0..n-1, highest removed first. Laws: `scale` with an
 * epoch lower than the highest seen changes nothing; with another version than the current one
 * changes nothing; scaling to the present number is a no-op that succeeds; an instance that ends by
 * itself is started again with a new uid. A number that somebody else changed is the number. Instances
 * are started with the present template; `setTemplate` restarts none, and makes no new version of what a
 * template says already; `restart` ends that very process and no other. Both change nothing under an epoch
 * lower than the highest seen.
 */
export interface Platform {
  observe(service: string): Promise<PlatformView>;
  scale(
    service: string,
    to: { readonly replicas: number; readonly epoch: number; readonly version: string },
  ): Promise<ScaleResult>;
  /** Whether that very process has certainly ended (never a guess: false when unknown). */
  hasEnded(service: string, uid: string): Promise<boolean>;
  setTemplate(
    service: string,
    to: TemplateChange & { readonly epoch: number },
  ): Promise<TemplateResult>;
  restart(
    service: string,
    which: { readonly instance: string; readonly uid: string; readonly epoch: number },
  ): Promise<RestartResult>;
}
