import type { ComponentType } from 'preact'
import { matched } from './router.ts'
import type { IconName } from './parts/icon.tsx'

/** What a screen is given: what its path names, and what narrows it. */
export interface ScreenProps {
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
}

/** A page: loaded when somebody goes to it. Its folder's default export draws it. */
export interface Page {
  /** Of its path, see `matched`. */
  readonly pattern: string
  /** What the tab is called. */
  readonly title: string
  /** Where it stands in the navigation; null where it does not. */
  readonly nav: { readonly name: string; readonly icon: IconName } | null
  readonly load: () => Promise<{ default: ComponentType<ScreenProps> }>
}

export const PAGES: readonly Page[] = [
  {
    pattern: '/',
    title: 'Home',
    nav: { name: 'Home', icon: 'home' },
    load: () => import('./screens/home/home.tsx'),
  },
  { pattern: '/artifact/:digest', title: 'Artifact', nav: null, load: () => import('./screens/artifact/artifact.tsx') },
  { pattern: '/run/:chain', title: 'Run', nav: null, load: () => import('./screens/run/run.tsx') },
  { pattern: '/run/:chain/diff/:other', title: 'Two runs', nav: null, load: () => import('./screens/diff/diff.tsx') },
  {
    pattern: '/deploys',
    title: 'Deploys',
    nav: { name: 'Deploys', icon: 'deploys' },
    load: () => import('./screens/deploys/deploys.tsx'),
  },
  {
    pattern: '/identities',
    title: 'Identities',
    nav: { name: 'Identities', icon: 'identities' },
    load: () => import('./screens/identities/identities.tsx'),
  },
  {
    pattern: '/contracts',
    title: 'Contract lab',
    nav: { name: 'Contracts', icon: 'contracts' },
    load: () => import('./screens/contracts/contracts.tsx'),
  },
  {
    pattern: '/anchors',
    title: 'Anchors',
    nav: { name: 'Anchors', icon: 'anchors' },
    load: () => import('./screens/anchors/anchors.tsx'),
  },
  {
    pattern: '/coverage',
    title: 'Coverage',
    nav: { name: 'Coverage', icon: 'coverage' },
    load: () => import('./screens/pipelines/coverage.tsx'),
  },
  {
    pattern: '/inbox',
    title: 'Inbox',
    nav: { name: 'Inbox', icon: 'inbox' },
    load: () => import('./screens/inbox/inbox.tsx'),
  },
  {
    pattern: '/audit',
    title: 'Audit',
    nav: { name: 'Audit', icon: 'audit' },
    load: () => import('./screens/audit/audit.tsx'),
  },
  {
    pattern: '/settings',
    title: 'Settings',
    nav: { name: 'Settings', icon: 'settings' },
    load: () => import('./screens/settings/settings.tsx'),
  },
  { pattern: '/sign-in', title: 'Sign in', nav: null, load: () => import('./screens/sign-in/sign-in.tsx') },
]

/** The page at a path, with what the path names; null where there is none. */
export function pageAt(path: string): { page: Page; params: Readonly<Record<string, string>> } | null {
  for (const page of PAGES) {
    const params = matched(page.pattern, path)
    if (params !== null) return { page, params }
  }
  return null
}
