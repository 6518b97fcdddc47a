// Owns: rules of others by which a number of instances may be chosen, with their documented defaults, for
// comparison. Models, not their code: each says what it leaves out. Never counts anything.

/** What a rule wants, evaluated every `everyMs`. */
export interface Rule {
  /** @returns instances to have; `asked` is how many it asked for last */
  desired(nowMs: number, load: number, asked: number): number;
}

export type RuleMaker = (target: number, everyMs: number) => Rule;

/** As many as the load needs at the target, at once, whatever it was before. */
export const thresholdOnly: RuleMaker = (target) => ({
  desired: (_, load) => Math.max(1, Math.ceil(load / target)),
});

const syncMs = 15_000;
const tolerance = 0.1;
const downWindowMs = 300_000;
const upPodsPerSync = 4;
const upSharePerSync = 1;

/**
 * Kubernetes' HorizontalPodAutoscaler (autoscaling/v2) with its defaults and an average value per pod:
 * synced every 15 s, tolerance 10 %, up by the larger of 4 pods and 100 % in 15 s, down to the highest
 * recommendation of 5 minutes, by any number. Left out: what it does while pods have no metrics.
 */
export const hpaLike: RuleMaker = (target, everyMs) => {
  const syncs = Math.max(1, Math.round(everyMs / syncMs));
  let recommended: { readonly atMs: number; readonly instances: number }[] = [];
  return {
    desired: (nowMs, load, asked) => {
      const ratio = asked === 0 ? Infinity : load / (asked * target);
      const within = Math.abs(ratio - 1) <= tolerance;
      const wanted = within ? asked : Math.max(1, Math.ceil(load / target));
      recommended = recommended.filter(({ atMs }) => atMs > nowMs - downWindowMs);
      recommended.push({ atMs: nowMs, instances: wanted });
      if (wanted <= asked) {
        const most = Math.max(...recommended.map(({ instances }) => instances));
        return Math.min(asked, most);
      }
      let allowed = asked;
      for (let sync = 0; sync < syncs && allowed < wanted; sync += 1)
        allowed += Math.max(upPodsPerSync, Math.ceil(allowed * upSharePerSync));
      return Math.min(wanted, allowed);
    },
  };
};

const pollMs = 30_000;
const cooldownMs = 300_000;

/**
 * KEDA with its defaults: the metric is read every 30 s; between one and the maximum the HPA above decides
 * on it; to zero after 300 s without load.
 */
export const kedaLike: RuleMaker = (target, everyMs) => {
  const hpa = hpaLike(target, everyMs);
  let polled = { atMs: -Infinity, load: 0 };
  let activeAtMs = -Infinity;
  return {
    desired: (nowMs, load, asked) => {
      if (nowMs - polled.atMs >= pollMs) polled = { atMs: nowMs, load };
      if (polled.load > 0) activeAtMs = nowMs;
      if (nowMs - activeAtMs >= cooldownMs) return 0;
      return Math.max(1, hpa.desired(nowMs, polled.load, asked));
    },
  };
};
