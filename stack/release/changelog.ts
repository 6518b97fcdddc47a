// Owns: the sections of CHANGELOG.md. Pure.

/** The text below `## [name]`, trimmed; undefined when there is no such section, or nothing in it. */
export function changelogSection(changelog: string, name: string): string | undefined {
  const sections = changelog.split(/^(?=## )/m);
  const head = new RegExp(`^## \\[${name.replaceAll('.', '\\.')}\\]`);
  const text = sections
    .find((section) => head.test(section))
    ?.replace(/^.*\n/, '')
    .trim();
  return text === '' ? undefined : text;
}

/** Without a section of its version a dry run takes what is unreleased, and a release is refused. */
export function releaseNotes(
  changelog: string,
  version: string,
): { readonly text: string; readonly of: string } | undefined {
  for (const of of [version, 'Unreleased']) {
    const text = changelogSection(changelog, of);
    if (text !== undefined) return { text, of };
  }
  return undefined;
}
