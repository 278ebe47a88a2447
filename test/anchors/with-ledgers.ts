import { registerHooks } from 'node:module'

// Loaded before the server (`node --import`): its adapters of anchors are ledgers then.
registerHooks({
  resolve(name, context, next) {
    return next(name === './anchor-kinds.ts' ? new URL('./ledger-kinds.ts', import.meta.url).href : name, context)
  },
})
