import type { SignalSource } from '@countersign/record'

/** What the door (`main.ts`) read from the world, once; every command works on this alone. */
export interface Context {
  readonly cwd: string
  /** The whole environment: for the wrapped command, CI detection and redaction. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly settings: Settings
  /** ISO time. */
  readonly now: () => string
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  /** Where signals for a wrapped command come from. */
  readonly signals: SignalSource
  /** Whether stderr is a terminal, so that progress can be drawn on it. */
  readonly interactive: boolean
  /** Asks whoever sits at the terminal, and gives the line; null where nobody does. */
  readonly ask: ((question: string) => Promise<string>) | null
  readonly colour: boolean
}

/** `COUNTERSIGN_*`, each null when unset or empty. */
export interface Settings {
  readonly url: string | null
  readonly token: string | null
  /** Whether a server that is not this machine may be spoken to in clear. */
  readonly allowHttp: boolean
  /** Audience of identity tokens; null for what the server, or the system, has. */
  readonly audience: string | null
  readonly key: string | null
  readonly passphrase: string | null
  readonly pipeline: string | null
  readonly contract: string | null
  /** A `trusted_root.json` of Sigstore, believed where a contract pins it. */
  readonly sigstoreTrust: string | null
  readonly chain: string | null
  /** Directory of the spool; has a default. */
  readonly spool: string
  /** Directory where Sigstore's trust root is kept; has a default. */
  readonly sigstoreCache: string
}

/** 0 pass, 1 fail or refused, 2 unknown or wrong usage. A wrapped command's own code otherwise. */
export type ExitCode = number
