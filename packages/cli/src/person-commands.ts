import { ROLES } from '@countersign/client'
import { type Command, Option } from 'commander'
import type { AddOptions } from './commands/person.ts'
import type { Context } from './context.ts'
import { format, type On } from './options.ts'

const EXIT = '\n\nExit codes: 0 done, 1 refused, 2 wrong usage or no answer.'

interface Format {
  readonly format: string
}

/** The commands of people who sign in at the server's pages. */
export function addPeople(program: Command, context: Context, on: On): void {
  const person = program.command('person').description('Say who may sign in at the pages of the server, and as what')
  const load = () => import('./commands/person.ts')
  person
    .command('add')
    .description('Let somebody in by a link, which signs in once; it is shown once')
    .argument('<name>', 'what to call them')
    .addOption(new Option('--role <role>', 'what they may do').choices(ROLES).default('viewer'))
    .option('--email <address>', 'their address')
    .addOption(format())
    .addHelpText(
      'after',
      `\nExample:\n  countersign person add ada --role maintainer\n\nIt takes a token that may administrate.${EXIT}`,
    )
    .action(on(async (name: string, options: AddOptions) => (await load()).personAdd(context, name, options)))
  person
    .command('list')
    .description('List who may sign in, and as what')
    .option('--all', 'those who were removed, too')
    .addOption(format())
    .addHelpText('after', EXIT)
    .action(on(async (options: Format & { all?: boolean }) => (await load()).personList(context, options)))
  person
    .command('role')
    .description('Give somebody another role; it counts at once')
    .argument('<person>', 'their name, or id')
    .argument('<role>', ROLES.join(', '))
    .addOption(format())
    .addHelpText('after', EXIT)
    .action(
      on(async (name: string, role: string, options: Format) =>
        (await load()).personRole(context, name, role, options),
      ),
    )
  person
    .command('remove')
    .description('Let somebody in no more, and end their sessions')
    .argument('<person>', 'their name, or id')
    .addOption(format())
    .addHelpText('after', EXIT)
    .action(on(async (name: string, options: Format) => (await load()).personRemove(context, name, options)))
  person
    .command('restore')
    .description('Let somebody in again who was removed')
    .argument('<person>', 'their name, or id')
    .addOption(format())
    .addHelpText('after', EXIT)
    .action(on(async (name: string, options: Format) => (await load()).personRestore(context, name, options)))
  person
    .command('link')
    .description('Make a link that signs somebody in, once, in the place of the one before; it is shown once')
    .argument('<person>', 'their name, or id')
    .addOption(format())
    .addHelpText('after', EXIT)
    .action(on(async (name: string, options: Format) => (await load()).personLink(context, name, options)))
}
