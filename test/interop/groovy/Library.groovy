// Calls a step of the shared library as Jenkins does, and says what it would run; parses Jenkinsfiles.
import org.codehaus.groovy.ast.builder.AstBuilder
import org.codehaus.groovy.control.CompilationFailedException
import org.codehaus.groovy.control.CompilePhase

def said = { String what, String text -> println "${what} ${text.getBytes('UTF-8').encodeBase64()}" }

if (args[0] == 'parse') {
  args.drop(1).each {
    try {
      new AstBuilder().buildFromString(CompilePhase.CONVERSION, new File(it).text)
      said('parsed', it)
    } catch (CompilationFailedException failed) {
      said('refused', it)
    }
  }
  return
}
def step = new GroovyShell().parse(new File(args[1]))
step.binding.setVariable('env', [JOB_NAME: 'widget'])
step.metaClass.string = { Map settings -> settings }
step.metaClass.withCredentials = { List credentials, Closure body ->
  credentials.each { said('credential', "${it.credentialsId} ${it.variable}") }
  body()
}
step.metaClass.withEnv = { List variables, Closure body ->
  variables.each { said('env', it.toString()) }
  body()
}
step.metaClass.sh = { Map settings -> said('sh', settings.script.toString()) }
// Values come in base64, a list with its items one a line.
def settings = args.drop(2).collectEntries {
  def (name, text) = it.split('=', 2)
  def value = new String(text.decodeBase64(), 'UTF-8')
  [name, name in ['materials', 'products'] ? value.split('\n').toList() : value]
}
step.call(settings)
