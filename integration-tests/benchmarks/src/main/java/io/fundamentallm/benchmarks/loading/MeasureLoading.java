package io.fundamentallm.benchmarks.loading;

import io.fundamentallm.benchmarks.models.ModelFiles;
import io.fundamentallm.benchmarks.models.Shape;
import io.fundamentallm.benchmarks.rotation.Arguments;
import io.fundamentallm.benchmarks.rotation.Figure;
import io.fundamentallm.benchmarks.rotation.Machine;
import io.fundamentallm.runtime.cpu.gguf.GgufWeights;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What loaded models take of the machine's memory and how long loading takes, in a fresh JVM for
 * each round. Its heap is the one that the error of a heap that is too small asks for. The file is
 * in the system's page cache: it is read once before.
 *
 * <p>Arguments are {@code key=value}, lists with commas. Their defaults:
 *
 * <pre>
 * model=TINY_LLAMA:BF16,TINY_LLAMA:Q4_K_M,QWEN3_MOE:BF16,QWEN3_MOE:Q4_K_M   also other shapes, Q8_0, Q6_K
 * tokens=32                    generated after loading
 * rounds=3
 * figure=memory                or seconds: which of the figures the suite keeps
 * runtime=cpu
 * work=DIR                     where the models are kept; a folder of the system's temporary one
 * </pre>
 *
 * <p>Linux's names: VmRSS is what is resident, VmHWM the most that was. Both count pages of the
 * mapped file, RssFile, which the system takes back when it needs them. RssAnon is the heap and
 * what else belongs to the process alone. Medians of the rounds.
 */
public final class MeasureLoading {
  private static final Pattern ASKED = Pattern.compile("-Xmx(\\d+m)");
  private static final String SMALL_HEAP = "64m";

  private final Arguments arguments;

  private MeasureLoading(Arguments arguments) {
    this.arguments = arguments;
  }

  /** Measures what the arguments say. */
  public static void main(String[] commandLine) throws IOException, InterruptedException {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("model", "TINY_LLAMA:BF16,TINY_LLAMA:Q4_K_M,QWEN3_MOE:BF16,QWEN3_MOE:Q4_K_M");
    defaults.put("tokens", "32");
    defaults.put("rounds", "3");
    defaults.put("figure", "memory");
    defaults.put("runtime", "cpu");
    defaults.put("work", Path.of(System.getProperty("java.io.tmpdir"), "random-models").toString());
    new MeasureLoading(Arguments.of(commandLine, defaults)).run();
  }

  private void run() throws IOException, InterruptedException {
    System.out.println(Machine.description());
    ModelFiles files = new ModelFiles(Path.of(arguments.text("work")));
    for (String model : arguments.list("model")) {
      String[] parts = model.split(":", 2);
      measure(model, files.gguf(Shape.valueOf(parts[0]), weights(parts[1])));
    }
  }

  private static GgufWeights weights(String name) {
    return switch (name) {
      case "BF16" -> GgufWeights.BF16;
      case "Q8_0" -> GgufWeights.Q8_0;
      case "Q6_K" -> GgufWeights.Q6_K;
      case "Q4_K_M" -> GgufWeights.Q4_K_M;
      default -> throw new IllegalArgumentException("no such form: " + name);
    };
  }

  private void measure(String name, Path file) throws IOException, InterruptedException {
    Matcher asked = ASKED.matcher(output(file, SMALL_HEAP));
    if (!asked.find()) {
      throw new IllegalStateException("-Xmx" + SMALL_HEAP + " is enough for " + file);
    }
    try (InputStream in = Files.newInputStream(file)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    Map<String, List<Double>> seen = new LinkedHashMap<>();
    seen.put("file", List.of(Files.size(file) * 1e-6));
    for (int round = 0; round < arguments.number("rounds"); round++) {
      String output = output(file, asked.group(1));
      if (ASKED.matcher(output).find()) {
        throw new IllegalStateException("the heap that was asked for is too small: " + output);
      }
      for (String line : output.split("\n", -1)) {
        String[] cells = line.split("\t", -1);
        if (cells.length == 2) {
          seen.computeIfAbsent(cells[0], key -> new ArrayList<>())
              .add(Double.parseDouble(cells[1]));
        }
      }
    }
    System.out.printf(
        Locale.ROOT, "%s with -Xmx%s, load average %.1f%n", name, asked.group(1), Machine.load());
    seen.forEach((what, values) -> print(name, what, values));
  }

  private void print(String model, String what, List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    double median = sorted.get(sorted.size() / 2);
    boolean seconds = what.contains("JVM");
    System.out.printf(
        Locale.ROOT,
        seconds ? "  %-28s %9.2f s  (%.2f to %.2f)%n" : "  %-28s %9.0f MB (%.0f to %.0f)%n",
        what,
        median,
        sorted.get(0),
        sorted.get(sorted.size() - 1));
    if (seconds == arguments.text("figure").equals("seconds")) {
      Figure.add(model, what, median);
    }
  }

  /** What a JVM with that heap prints, errors included. */
  private String output(Path file, String heap) throws IOException, InterruptedException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-modules",
            "jdk.incubator.vector",
            "-Xmx" + heap,
            "-cp",
            System.getProperty("java.class.path"),
            LoadOnce.class.getName(),
            file.toString(),
            arguments.text("runtime"),
            arguments.text("tokens"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (InputStream in = process.getInputStream()) {
      String output = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0 && !ASKED.matcher(output).find()) {
        throw new IOException("loading " + file + " with -Xmx" + heap + " failed:\n" + output);
      }
      return output;
    }
  }
}
