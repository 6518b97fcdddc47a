// Owns: the settings that say who runs the instances, with the option of each. Opens nothing.

import { BadInputError } from '../errors.js';

/** Kubernetes or the local supervisor. */
export const platformSettings = {
  EVENKEEL_SUPERVISOR_URL: { flag: '--supervisor-url', example: 'http://127.0.0.1:7400' },
  EVENKEEL_SUPERVISOR_TOKEN: {
    flag: '--supervisor-token',
    example: 'the token it was started with',
  },
  EVENKEEL_PLATFORM: { flag: '--platform', example: 'kubernetes (default: supervisor)' },
  EVENKEEL_KUBECONFIG: { flag: '--kubeconfig', example: '~/.kube/config' },
  EVENKEEL_KUBECONTEXT: { flag: '--kube-context', example: 'production' },
  EVENKEEL_NAMESPACE: { flag: '--namespace', example: 'chat' },
  EVENKEEL_STATEFULSETS: { flag: '--stateful-sets', example: 'messaging=chat-messaging' },
  EVENKEEL_ADDRESS_TEMPLATE: {
    flag: '--address-template',
    example: 'wss://{name}.chat.example.com',
  },
} as const;

export type PlatformSetting = keyof typeof platformSettings;
export const platformSettingNames = Object.keys(platformSettings) as readonly PlatformSetting[];

/** Throws BadInputError for a platform that there is not. */
export async function platformKind(
  find: (name: PlatformSetting) => Promise<string | undefined>,
): Promise<'kubernetes' | 'supervisor'> {
  const kind = (await find('EVENKEEL_PLATFORM')) ?? 'supervisor';
  if (kind === 'kubernetes' || kind === 'supervisor') return kind;
  throw new BadInputError(`EVENKEEL_PLATFORM is ${kind}`, {
    field: 'EVENKEEL_PLATFORM',
    found: kind,
    allowed: 'kubernetes, or supervisor (default): who runs the instances',
  });
}
