import { parse } from 'yaml';
import { policyDefaults, type Policy } from '../../src/core/scaling/policy.js';
export const parsePolicy = (text: string, _file: string): Policy => ({
  ...policyDefaults,
  ...(parse(text) as Policy),
});
