package io.fundamentallm.quickstart;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts the {@link Quickstart} in a JVM with the module of the Vector API. Of such a JVM the first
 * line is a warning that it uses an incubator module, which no flag switches off; it is left out
 * here, and all else passes.
 */
public final class Launch {
  private static final String NOTICE = "WARNING: Using incubator modules: jdk.incubator.vector";

  private Launch() {}

  /** Exits as the quickstart does. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Process quickstart =
        new ProcessBuilder(command())
            // a terminal stays one, so that the progress bar can redraw itself
            .redirectInput(ProcessBuilder.Redirect.INHERIT)
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(quickstart::destroy));
    try (BufferedReader errors = quickstart.errorReader()) {
      for (String line = errors.readLine(); line != null; line = errors.readLine()) {
        if (!line.equals(NOTICE)) {
          System.err.println(line);
        }
      }
    }
    System.exit(quickstart.waitFor());
  }

  private static List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--add-modules=jdk.incubator.vector");
    // JDK 22 to 24 would have a console without a terminal, too
    command.add("-Djdk.console=java.base");
    for (String property : List.of("text", "steps", "seed", "version")) {
      command.add("-D" + property + "=" + System.getProperty(property, ""));
    }
    command.add("-classpath");
    command.add(System.getProperty("java.class.path"));
    command.add(Quickstart.class.getName());
    return command;
  }
}
