package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.Jdk;
import io.fundamentallm.fixtures.Run;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the README types into jshell. */
class JshellTest {
  @Test
  void the_jar_is_a_class_path_for_jshell() throws Exception {
    String script =
        """
        import io.fundamentallm.*
        var generator = TextGenerator.load(Path.of("model"))
        System.out.println("<" + generator.withMaxNewTokens(5).generate("It is") + ">")
        /exit
        """;
    String jshell = Jdk.running().home().resolve("bin/jshell").toString();
    List<String> command = List.of(jshell, "-s", "--class-path", Shell.jar().toString(), "-");
    Run run = Run.of(SmallModel.folder(), command, script, Map.of());
    assertThat(run.succeeded()).matches("(?s)<.+>\\s*");
  }
}
