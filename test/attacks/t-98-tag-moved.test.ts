import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { OciRepository } from '@countersign/adapters/oci-registry'
import { mutate, validate } from '../../packages/cli/src/kubernetes/admit.ts'
import { type ImageName, referenceOf } from '../../packages/cli/src/kubernetes/image-name.ts'
import { clusterOf, patchOf, pod, responseOf, review } from '../gates/cluster.ts'
import { LocalRegistry } from '../intake/local-registry.ts'
import { contractText, file, newChainId, parties, received, signStep, source } from '../pipeline.ts'
import { parseContract } from '@countersign/contract'
import { utf8 } from '@countersign/core'
import { openTestServer, type TestServer } from '../server.ts'

// T-98: the tag is moved after its image was judged and before it is pulled. Against a registry over HTTP.

let server: TestServer
let registry: LocalRegistry
/** The image that the pipeline made, and one that nobody vouches for. */
let proven: string
let evil: string
const REPOSITORY = 'shop/web'

beforeAll(async () => {
  server = await openTestServer()
  registry = await new LocalRegistry().open()
  evil = registry.image('evil/web', 'x')
  proven = registry.image(REPOSITORY, '1.2')
  registry.manifests.set(`${REPOSITORY} ${evil}`, registry.manifests.get(`evil/web ${evil}`)!)
  const who = parties()
  const bytes = utf8(contractText(who))
  const contract = parseContract(bytes)
  await server.enrol([who.github, who.codebuild, who.cloudbuild, who.azure])
  await server.request('PUT', '/v1/contracts/shop/web', { body: bytes })
  const chain = { id: newChainId(), pipeline: 'shop/web', contract: contract.digest }
  const image = { ...file('dist/app.tgz', ''), digest: { sha256: proven.slice(7) } }
  const commit = source('image')
  const steps = [signStep(who.github, { chain, name: 'source', subject: [commit] })]
  for (const [i, [name, by]] of (
    [
      ['build', who.codebuild],
      ['test', who.cloudbuild],
      ['deploy', who.azure],
    ] as const
  ).entries()) {
    const before = steps.at(-1)!
    const previous = [{ link: before.link, step: before.statement.predicate.step.name }]
    const materials = [received(i === 0 ? commit : image, before.link)]
    steps.push(signStep(by, { chain, name, previous, materials, subject: [image], minute: 2 * i + 2 }))
  }
  for (const { bundle } of steps) expect((await server.append(bundle)).status).toBe(201)
})
afterAll(async () => {
  await registry.close()
  await server.close()
})
beforeEach(() => point('1.2', proven))

/** Has the tag mean another image. */
function point(tag: string, digest: string): void {
  registry.manifests.set(`${REPOSITORY} ${tag}`, registry.manifests.get(`${REPOSITORY} ${digest}`)!)
}

const cluster = () => {
  const policy = { rules: [{ images: [`${registry.host}/shop/**`], pipeline: 'shop/web' }], environment: 'production' }
  return clusterOf(server, policy, async (image: ImageName) => {
    const reference = referenceOf(image)
    return (await new OciRepository(reference, { credentials: null }).resolve(reference.reference)).digest
  })
}

/** What a node would pull by the name that is in the pod in the end. */
const pulled = (image: string) =>
  image.includes('@') ? image.split('@')[1]! : idNow(image.slice(image.lastIndexOf(':') + 1))
const idNow = (tag: string) =>
  registry.manifests.get(`${REPOSITORY} ${tag}`) === registry.manifests.get(`${REPOSITORY} ${evil}`) ? evil : proven

/** An admission, with something done between the webhooks, and after them. */
async function deploy(image: string, between: () => void, after: () => void): Promise<string | null> {
  const deps = cluster()
  const [patch] = patchOf(await mutate(deps, review(pod([image]))))
  between()
  const named = patch?.value ?? image
  const { allowed } = responseOf(await validate(deps, 'enforce', review(pod([named]))))
  after()
  return allowed ? pulled(named) : null
}

const nothing = () => undefined
const flip = () => point('1.2', evil)

describe('T-98: a tag that is moved', () => {
  test('control: what is proven is pulled', async () => {
    expect(await deploy(`${registry.host}/${REPOSITORY}:1.2`, nothing, nothing)).toBe(proven)
  })

  test.each([
    ['between the webhooks', flip, nothing],
    ['after both', nothing, flip],
  ])('%s: what was judged is what is pulled', async (_, between, after) => {
    expect(await deploy(`${registry.host}/${REPOSITORY}:1.2`, between, after)).toBe(proven)
  })

  test('before both: it is denied', async () => {
    flip()
    expect(await deploy(`${registry.host}/${REPOSITORY}:1.2`, nothing, nothing)).toBe(null)
  })

  test('and a digest that belongs to another image is denied, whatever tag stands before it', async () => {
    expect(await deploy(`${registry.host}/${REPOSITORY}:1.2@${evil}`, nothing, nothing)).toBe(null)
  })

  test('red control: a gate that judges what the tag means, and leaves the tag, has the other one pulled', async () => {
    const image = `${registry.host}/${REPOSITORY}:1.2`
    const reference = { origin: `http://${registry.host}`, repository: REPOSITORY }
    const judged = (await new OciRepository(reference, { credentials: null }).resolve('1.2')).digest
    const { allowed } = responseOf(await validate(cluster(), 'enforce', review(pod([`${image}@${judged}`]))))
    flip()
    expect([allowed, pulled(image)]).toEqual([true, evil])
    // Without the mutating webhook the tag stays, and is denied.
    point('1.2', proven)
    expect(responseOf(await validate(cluster(), 'enforce', review(pod([image])))).allowed).toBe(false)
  })

  test('a registry that gives something of another digest is not believed', async () => {
    const manifest = registry.manifests.get(`${REPOSITORY} ${evil}`)!
    const reference = { origin: `http://${registry.host}`, repository: REPOSITORY }
    registry.manifests.set(`${REPOSITORY} ${proven}`, manifest)
    await expect(new OciRepository(reference, { credentials: null }).resolve(proven)).rejects.toThrow(
      expect.objectContaining({ code: 'service-answer' }),
    )
    registry.image(REPOSITORY, '1.2')
  })
})
