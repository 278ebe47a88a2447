import { openSqliteLock } from './lock.ts'
import { answerCalls } from './thread.ts'

answerCalls(openSqliteLock)
