package io.fundamentallm.benchmarks.report;

import io.fundamentallm.benchmarks.rotation.Arguments;
import io.fundamentallm.benchmarks.rotation.Figure;
import io.fundamentallm.benchmarks.rotation.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs the comparisons one after the other, each in a JVM of its own, and writes their tables and
 * charts, one for each family of processors. A comparison that fails is named at the end; its old
 * table stays.
 *
 * <p>Arguments are {@code key=value}. Their defaults:
 *
 * <pre>
 * results=RESULTS.md   whose marked sections are written; the charts go to charts beside it
 * only=all             or names with commas; those with files of many gigabytes only if named
 * python=python3       PyTorch takes part in the training if this has it
 * </pre>
 */
public final class Suite {
  private static final List<String> FLAGS =
      List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED");

  private final Path results;
  private final List<String> failed = new ArrayList<>();

  private Suite(Path results) {
    this.results = results;
  }

  /** Compares what the arguments say. */
  public static void main(String[] commandLine) throws IOException, InterruptedException {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("results", "RESULTS.md");
    defaults.put("only", "all");
    defaults.put("python", "python3");
    Arguments arguments = Arguments.of(commandLine, defaults);
    String python = arguments.text("python");
    List<Comparison> all = Comparison.all(hasPyTorch(python) ? python : "");
    List<String> names = all.stream().map(Comparison::name).toList();
    List<String> only =
        arguments.text("only").equals("all")
            ? names.stream().filter(name -> !Comparison.LARGE.contains(name)).toList()
            : arguments.list("only");
    if (arguments.text("only").equals("all") && shared().isEmpty()) {
      System.out.println("== " + Comparison.TOKENIZERS + ": left out, see README.md");
      only = only.stream().filter(name -> !name.equals(Comparison.TOKENIZERS)).toList();
    }
    if (!names.containsAll(only)) {
      throw new IllegalArgumentException("only=" + only + " names others than " + names);
    }
    Suite suite = new Suite(Path.of(arguments.text("results")));
    for (Comparison comparison : all) {
      if (only.contains(comparison.name())) {
        suite.run(comparison);
      }
    }
    if (!suite.failed.isEmpty()) {
      System.err.println("Failed, see above: " + suite.failed);
      System.exit(1);
    }
  }

  private void run(Comparison comparison) throws IOException, InterruptedException {
    Path figures = Files.createTempFile(comparison.name(), ".figures");
    try {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(FLAGS);
      command.add("-D" + Figure.FILE + "=" + figures);
      if (!shared().isEmpty()) {
        command.add("-Dfundamentallm.shared=" + shared());
      }
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.add(comparison.main().getName());
      command.addAll(comparison.arguments());
      System.out.println("== " + comparison.name() + ": " + comparison.title());
      ProcessBuilder program = new ProcessBuilder(command).inheritIO();
      // With these a BLAS library takes worse kernels than it would choose by itself.
      program.environment().keySet().removeIf(name -> name.startsWith("OPENBLAS_"));
      int exit = program.start().waitFor();
      Table table = new Table(comparison, Figure.read(figures));
      if (exit != 0 || table.figures().isEmpty()) {
        failed.add(comparison.name());
      } else {
        write(table);
      }
    } finally {
      Files.delete(figures);
    }
  }

  private void write(Table table) throws IOException {
    String name = table.comparison().name();
    String section = name + "-" + Machine.family();
    Path charts = results.resolveSibling("charts");
    Files.createDirectories(charts);
    Files.writeString(charts.resolve(section + ".svg"), BarChart.svg(table));
    String text =
        """

        ### %s

        %s. `mvn -Pbenchmarks -Donly=%s`, which runs `%s`.

        ![%1$s](charts/%s.svg)

        %s
        """
            .formatted(
                table.comparison().title() + ", " + Machine.family(),
                Machine.description(),
                name,
                command(table.comparison()),
                section,
                table.markdown());
    new ResultsFile(results).put(section, text);
  }

  private static String command(Comparison comparison) {
    return (comparison.main().getSimpleName() + " " + String.join(" ", comparison.arguments()))
        .strip();
  }

  private static String shared() {
    return System.getProperty("fundamentallm.shared", "");
  }

  private static boolean hasPyTorch(String python) throws InterruptedException {
    try {
      return new ProcessBuilder(python, "-c", "import torch").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
