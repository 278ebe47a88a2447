import { configureGlobal } from 'fast-check'

/**
 * What property tests try follows from this, so that one text of the project has one result: a test that fails by
 * chance tells of another change than the one it stops. `COUNTERSIGN_SEED=random` looks elsewhere each time.
 */
const asked = process.env['COUNTERSIGN_SEED'] ?? '20261122'
if (asked !== 'random') configureGlobal({ seed: Number(asked) })
