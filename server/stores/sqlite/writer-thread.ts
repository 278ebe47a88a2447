import { answerCalls } from './thread.ts'
import { Writer } from './writer.ts'

answerCalls(
  ({ file, keysFile }: { readonly file: string; readonly keysFile: string }) => new Writer(file, keysFile),
  (writer) => writer.settle(),
)
