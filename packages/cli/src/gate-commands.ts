import type { Command } from 'commander'
import type { WebhookOptions } from './commands/kubernetes.ts'
import type { Context } from './context.ts'
import { format, type On } from './options.ts'

/** The gates that run where things are deployed. */
export function addGates(program: Command, context: Context, on: On): void {
  program
    .command('kubernetes')
    .description('Gates of Kubernetes')
    .command('webhook')
    .description('Serve the admission webhooks, and the external data provider of Gatekeeper, over TLS')
    .requiredOption('--config <file>', 'which images are judged under which contract; see workflows/kubernetes')
    .requiredOption('--trust <file...>', "verifier keys of the server's log, whose word is taken")
    .requiredOption('--tls-cert <file>', 'certificate, PEM; read again when it is renewed')
    .requiredOption('--tls-key <file>', 'its key, PEM')
    .option('--client-ca <file>', 'answer only who has a certificate of this authority')
    .option('--cache <dir>', 'keep the verdicts there, as the server signed them')
    .option('--listen <address>', 'ADDR:PORT', '0.0.0.0:8443')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign kubernetes webhook --config webhook.json --trust log.vkey --tls-cert tls.crt --tls-key tls.key

Serves /validate/observe, /validate/warn, /validate/enforce, /mutate, /external-data and /healthz until SIGTERM.`,
    )
    .action(
      on(async (options: WebhookOptions) =>
        (await import('./commands/kubernetes.ts')).kubernetesWebhook(context, options),
      ),
    )
}
