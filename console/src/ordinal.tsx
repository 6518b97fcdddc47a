// Owns: how an instance is known again everywhere on the page: its ordinal as a number on its colour, and
// from the ninth on a pattern as well. Colour is never the only sign.

const colours = 8;

export const ordinalOf = (name: string | null): number | null => {
  const found = /-(\d+)$/.exec(name ?? '');
  return found === null ? null : Number(found[1]);
};

/** The class that gives a thing the colour of an instance. */
export function ownerClass(name: string | null): string {
  const ordinal = ordinalOf(name);
  if (ordinal === null) return 'owner none';
  return `owner o${ordinal % colours}${ordinal >= colours ? ' again' : ''}`;
}

export function Badge({ name }: { readonly name: string | null }) {
  const ordinal = ordinalOf(name);
  return (
    <span class={`badge ${ownerClass(name)}`} aria-hidden="true">
      {ordinal ?? '–'}
    </span>
  );
}

export function Instance({ name }: { readonly name: string | null }) {
  return (
    <span class="instance">
      <Badge name={name} />
      <span>{name ?? 'nobody'}</span>
    </span>
  );
}
