import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NOVEMBER } from './audit-pack.ts'
import { honestRun } from './pipeline.ts'
import { openTestServer, type TestServer } from './server.ts'

/** A pack as the API tells of it. */
export interface ToldPack {
  readonly id: string
  readonly by: { readonly kind: string; readonly id: string; readonly name: string | null }
  readonly state: 'making' | 'ready' | 'failed'
  readonly done: number
  readonly runs: number | null
  readonly made: { readonly digest: string; readonly size: number; readonly outcomes: Record<string, number> } | null
  readonly problem: { readonly code: string; readonly what: string } | null
}

/** Whoever asks: a token's request, or a browser's. */
export type Asking = (method: string, path: string, more?: { body?: string }) => Promise<Response>

/** Has a pack made, and waits for what comes of it. */
export async function makePack(ask: Asking, scope: object = NOVEMBER): Promise<ToldPack> {
  const begun = await ask('POST', '/v1/packs', { body: JSON.stringify(scope) })
  if (begun.status !== 202) throw new Error(await begun.text())
  const { id } = (await begun.json()) as ToldPack
  for (;;) {
    const pack = (await (await ask('GET', `/v1/packs/${id}`)).json()) as ToldPack
    if (pack.state !== 'making') return pack
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** {@link makePack}, of all that a server of a test was given by now. */
export async function packOf(server: TestServer): Promise<ToldPack> {
  // What a running server does by itself.
  while ((await server.store.views.count(1_000)) > 0);
  return makePack(server.request)
}

/** Downloads a pack into a directory; its path. */
export async function download(ask: Asking, { id }: ToldPack, directory: string): Promise<string> {
  const reply = await ask('GET', `/v1/packs/${id}/file`)
  if (!reply.ok) throw new Error(await reply.text())
  const path = join(directory, `${id}.tar`)
  writeFileSync(path, new Uint8Array(await reply.arrayBuffer()))
  return path
}

/** A good request of each documented route that is about packs. */
export function packRequests(server: TestServer): Record<string, () => Promise<Response>[]> {
  const about = (method: string) => () => [
    packOf(server).then(async ({ id }) => {
      const reply = await server.request(method, `/v1/packs/${id}`)
      // Few are kept.
      if (method !== 'DELETE') await server.request('DELETE', `/v1/packs/${id}`)
      return reply
    }),
  ]
  const { since, until } = NOVEMBER
  return {
    'POST /v1/packs': () => [
      server.request('POST', '/v1/packs', { body: JSON.stringify(NOVEMBER) }).then(async (reply) => {
        const { id } = (await reply.clone().json()) as ToldPack
        await server.request('DELETE', `/v1/packs/${id}`)
        await server.deps.packs.settled()
        return reply
      }),
    ],
    'GET /v1/packs/preview': () => [
      server.request('GET', `/v1/packs/preview?since=${since}&until=${until}&pipeline=shop/web&environment=production`),
    ],
    'GET /v1/packs/{pack}': about('GET'),
    'DELETE /v1/packs/{pack}': about('DELETE'),
    'GET /v1/packs/{pack}/file': () => [archiveReply()],
  }
}

/** What a server answers that has one honest run, and nothing of a test's own making. */
async function archiveReply(): Promise<Response> {
  const server = await openTestServer()
  try {
    const { who, steps, contractBytes } = honestRun()
    await server.enrol([who.github, who.codebuild, who.cloudbuild, who.azure])
    await server.request('PUT', '/v1/contracts/shop/web', { body: contractBytes })
    for (const { bundle } of steps) await server.append(bundle)
    const { id } = await packOf(server)
    const reply = await server.request('GET', `/v1/packs/${id}/file`)
    return new Response(await reply.arrayBuffer(), { status: reply.status, headers: reply.headers })
  } finally {
    await server.close()
  }
}
