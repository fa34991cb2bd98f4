package io.fundamentallm.commandline;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Serves a model over HTTP: the web service, from its own jar beside this one. That jar has six
 * times the size of this one, for Spring Boot and Netty, and a layout of its own; whoever only
 * trains and chats needs neither.
 */
@Command(
    name = "serve",
    description = {
      "Serves a model over HTTP, with OpenAI's interface, and a page to chat with it.",
      "The environment's FUNDAMENTALLM_APIKEY is the key that clients must send. It needs"
          + " fundamentallm-web-service-*.jar beside the program's own jar. Ctrl-C ends it when"
          + " answers under way are written."
    })
final class Serve extends Subcommand {
  /** More than the service takes to let answers under way finish. */
  private static final int PATIENCE_SECONDS = 60;

  @Mixin ModelDirectory directory = new ModelDirectory();

  @Option(names = "--port", paramLabel = "N", description = "Where it listens.")
  int port = 8080;

  @Option(
      names = "--address",
      paramLabel = "HOST",
      description = "Which address of this machine it listens on; 0.0.0.0 for all.")
  String address = "127.0.0.1";

  @Parameters(
      index = "1..*",
      paramLabel = "OPTION",
      description =
          "Further options of the service, after --, as in: -- --fundamentallm.limits.running=8")
  @Nullable List<String> options;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path model = directory.path;
    if (!Files.exists(model)) {
      throw new NoSuchFileException(model.toString());
    }
    List<String> arguments = new ArrayList<>();
    arguments.add("--fundamentallm.model=" + model);
    arguments.add("--server.port=" + port);
    arguments.add("--server.address=" + address);
    if (directory.runtime != null) {
      arguments.add("--fundamentallm.runtime=" + directory.runtime);
    }
    if (options != null) {
      arguments.addAll(options);
    }
    return run(service(), arguments) == 0 ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  /** The service's jar. */
  private static Path service() throws IOException {
    Path here;
    try {
      here =
          Path.of(Serve.class.getProtectionDomain().getCodeSource().getLocation().toURI())
              .toAbsolutePath();
    } catch (URISyntaxException e) {
      throw new IOException("where is the program's jar?", e);
    }
    Path folder = requireNonNull(here.getParent());
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(
              file ->
                  String.valueOf(file.getFileName())
                      .matches("fundamentallm-web-service-[\\w.-]+\\.jar"))
          .max(Path::compareTo)
          .orElseThrow(
              () ->
                  new NoSuchFileException(
                      folder + "/fundamentallm-web-service-*.jar",
                      null,
                      "no such jar. The web service is not on Maven Central: build it in a clone of"
                          + " the repository (mvn -DskipTests -pl integration-tests/web-service -am"
                          + " package), and put it there"));
    }
  }

  /** Runs it in a JVM with the flags of this one, and ends it if a signal ends this one. */
  private static int run(Path jar, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-jar", jar.toString()));
    command.addAll(arguments);
    Process service = new ProcessBuilder(command).inheritIO().start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(service), "service"));
    return service.waitFor();
  }

  private static void end(Process service) {
    service.destroy();
    try {
      if (!service.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        service.destroyForcibly();
      }
    } catch (InterruptedException e) {
      service.destroyForcibly();
    }
  }
}
