import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A directory with files, gone when `remove` is called. */
export class Workspace {
  readonly root = mkdtempSync(join(tmpdir(), 'countersign-attack-'))

  write(name: string, content: string): string {
    const path = join(this.root, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    return path
  }

  /** Makes it a git checkout with everything committed. */
  commit(): void {
    const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: this.root, stdio: 'ignore' })
    git('init', '-q')
    git('add', '-A')
    git('-c', 'user.name=a', '-c', 'user.email=a@b.example', 'commit', '-qm', 'first')
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}
