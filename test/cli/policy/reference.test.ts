// docs/policy.md, the schema and the defaults say the same.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../src/cli/policy-file.js';
import { policyJsonSchema } from '../../../src/cli/policy/json-schema.js';
import { policyReference } from '../../../src/cli/policy/reference.js';
import { policyDefaults } from '../../../src/core/scaling/policy.js';
import { root } from '../../support/source-tree.js';

const page = readFileSync(join(root, 'docs/policy.md'), 'utf8');

describe('docs/policy.md', () => {
  it('has only policies that are valid, the smallest first', () => {
    const examples = [...page.matchAll(/```yaml\n([^]*?)```/g)].map(([, text = '']) => text);
    expect(examples.length).toBeGreaterThan(1);
    for (const example of examples) expect(parsePolicy(example).service).toBe('messaging');
    expect(examples[0]?.trim().split('\n')).toHaveLength(4);
  });
});

describe('the schema', () => {
  it('describes every field, and knows every default', () => {
    const undescribed = policyReference()
      .split('\n')
      .slice(2)
      .filter((line) => /\|\s+\|$/.test(line));
    expect(undescribed).toEqual([]);
    const known = Object.keys(policyJsonSchema().properties ?? {});
    expect(Object.keys(policyDefaults).filter((field) => !known.includes(field))).toEqual([]);
  });
});

describe('the chart', () => {
  it('takes every field of a policy in its values', () => {
    const schema = JSON.parse(
      readFileSync(join(root, 'helm/evenkeel/values.schema.json'), 'utf8'),
    ) as { properties: { policy: { properties: object } } };
    const known = Object.keys(schema.properties.policy.properties);
    expect(known.sort()).toEqual(Object.keys(policyJsonSchema().properties ?? {}).sort());
  });
});
