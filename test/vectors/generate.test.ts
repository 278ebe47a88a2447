import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CATALOGUE } from '@countersign/core'
import { expect, test } from 'vitest'
import { FOLDERS, generate } from './generate.ts'

const files = generate()

test('generating again gives the files that are here, byte by byte', () => {
  const here = new Map<string, string>()
  for (const folder of FOLDERS) {
    for (const file of readdirSync(join(import.meta.dirname, folder))) {
      here.set(`${folder}/${file}`, readFileSync(join(import.meta.dirname, folder, file), 'utf8'))
    }
  }
  expect([...here.keys()].toSorted()).toEqual([...files.keys()].toSorted())
  for (const [path, text] of files) expect(here.get(path), path).toBe(text)
})

test('a vector is named by its mutation, in plain lower case', () => {
  for (const path of files.keys()) expect(path).toMatch(/^(?:[a-z0-9-]+\/){1,2}[a-z0-9.-]+\.json$/)
})

test('every expected code is one of the catalogue, and every topic has good and bad cases', () => {
  for (const folder of FOLDERS) {
    const texts = [...files].filter(([path]) => path.startsWith(`${folder}/`)).map(([, text]) => text)
    const codes = texts.map((text) => (JSON.parse(text) as { error?: string }).error)
    for (const code of codes) if (code !== undefined) expect(Object.keys(CATALOGUE)).toContain(code)
    expect(codes.includes(undefined), folder).toBe(true)
    // Where a refusal is an answer and not an error, the vector says which.
    const refusals = texts.filter((text) => /"error":|"raw": null|"valid": false/.test(text))
    expect(refusals.length, folder).toBeGreaterThan(0)
  }
})
