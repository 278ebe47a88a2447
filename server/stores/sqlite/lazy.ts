import Database from 'better-sqlite3'

/**
 * A connection that compiles a statement when it is first run: a store has hundreds, and a start that waited for all of
 * them to be compiled would wait for nothing else as long.
 */
export function openLazily(file: string, options: Database.Options = {}): Database.Database {
  const db = new Database(file, options)
  const compile = db.prepare.bind(db) as (source: string) => Database.Statement
  return Object.assign(db, { prepare: (source: string) => new LazyStatement(() => compile(source)) })
}

type Given = readonly unknown[]

/** As much of a statement as the store, and Drizzle, ask for. */
class LazyStatement {
  readonly #compile: () => Database.Statement
  #statement: Database.Statement | null = null

  constructor(compile: () => Database.Statement) {
    this.#compile = compile
  }

  get compiled(): Database.Statement {
    return (this.#statement ??= this.#compile())
  }

  run(...given: Given): Database.RunResult {
    return this.compiled.run(...given)
  }

  get(...given: Given): unknown {
    return this.compiled.get(...given)
  }

  all(...given: Given): unknown[] {
    return this.compiled.all(...given)
  }

  iterate(...given: Given): IterableIterator<unknown> {
    return this.compiled.iterate(...given)
  }

  raw(): Database.Statement {
    return this.compiled.raw()
  }
}
