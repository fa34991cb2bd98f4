package io.fundamentallm.commandline;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/**
 * Serves a model over HTTP: the web service, from its own jar. That jar has six times the size of
 * this one, for Spring Boot and Netty, and a layout of its own; whoever only trains and chats needs
 * neither.
 */
@Command(
    name = "serve",
    description = {
      "Serves a model over HTTP, with OpenAI's interface, and a page to chat with it.",
      "The environment's FUNDAMENTALLM_APIKEY is the key that clients must send. The service is a"
          + " jar of its own, fundamentallm-web-service, beside the program's or in the same Maven"
          + " repository. Ctrl-C ends it when answers under way are written."
    })
final class Serve extends Subcommand {
  private static final String PROGRAM = "fundamentallm-command-line";
  private static final String SERVICE = "fundamentallm-web-service";

  private static final int LAST_PORT = 65_535;

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
    if (port < 0 || port > LAST_PORT) {
      throw new ParameterException(
          spec().commandLine(),
          "--port " + port + " is not in [0, " + LAST_PORT + "]; 0 takes one that is free");
    }
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

  /** The service's jar, of the program's version: beside the program's, or in its repository. */
  private static Path service() throws IOException {
    Path folder = folder();
    String version =
        requireNonNullElse(Serve.class.getPackage().getImplementationVersion(), "VERSION");
    String name = SERVICE + "-" + version + ".jar";
    Path jar = folder.resolve(name);
    if (!Files.exists(jar) && folder.endsWith(Path.of(PROGRAM, version))) {
      // A folder for each artifact and version is the layout of Maven's repositories.
      jar = folder.resolve(Path.of("..", "..", SERVICE, version, name)).normalize();
    }
    if (!Files.exists(jar)) {
      throw new NoSuchFileException(
          jar.toString(),
          null,
          "no such jar. Get the web service with Maven (mvn -N dependency:copy"
              + " -Dartifact=io.fundamentallm:"
              + SERVICE
              + ":"
              + version
              + " \"-DoutputDirectory="
              + folder
              + "\"), or build both jars in a clone of the repository (mvn -DskipTests"
              + " -pl integration-tests/command-line -am package)");
    }
    return jar;
  }

  /** Where the program's jar lies. */
  private static Path folder() throws IOException {
    try {
      return requireNonNull(
          Path.of(Serve.class.getProtectionDomain().getCodeSource().getLocation().toURI())
              .toAbsolutePath()
              .getParent());
    } catch (URISyntaxException e) {
      throw new IOException("where is the program's jar?", e);
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
