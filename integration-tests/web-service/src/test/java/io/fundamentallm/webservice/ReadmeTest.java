package io.fundamentallm.webservice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.reflect.Parameter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** What this module's README shows. */
class ReadmeTest {
  @TempDir Path folder;

  private static String readme() throws Exception {
    return Files.readString(Path.of("README.md"));
  }

  @Test
  void its_program_is_greeted() throws Exception {
    List<MatchResult> programs =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(readme()).results().toList();
    assertThat(programs).hasSize(1);
    String program =
        programs
            .get(0)
            .group(1)
            .replace("http://127.0.0.1:8080", Server.shared().uri("").toString());
    Path source = Files.writeString(folder.resolve("Greeting.java"), program);
    String classPath = System.getProperty("java.class.path");
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-cp", classPath, "-d", folder.toString(), source.toString());
    assertThat(compiled).isZero();

    Path out = folder.resolve("out.txt");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath + File.pathSeparator + folder,
                "-Dlogging.level.root=off",
                "Greeting")
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    builder.environment().put("FUNDAMENTALLM_APIKEY", Server.KEY);
    Process process = builder.start();

    assertThat(process.waitFor(20, TimeUnit.MINUTES)).isTrue();
    String printed = Files.readString(out, UTF_8);
    assertThat(process.exitValue()).as(printed).isZero();
    assertThat(printed).endsWith("hello Ann");
  }

  @Test
  void its_request_is_a_good_one() throws Exception {
    List<MatchResult> bodies =
        Pattern.compile("-d '(.*?)'", Pattern.DOTALL).matcher(readme()).results().toList();
    assertThat(bodies).hasSize(1);

    assertThat(Server.shared().post("/v1/completions", bodies.get(0).group(1)).body())
        .endsWith("data: [DONE]\n\n");
  }

  @Test
  void its_table_has_every_setting_with_its_default() throws Exception {
    String readme = readme();
    Parameter[] limits = Limits.class.getDeclaredConstructors()[0].getParameters();
    for (Parameter limit : limits) {
      String value = limit.getAnnotation(DefaultValue.class).value()[0];
      assertThat(readme)
          .containsPattern(
              "`fundamentallm.limits."
                  + hyphenated(limit.getName())
                  + "` \\| `?"
                  + value
                  + "`? \\|");
    }
    for (var component : ServiceSettings.class.getRecordComponents()) {
      String name = hyphenated(component.getName());
      assertThat(readme).containsPattern("`(fundamentallm)?\\." + name + "[.`]");
    }
  }

  private static String hyphenated(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
