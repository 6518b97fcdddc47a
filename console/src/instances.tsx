// Owns: the instances: load of each against the policy's thresholds, what it holds, who came and went.

import type { InstancePicture, Now } from '../../src/console/picture.js';
import { Badge, ownerClass } from './ordinal.js';
import { count, duration, plural } from './words.js';

export function Instances({ now }: { readonly now: Now }) {
  const { instances, thresholds } = now;
  const most = Math.max(1, ...instances.map(({ clients }) => clients ?? 0));
  const scale = Math.max(most, (thresholds?.upper ?? 0) * 1.15);
  return (
    <section class="card" aria-labelledby="instances">
      <div class="head">
        <h2 id="instances">Instances</h2>
        {thresholds !== null && (
          <span class="note">
            clients each: shrinks below {count(thresholds.lower)}, wants {count(thresholds.target)},
            grows above {count(thresholds.upper)}
          </span>
        )}
      </div>
      {instances.length === 0 && <p class="empty">None runs.</p>}
      <ul class="instances">
        {instances.map((one) => (
          <Row key={one.name} one={one} now={now} scale={scale} />
        ))}
      </ul>
    </section>
  );
}

function Row({ one, now, scale }: { one: InstancePicture; now: Now; scale: number }) {
  const { name, phase, clients, partitions, ranges, revision, left, arrived, gap } = one;
  const upper = now.thresholds?.upper ?? null;
  const isHot = upper !== null && clients !== null && clients > upper;
  const behind = revision !== null && now.revision !== null && revision < now.revision;
  return (
    <li>
      <div class="row-head">
        <Badge name={name} />
        <b>{name}</b>
        {phase !== null && phase !== 'ready' && <span class="chip">{phase}</span>}
        {behind && <span class="chip">at revision {revision}</span>}
        {isHot && <span class="chip hot">above {count(upper)}</span>}
        <span class="load-figure">
          {clients === null ? 'no report' : plural(clients, 'client')}
        </span>
      </div>
      <Meter name={name} clients={clients ?? 0} now={now} scale={scale} />
      <p class="note">
        {partitions === 0 ? 'holds nothing' : `${plural(partitions, 'partition')}: ${ranges}`}
        {left > 0 && ` · ${plural(left, 'client')} moved away`}
        {arrived > 0 && ` · ${plural(arrived, 'client')} came`}
        {gap !== null && `, gone for ${duration(gap.p99)} (P99), ${duration(gap.max)} at most`}
      </p>
    </li>
  );
}

function Meter(props: { name: string; clients: number; now: Now; scale: number }) {
  const { name, clients, now, scale } = props;
  const share = (value: number) => `${Math.min(100, (value / scale) * 100)}%`;
  const { thresholds } = now;
  return (
    <svg class={`meter ${ownerClass(name)}`} width="100%" height="14" aria-hidden="true">
      <rect class="rail" width="100%" height="14" rx="3" />
      <rect class="fill" width={share(clients)} height="14" rx="3" />
      {thresholds !== null &&
        (['lower', 'target', 'upper'] as const).flatMap((bound) => {
          const x = share(thresholds[bound]);
          // On its own ground, so that it is seen on the load as well as beside it.
          return ['ground', `tick ${bound}`].map((kind) => (
            <line key={`${bound} ${kind}`} class={kind} x1={x} x2={x} y1="0" y2="14" />
          ));
        })}
    </svg>
  );
}
