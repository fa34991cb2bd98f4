package io.fundamentallm.webservice;

import io.fundamentallm.fixtures.Run;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The official clients of npm, installed once into the build folder, for scripts that use them. */
final class NodeClients {
  private static final List<String> PACKAGES =
      List.of(
          "openai@7.59.0",
          "@anthropic-ai/sdk@1.14.0",
          "ai@7.0.173",
          "@ai-sdk/openai-compatible@2.0.92",
          "zod@4.6.7");

  private NodeClients() {}

  /** The lines that a script among the tests' resources prints about a service. */
  static List<String> run(String script, Server server, String input)
      throws IOException, InterruptedException {
    Path place = installed();
    try (InputStream in = NodeClients.class.getResourceAsStream("/" + script)) {
      Files.write(place.resolve(script), in.readAllBytes());
    }
    return node(place, input, "node", script, server.uri("").toString(), Server.KEY)
        .lines()
        .toList();
  }

  /** Waits for a process that is already installing them. */
  private static Path installed() throws IOException, InterruptedException {
    Path place = Files.createDirectories(Path.of("target", "clients").toAbsolutePath());
    Path marker = place.resolve("installed");
    String packages = String.join(" ", PACKAGES);
    try (FileChannel channel =
            FileChannel.open(
                place.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      if (lock.isValid()
          && !(Files.isRegularFile(marker) && Files.readString(marker).equals(packages))) {
        List<String> command =
            new ArrayList<>(
                List.of("npm", "install", "-E", "--no-audit", "--no-fund", "--ignore-scripts"));
        command.addAll(PACKAGES);
        node(place, "", command.toArray(String[]::new));
        Files.writeString(marker, packages);
      }
    }
    return place;
  }

  private static String node(Path place, String input, String... command)
      throws IOException, InterruptedException {
    return Run.of(place, List.of(command), input, Map.of()).succeeded();
  }
}
