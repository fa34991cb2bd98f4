package com.example.novel;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A build with Maven that knows nothing of this one, but for the repository with what is published:
 * a parent that imports the BOM, and modules.
 */
final class Build {
  private static final String GROUP = "com.example.novel";

  private final Path folder;
  private final List<String> modules = new ArrayList<>();

  Build(Path folder) {
    this.folder = folder;
  }

  /**
   * Adds a module, and gives its folder.
   *
   * @param artifacts ids of what it depends on
   */
  Path module(String name, String packaging, List<String> artifacts) throws IOException {
    modules.add(name);
    Path module = Files.createDirectories(folder.resolve(name));
    StringBuilder dependencies = new StringBuilder();
    for (String artifact : artifacts) {
      dependencies.append(
          """
              <dependency>
                <groupId>io.fundamentallm</groupId>
                <artifactId>%s</artifactId>
              </dependency>
          """
              .formatted(artifact));
    }
    Files.writeString(
        module.resolve("pom.xml"),
        """
        <project>
          <modelVersion>4.0.0</modelVersion>
          <parent>
            <groupId>%s</groupId>
            <artifactId>all</artifactId>
            <version>1</version>
          </parent>
          <artifactId>%s</artifactId>
          <packaging>%s</packaging>
          <dependencies>
        %s  </dependencies>
        </project>
        """
            .formatted(GROUP, name, packaging, dependencies));
    return module;
  }

  /**
   * Compiles, and writes each module's {@code target/tree.txt} and {@code target/class-path.txt}.
   */
  void run() throws IOException, InterruptedException {
    StringBuilder names = new StringBuilder();
    modules.forEach(module -> names.append("    <module>" + module + "</module>\n"));
    Files.writeString(
        folder.resolve("pom.xml"),
        resource("consumer.xml")
            .replace("@group@", GROUP)
            .replace("@version@", System.getProperty("consumer.version"))
            .replace("@dependency@", System.getProperty("consumer.dependency-plugin"))
            .replace("@resources@", pluginOfOurs("maven-resources-plugin"))
            .replace("@compiler@", pluginOfOurs("maven-compiler-plugin"))
            .replace("@modules@", names));
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("consumer.maven"), "bin", "mvn").toString(),
                "--batch-mode",
                "--no-transfer-progress",
                "-Dmaven.repo.local=" + System.getProperty("consumer.repository"),
                "-Dmaven.repo.local.tail=" + System.getProperty("consumer.repository.tail")));
    Path settings =
        Path.of(System.getProperty("consumer.settings").substring("settings ".length()));
    if (Files.exists(settings)) {
      command.addAll(List.of("--settings", settings.toString()));
    }
    if (System.getProperty("consumer.offline").equals("offline true")) {
      command.add("--offline");
    }
    command.add("compile");
    Path log = folder.resolve("build.log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    // the JDK of this build, and none of its options
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().keySet().removeAll(List.of("MAVEN_OPTS", "MAVEN_ARGS"));
    Process process = builder.start();
    if (!process.waitFor(40, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("still running after 40 minutes: " + Files.readString(log));
    }
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();
  }

  private static String resource(String name) throws IOException {
    try (var in = requireNonNull(Build.class.getResourceAsStream("/" + name), name)) {
      return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  /** The version that our own build has, which therefore is at hand. */
  private static String pluginOfOurs(String name) throws IOException {
    Matcher version =
        Pattern.compile("<artifactId>" + name + "</artifactId>\\s*<version>(.+?)</version>")
            .matcher(Files.readString(Readme.ROOT.resolve("pom.xml")));
    assertThat(version.find()).as(name).isTrue();
    return version.group(1);
  }
}
