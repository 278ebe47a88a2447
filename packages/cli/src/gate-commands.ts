import type { Command } from 'commander'
import type { GithubAppOptions } from './commands/github.ts'
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

Serves /validate/observe, /validate/warn, /validate/enforce, /mutate, /external-data and /healthz until SIGTERM.

Exit codes: 0 stopped, 1 refused, 2 wrong usage.`,
    )
    .action(
      on(async (options: WebhookOptions) =>
        (await import('./commands/kubernetes.ts')).kubernetesWebhook(context, options),
      ),
    )
  program
    .command('github')
    .description('Gates of GitHub')
    .command('app')
    .description('Serve the webhook of a GitHub App that is a deployment protection rule')
    .requiredOption('--config <file>', 'which repositories and environments are judged under which contract')
    .requiredOption('--trust <file...>', "verifier keys of the server's log, whose word is taken")
    .requiredOption('--private-key <file>', 'private key of the App, PEM')
    .requiredOption('--webhook-secret <file>', 'file with the secret of its webhook')
    .requiredOption('--state <dir>', 'where deliveries are until GitHub has heard the answer')
    .option('--tls-cert <file>', 'certificate, PEM; without it, it listens on this machine alone')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--listen <address>', 'ADDR:PORT', '127.0.0.1:8444')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign github app --config app.json --trust log.vkey --private-key app.pem --webhook-secret secret.txt --state state

Serves /github and /healthz until SIGTERM. Approves a run where the server's gate allows all that the pipeline made of its
commit, and rejects it otherwise.

Exit codes: 0 stopped, 1 refused, 2 wrong usage.`,
    )
    .action(on(async (options: GithubAppOptions) => (await import('./commands/github.ts')).githubApp(context, options)))
}
