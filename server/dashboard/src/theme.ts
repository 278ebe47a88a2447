import { effect, signal } from '@preact/signals'

export type Theme = 'auto' | 'light' | 'dark'

const KEPT = 'countersign-theme'
const kept = localStorage.getItem(KEPT)

/** `auto`: as the reader's system has it. */
export const theme = signal<Theme>(kept === 'light' || kept === 'dark' ? kept : 'auto')

effect(() => {
  if (theme.value === 'auto') localStorage.removeItem(KEPT)
  else localStorage.setItem(KEPT, theme.value)
  document.documentElement.dataset['theme'] = theme.value
})
