import { answerCalls } from './thread.ts'
import { Writer } from './writer.ts'

answerCalls(
  (file) => new Writer(file),
  (writer) => writer.settle(),
)
