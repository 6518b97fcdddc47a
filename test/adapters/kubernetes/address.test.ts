import { expect, it } from 'vitest';
import { addressOf, defaultAddressTemplate } from '../../../src/adapters/kubernetes/address.js';

const parts = { name: 'chat-2', ordinal: 2, namespace: 'prod', service: 'messaging' };

it('fills in name, ordinal, namespace and service', () => {
  expect(addressOf(defaultAddressTemplate)(parts)).toBe(
    'ws://chat-2.messaging.prod.svc.cluster.local:8080',
  );
  expect(addressOf('wss://m{ordinal}.example.com/ws')(parts)).toBe('wss://m2.example.com/ws');
});

it('refuses a template that cannot work, saying why', () => {
  expect(() => addressOf('ws://{pod}.example')).toThrow('{pod}');
  expect(() => addressOf('ws://{service}.example')).toThrow('same address');
  expect(() => addressOf('http://{name}')).toThrow('ws:// or wss://');
});
