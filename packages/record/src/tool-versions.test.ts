import { describe, expect, it } from 'vitest'
import { Redactor } from './redact.ts'
import { toolVersions } from './tool-versions.ts'
import { workspace } from './workspace.test-kit.ts'

const coded = (code: string) => expect.objectContaining({ code })

function versions(names: string[], root: string, path: string) {
  const environment = { PATH: path, MY_TOKEN: 'hunter2hunter2', COUNTERSIGN_TOKEN: 'hunter3hunter3' }
  return toolVersions({ names, root, environment, redactor: new Redactor(environment) })
}

describe('versions of tools', () => {
  it('are the first line of what they say', async () => {
    const tools = workspace()
    const script = (text: string) => `#!/bin/sh\n${text}\n`
    tools.write('plain', script('echo; echo "plain 1.2.3"; echo more'), 0o755)
    tools.write('java', script('[ "$1" = -version ] && echo "openjdk 21" >&2'), 0o755)
    tools.write('leaky', script('printf "\\033[1mv1 $MY_TOKEN $COUNTERSIGN_TOKEN\\n"'), 0o755)
    expect(await versions(['plain', 'java', 'leaky', 'plain'], '/nonexistent', `${tools.root}:/bin:/usr/bin`)).toEqual({
      plain: 'plain 1.2.3',
      java: 'openjdk 21',
      leaky: '[1mv1 [redacted]',
    })
  })

  it.each([
    ['nothing-here', 'command-unstartable'],
    ['fails', 'command-unstartable'],
    ['silent', 'command-unstartable'],
    ['planted', 'command-unstartable'],
    ['../tool', 'usage'],
    ['-x', 'usage'],
  ])('of %s are %s', async (name, code) => {
    const tools = workspace()
    const work = workspace()
    tools.write('fails', '#!/bin/sh\necho 1; exit 1\n', 0o755)
    tools.write('silent', '#!/bin/sh\n', 0o755)
    work.write('planted', '#!/bin/sh\necho 1\n', 0o755)
    const asked = versions([name], work.root, `${work.root}:${tools.root}:/bin`)
    await expect(asked).rejects.toThrow(coded(code))
  })
})
