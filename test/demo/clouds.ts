import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { countersign, type Ran, type Server } from './world.ts'

/** A CI system of the story: its own directory, environment and key. */
export interface Cloud {
  readonly title: string
  /** Its name among the contract's signers. */
  readonly signer: string
  readonly home: string
  readonly keyFile: string
  readonly env: Readonly<Record<string, string>>
}

const CLOUDS = [
  {
    title: 'GitHub Actions',
    signer: 'github',
    env: {
      GITHUB_ACTIONS: 'true',
      GITHUB_REPOSITORY: 'shop/web',
      GITHUB_REPOSITORY_ID: '7',
      GITHUB_SERVER_URL: 'https://github.example',
      GITHUB_RUN_ID: '7001',
      GITHUB_RUN_ATTEMPT: '1',
    },
  },
  {
    title: 'AWS CodeBuild',
    signer: 'codebuild',
    env: {
      CODEBUILD_BUILD_ID: 'shop:4711',
      CODEBUILD_BUILD_ARN: 'arn:aws:codebuild:eu-central-1:123456789012:build/shop:4711',
    },
  },
  {
    title: 'Google Cloud Build',
    signer: 'cloudbuild',
    env: { BUILD_ID: '0a1b2c3d-0000-4000-8000-000000000001', PROJECT_ID: 'shop-prod', COUNTERSIGN_CI: 'cloud-build' },
  },
  {
    title: 'Azure Pipelines',
    signer: 'azure',
    env: {
      TF_BUILD: 'True',
      BUILD_BUILDURI: 'vstfs:///Build/Build/42',
      BUILD_BUILDID: '42',
      SYSTEM_COLLECTIONURI: 'https://dev.azure.example/shop/',
    },
  },
] as const

/** Makes a key for each cloud, as its administrator would once. */
export async function openClouds(root: string): Promise<Cloud[]> {
  const clouds = CLOUDS.map(({ title, signer, env }) => {
    const home = join(root, signer)
    return { title, signer, home, keyFile: join(home, 'countersign.key'), env }
  })
  await Promise.all(
    clouds.map(async (cloud) => {
      mkdirSync(cloud.home, { recursive: true })
      const type = cloud.signer === 'cloudbuild' ? 'ed25519' : 'p256'
      await must(countersign(['key', 'new', cloud.keyFile, '--type', type], { cwd: cloud.home }))
    }),
  )
  return clouds
}

/** Base64 of the cloud's public key (SPKI), as a contract holds it. */
export function publicKeyOf(cloud: Cloud): string {
  return readFileSync(`${cloud.keyFile}.pub`, 'utf8').replace(/-----[A-Z ]+-----|\s/g, '')
}

/** The command line on one cloud. */
export function on(cloud: Cloud, server: Server, cwd: string, args: readonly string[]): Promise<Ran> {
  const env = {
    ...cloud.env,
    COUNTERSIGN_URL: server.url,
    COUNTERSIGN_TOKEN: server.token,
    COUNTERSIGN_KEY: cloud.keyFile,
  }
  return countersign(args, { cwd, env })
}

/** The result of a command that must succeed. */
export async function must(running: Promise<Ran>): Promise<Ran> {
  const ran = await running
  if (ran.code !== 0) throw new Error(`a command of the demo exited ${ran.code}:\n${ran.err}${ran.out}`)
  return ran
}
