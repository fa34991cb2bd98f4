package io.fundamentallm.benchmarks.training;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fundamentallm.benchmarks.SharedFolder;
import io.fundamentallm.benchmarks.rotation.Arguments;
import io.fundamentallm.benchmarks.rotation.Machine;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the quickstart's 2,000 steps come to, with several seeds, beside PyTorch: the loss over the
 * whole last tenth of the text, and the seconds that training took, evaluations among them. Every
 * training is a process of its own.
 *
 * <p>Arguments are {@code key=value}, with lists of some. Their defaults:
 *
 * <pre>
 * engines=ours,pytorch
 * texts=pride-and-prejudice,tinyshakespeare     of the shared folder's corpora
 * architectures=gpt2,llama
 * seeds=1,2,3,4,5
 * threads=2
 * results=FILE       trainings that are in it are not done again, new ones are added; by default
 *                    training-quality.txt in this folder
 * java=HOME          of ours; by default this JVM's
 * jvm=-XX:+UseG1GC     flags of ours, with blanks between them
 * python=/usr/bin/python3
 * </pre>
 */
public final class TrainingQuality {
  private final Arguments arguments;
  private final QualityResults results;

  private TrainingQuality(Arguments arguments) throws IOException {
    this.arguments = arguments;
    results = QualityResults.of(Path.of(arguments.text("results")));
  }

  /** Trains what the arguments say. */
  public static void main(String[] commandLine) throws IOException {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("engines", "ours,pytorch");
    defaults.put("texts", "pride-and-prejudice,tinyshakespeare");
    defaults.put("architectures", "gpt2,llama");
    defaults.put("seeds", "1,2,3,4,5");
    defaults.put("threads", "2");
    defaults.put("results", "training-quality.txt");
    defaults.put("java", System.getProperty("java.home"));
    defaults.put("jvm", "-XX:+UseG1GC");
    defaults.put("python", "/usr/bin/python3");
    TrainingQuality quality = new TrainingQuality(Arguments.of(commandLine, defaults));
    quality.train();
    quality.print();
  }

  private void train() throws IOException {
    for (String architecture : arguments.list("architectures")) {
      for (String seed : arguments.list("seeds")) {
        for (String text : arguments.list("texts")) {
          for (String engine : arguments.list("engines")) {
            String what = String.join(" ", engine, text, architecture, seed);
            if (!results.contains(what)) {
              String result = run(program(engine, text, architecture, seed));
              System.out.printf(
                  Locale.ROOT, "%s %s  load average %.1f%n", what, result, Machine.load());
              results.add(what, result);
            }
          }
        }
      }
    }
  }

  private ProcessBuilder program(String engine, String text, String architecture, String seed)
      throws IOException {
    String file = SharedFolder.corpus(text + ".txt").toString();
    String threads = arguments.text("threads");
    return switch (engine) {
      case "ours" ->
          Programs.ours(
              Path.of(arguments.text("java")),
              arguments.text("jvm"),
              OurQuality.class,
              file,
              seed,
              threads,
              architecture);
      case "pytorch" ->
          Programs.pytorch(
              arguments.text("python"),
              Integer.parseInt(threads),
              "quality",
              "text=" + file,
              "seed=" + seed,
              "threads=" + threads,
              "architecture=" + architecture);
      default -> throw new IllegalArgumentException(engine + " is neither ours nor pytorch");
    };
  }

  /** The one line that a training prints: the loss and the seconds. */
  private static String run(ProcessBuilder program) throws IOException {
    Process process = program.start();
    try (BufferedReader out = process.inputReader(UTF_8)) {
      String line = out.readLine();
      if (line == null) {
        throw new IllegalStateException("nothing came of " + program.command());
      }
      return line;
    } finally {
      process.destroy();
    }
  }

  private void print() {
    System.out.println("\n| text | | trainings | loss, mean | deviation | seconds, mean | most |");
    System.out.println("|---|---|---|---|---|---|---|");
    for (String text : arguments.list("texts")) {
      for (String architecture : List.of("gpt2", "llama")) {
        for (String engine : List.of("ours", "pytorch")) {
          results.print(engine, text, architecture);
        }
      }
    }
    for (String text : arguments.list("texts")) {
      double ours = results.losses("ours", text, "gpt2").average().orElse(Double.NaN);
      double max =
          results.losses("pytorch", text, "gpt2").average().orElse(Double.NaN)
              + 2 * results.deviation("pytorch", text, "gpt2");
      double llama = results.losses("ours", text, "llama").average().orElse(Double.NaN);
      System.out.printf(
          Locale.ROOT,
          "%s: ours %.4f, PyTorch's mean and two deviations %.4f: %s; llama is better by %.4f%n",
          text,
          ours,
          max,
          verdict(ours, max),
          ours - llama);
    }
  }

  private static String verdict(double ours, double max) {
    if (Double.isNaN(ours) || Double.isNaN(max)) {
      return "not known yet";
    }
    return ours <= max ? "no worse" : "NOT REACHED";
  }
}
