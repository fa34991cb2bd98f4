package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.Jdk;
import io.fundamentallm.fixtures.PageCode;
import io.fundamentallm.fixtures.Run;
import io.fundamentallm.webservice.settings.Limits;
import io.fundamentallm.webservice.settings.ServiceSettings;
import java.io.File;
import java.lang.reflect.Parameter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
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
    List<String> programs = PageCode.java(Path.of("README.md"));
    assertThat(programs).hasSize(1);
    PageCode.compile(
        folder,
        "Greeting",
        programs.get(0).replace("http://127.0.0.1:8080", Server.shared().uri("").toString()));
    String classPath = System.getProperty("java.class.path") + File.pathSeparator + folder;
    List<String> command =
        Jdk.running().command(List.of("-cp", classPath, "-Dlogging.level.root=off", "Greeting"));

    Run run = Run.of(folder, command, "", Map.of("FUNDAMENTALLM_APIKEY", Server.KEY));

    assertThat(run.succeeded()).endsWith("hello Ann");
  }

  @Test
  void its_requests_are_good_ones() throws Exception {
    List<MatchResult> bodies =
        Pattern.compile("-d '(.*?)'", Pattern.DOTALL).matcher(readme()).results().toList();
    assertThat(bodies).hasSize(2);

    assertThat(Server.shared().post("/v1/completions", bodies.get(0).group(1)).body())
        .endsWith("data: [DONE]\n\n");
    assertThat(Server.shared().post("/v1/chat/completions", bodies.get(1).group(1)).body())
        .contains("\"finish_reason\":\"tool_calls\"", "\"name\":\"weather\"");
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
