import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { serveAlone } from './alone.ts'

const root = mkdtempSync(join(tmpdir(), 'countersign-alone-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const nobody = () => {
  throw new Error('there is nobody to wait for')
}

it('refuses a directory that another serves, and takes it when that one has stopped', async () => {
  const directory = join(root, 'data')
  const release = await serveAlone(directory, nobody)
  expect(statSync(join(directory, 'serving.lock'))).toMatchObject({ size: 0 })
  let told = 0
  const refused = serveAlone(directory, () => told++, 150)
  await expect(refused).rejects.toThrow(
    expect.objectContaining({ code: 'data-in-use', what: `another server serves ${directory}` }),
  )
  expect(told).toBe(1)
  const waiting = serveAlone(directory, release)
  ;(await waiting)()
})

it('holds nothing for who was killed', async () => {
  const directory = join(root, 'killed')
  const script = `const { serveAlone } = await import(process.argv[1])
    await serveAlone(process.argv[2], () => process.exit(3))
    console.log('served')
    setInterval(() => undefined, 1000)`
  const module = join(import.meta.dirname, 'alone.ts')
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, module, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  await expect(serveAlone(directory, () => undefined, 0)).rejects.toThrow(/data-in-use/)
  child.kill('SIGKILL')
  await once(child, 'exit')
  ;(await serveAlone(directory, nobody))()
})

it('says what is wrong with a directory that it cannot have', async () => {
  writeFileSync(join(root, 'file'), '')
  await expect(serveAlone(join(root, 'file', 'below'), nobody)).rejects.toThrow(
    expect.objectContaining({
      code: 'store-failed',
      what: `the data directory ${join(root, 'file', 'below')} cannot be opened: ENOTDIR: not a directory`,
      fix: 'Name a place that this user may write to: --data DIR',
    }),
  )
})
