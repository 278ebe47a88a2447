import './theme.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { listen } from './router.ts'
import { pageAt } from './screens.ts'
import { meet } from './sign-in.ts'
import './theme.ts'

listen((path) => pageAt(path) !== null)
void meet()
const root = document.getElementById('page')
if (root !== null) render(<App />, root)
