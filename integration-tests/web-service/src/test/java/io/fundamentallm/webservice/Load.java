package io.fundamentallm.webservice;

import java.io.BufferedReader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Starts the packed service with a chat model, and puts load on it twice: completions as they are,
 * and then chats with tools and with what is remembered of prompts. Ends the service.
 *
 * <pre>
 * java -cp target/test-classes io.fundamentallm.webservice.Load JAR MODEL [CONNECTIONS [SECONDS [MAX_TOKENS]]]
 * </pre>
 */
final class Load {
  private static final String KEY = "load";

  private Load() {}

  /** Runs, and prints two tables for each of both. */
  public static void main(String[] arguments) throws Exception {
    String java = ProcessHandle.current().info().command().orElse("java");
    List<String> command = new ArrayList<>(List.of(java));
    command.addAll(List.of("--add-modules", "jdk.incubator.vector", "-jar", arguments[0]));
    command.add("--server.port=0");
    command.add("--fundamentallm.model=" + arguments[1]);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("FUNDAMENTALLM_APIKEY", KEY);
    Process service = builder.start();
    try (BufferedReader log = service.inputReader()) {
      String port = port(log);
      Thread drain = new Thread(() -> log.lines().forEach(line -> {}));
      drain.setDaemon(true);
      drain.start();
      for (String kind : new String[] {"", "tools"}) {
        System.out.println(kind.isEmpty() ? "Completions" : "Chats with tools and cache");
        LoadClient.main(
            new String[] {
              port,
              String.valueOf(service.pid()),
              argument(arguments, 2, "64"),
              argument(arguments, 3, "60"),
              argument(arguments, 4, "64"),
              KEY,
              kind
            });
      }
    } finally {
      service.destroy();
      if (!service.waitFor(1, TimeUnit.MINUTES)) {
        service.destroyForcibly();
      }
    }
  }

  private static String argument(String[] arguments, int index, String otherwise) {
    return arguments.length > index ? arguments[index] : otherwise;
  }

  private static String port(BufferedReader log) throws Exception {
    Pattern listening = Pattern.compile("Netty started on port ([0-9]+)");
    StringBuilder all = new StringBuilder();
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      all.append(line).append('\n');
      Matcher found = listening.matcher(line);
      if (found.find()) {
        return found.group(1);
      }
    }
    throw new IllegalStateException("the service did not start:\n" + all);
  }
}
