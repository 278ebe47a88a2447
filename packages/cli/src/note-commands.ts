import type { Command } from 'commander'
import type { NoteOptions, NotesOptions } from './commands/note.ts'
import type { Context } from './context.ts'
import { signing } from './contract-commands.ts'
import { format, type On } from './options.ts'

/** Saying something, under signature, of what was done. */
export function addNotes(program: Command, context: Context, on: On): void {
  signing(program.command('note'))
    .description('Say something, under signature, of a step, an artifact or what was refused')
    .argument(
      '[what...]',
      'link digests of steps, artifacts (file, directory, sha256:DIGEST), refusal:SHA256 of a refused body',
    )
    .option('--text <text>', 'what is said: one line of at most 4096 characters')
    .option('--dispute', 'say that it is not so; open until somebody resolves it, or you withdraw it')
    .option('--correct <id>', 'stand in the place of a note of your own')
    .option('--withdraw <id>', 'take back what you said')
    .option('--resolve <id>', 'answer a dispute of somebody else')
    .option('--to <file...>', 'chain files to put it into as well')
    .option('--offline', 'into the files alone, even if a server is set')
    .addOption(format())
    .addHelpText(
      'after',
      `
Example:
  countersign note 4f0c…e1 --dispute --text "the report is of another build" --key ann.key
  countersign notes --open
  countersign note --resolve 9a31…07 --text "built again as run 42" --key bob.key

A note decides nothing: verdicts show what is disputed, and gates do not ask.

Exit codes: 0 taken, 1 refused, 2 wrong usage or no answer.`,
    )
    .action(
      on(async (what: readonly string[], options: NoteOptions) =>
        (await import('./commands/note.ts')).note(context, what, options),
      ),
    )
  program
    .command('notes')
    .description('List signed notes, each verified here')
    .argument('[what]', 'a link digest, an artifact (file, directory, sha256:DIGEST), refusal:SHA256, or a chain id')
    .option('--chain <file...>', 'chain files; default: WHAT.chain.jsonl, and the server')
    .option('--contract <file>', 'whose signers and maintainers to believe; default: who is enrolled at the server')
    .option('--trust <file...>', 'public keys to believe')
    .option('--open', 'disputes alone that nothing stands in the place of')
    .option('--offline', 'use files alone, even if a server is set')
    .addOption(format())
    .addHelpText('after', '\nExit codes: 0 told, 2 wrong usage or no answer.')
    .action(
      on(async (what: string | undefined, options: NotesOptions) =>
        (await import('./commands/note.ts')).notes(context, what, options),
      ),
    )
}
