package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.Run;
import io.fundamentallm.fixtures.ToolChat;
import java.io.BufferedReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The web service, started by the program. */
class ServeTest {
  @TempDir Path folder;

  @Test
  void a_model_is_served_until_a_signal_ends_it() throws Exception {
    Process process =
        Shell.in(folder)
            .start(
                "serve",
                ToolChat.directory().toString(),
                "--port=0",
                "--",
                "--fundamentallm.model-name=tools");
    try {
      int port = port(process.inputReader());
      HttpRequest models =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/models")).build();
      assertThat(HttpClient.newHttpClient().send(models, BodyHandlers.ofString()).body())
          .contains("\"id\":\"tools\"");
      process.destroy();
      assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).isEqualTo(143);
    } finally {
      process.destroyForcibly();
    }
  }

  private static int port(BufferedReader log) throws Exception {
    Pattern listening = Pattern.compile("Netty started on port ([0-9]+)");
    StringBuilder all = new StringBuilder();
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      all.append(line).append('\n');
      Matcher found = listening.matcher(line);
      if (found.find()) {
        return Integer.parseInt(found.group(1));
      }
    }
    throw new AssertionError("it did not start:\n" + all);
  }

  @Test
  void a_start_that_fails_says_why_and_ends() throws Exception {
    Run run =
        Shell.in(folder)
            .run(
                "serve",
                ToolChat.directory().toString(),
                "--port=0",
                "--runtime=cpu(weights=int9)");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out() + run.err()).contains("int9", "fundamentallm.runtime chooses what runs");

    assertThat(Shell.in(folder).run("serve", "gone").err()).contains("gone does not exist");
  }

  @Test
  void without_the_services_jar_it_says_how_to_get_it() throws Exception {
    Path alone = Files.copy(Shell.jar(), folder.resolve("fundamentallm.jar"));
    Run run = serve(alone);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err())
        .contains(
            folder.toRealPath() + "/" + service() + ": no such jar. ",
            "(mvn -N dependency:copy -Dartifact=io.fundamentallm:fundamentallm-web-service:"
                + version()
                + " \"-DoutputDirectory="
                + folder.toRealPath()
                + "\")",
            "(mvn -DskipTests -pl integration-tests/command-line -am package)");
  }

  /** The folders of a Maven repository: each artifact has its own. */
  @Test
  void in_a_repository_it_starts_the_service_of_its_version_from_there() throws Exception {
    Path group = folder.resolve("repository");
    Path own = Files.createDirectories(group.resolve("fundamentallm-command-line/" + version()));
    Path program = Files.copy(Shell.jar(), own.resolve(Shell.jar().getFileName()));
    Path other = Files.createDirectories(group.resolve("fundamentallm-web-service/" + version()));
    Run without = serve(program);
    assertThat(without.exit()).isEqualTo(1);
    assertThat(without.err())
        .contains(
            other.toRealPath() + "/" + service() + ": no such jar. ",
            "(mvn -N dependency:copy -Dartifact=io.fundamentallm:fundamentallm-web-service:"
                + version()
                + " \"-DoutputDirectory="
                + own.toRealPath()
                + "\")");

    Files.writeString(other.resolve(service().replace(".jar", "-sources.jar")), "no program");
    Files.copy(Shell.jar().resolveSibling(service()), other.resolve(service()));
    // what only the service says of a directory without a model
    assertThat(serve(program))
        .satisfies(
            run ->
                assertThat(run.out() + run.err())
                    .contains("Start with --fundamentallm.model=PATH"));
  }

  /** The program from this jar, on a directory without a model. */
  private Run serve(Path program) throws Exception {
    Files.createDirectories(folder.resolve("model"));
    Shell shell = Shell.in(folder);
    return shell.run(
        shell.jdk().command(List.of("-jar", program.toString(), "serve", "model", "--port=0")), "");
  }

  private static String service() throws Exception {
    return "fundamentallm-web-service-" + version() + ".jar";
  }

  private static String version() throws Exception {
    return Shell.jar()
        .getFileName()
        .toString()
        .replaceAll("fundamentallm-command-line-(.+)\\.jar", "$1");
  }
}
