// Queries as a policy writes them, with `{{service}}` in the place of the service's name. Pure.

/** A name of a service needs no escaping in PromQL; what could end a string there is refused all the same. */
export function queryOf(template: string, service: string): string {
  if (/["'`\\\n]/.test(service)) throw new Error(`no name of a service: ${service}`);
  return template.replaceAll('{{service}}', () => service);
}

/** For services that count as the reference service does. */
export const defaultQueries = {
  clients: 'sum(evenkeel_connected_clients{service="{{service}}"})',
  instances: 'sum by (instance) (evenkeel_connected_clients{service="{{service}}"})',
  age: 'max(time() - timestamp(evenkeel_connected_clients{service="{{service}}"}))',
} as const;
