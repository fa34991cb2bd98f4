package io.fundamentallm.benchmarks.training;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fundamentallm.benchmarks.SharedFolder;
import io.fundamentallm.benchmarks.rotation.Arguments;
import io.fundamentallm.benchmarks.rotation.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What is learned from a text in a minute. The rule: the first nine tenths of a text are trained
 * on, the last tenth is measured, in bits a byte, which for these texts are bits a character; the
 * clock runs from the call of the trainer to its return, evaluations and the choice of the plan
 * among it; all else is free. Each training is a process of its own, one after the other.
 *
 * <p>Ours is the automatic plan with the tokenizer {@code auto}. PyTorch trains nanoGPT's small
 * model of characters with nanoGPT's recipe, for its 2,000 steps however long they take, where the
 * Python has PyTorch; it tells only its end.
 *
 * <p>Arguments are {@code key=value}, with lists of some. Their defaults:
 *
 * <pre>
 * engines=ours,pytorch
 * texts=pride-and-prejudice,tinyshakespeare,kjv     of the shared folder's corpora
 * seeds=1,2,3,4,5
 * seconds=60
 * threads=2
 * java=HOME          of ours; by default this JVM's
 * jvm=-XX:+UseSerialGC     flags of ours, with blanks between them
 * python=/usr/bin/python3
 * </pre>
 */
public final class TrainingMinute {
  private final Arguments arguments;

  private TrainingMinute(Arguments arguments) {
    this.arguments = arguments;
  }

  /** Trains what the arguments say, and prints the table and then the curves, in Markdown. */
  public static void main(String[] commandLine) throws IOException, InterruptedException {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("engines", "ours,pytorch");
    defaults.put("texts", "pride-and-prejudice,tinyshakespeare,kjv");
    defaults.put("seeds", "1,2,3,4,5");
    defaults.put("seconds", "60");
    defaults.put("threads", "2");
    defaults.put("java", System.getProperty("java.home"));
    defaults.put("jvm", "-XX:+UseSerialGC");
    defaults.put("python", "/usr/bin/python3");
    new TrainingMinute(Arguments.of(commandLine, defaults)).run();
  }

  /**
   * A point of a curve.
   *
   * @param bits a byte of the validation part
   */
  private record Point(long step, double seconds, double bits) {}

  private void run() throws IOException, InterruptedException {
    Map<String, List<Point>> curves = new LinkedHashMap<>();
    System.out.println("| text | | seed | steps | seconds | bits a character | load average |");
    System.out.println("|---|---|---|---|---|---|---|");
    for (String text : arguments.list("texts")) {
      for (String engine : engines()) {
        for (String seed : arguments.list("seeds")) {
          List<Point> curve = train(engine, text, seed);
          Point end = curve.get(curve.size() - 1);
          curves.put(String.join(", ", text, engine, "seed " + seed), curve);
          System.out.printf(
              Locale.ROOT,
              "| %s | %s | %s | %d | %.1f | %.3f | %.1f |%n",
              text,
              engine,
              seed,
              end.step(),
              end.seconds(),
              end.bits(),
              Machine.load());
        }
      }
    }
    System.out.println();
    curves.forEach(
        (what, curve) -> {
          StringBuilder line = new StringBuilder("- " + what + ":");
          for (Point point : curve) {
            line.append(String.format(Locale.ROOT, " %.0f s %.3f", point.seconds(), point.bits()));
          }
          System.out.println(line);
        });
  }

  /** Those of the arguments that are there. */
  private List<String> engines() throws IOException, InterruptedException {
    List<String> engines = new ArrayList<>(arguments.list("engines"));
    if (engines.contains("pytorch") && !hasPyTorch()) {
      System.err.println(arguments.text("python") + " has no PyTorch, which is left out");
      engines.remove("pytorch");
    }
    return engines;
  }

  private boolean hasPyTorch() throws InterruptedException {
    try {
      return new ProcessBuilder(arguments.text("python"), "-c", "import torch")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) { // there is no Python
      return false;
    }
  }

  private List<Point> train(String engine, String text, String seed)
      throws IOException, InterruptedException {
    Path file = SharedFolder.corpus(text + ".txt");
    List<Point> curve = new ArrayList<>();
    for (String line : lines(program(engine, file, seed))) {
      String[] words = line.split(" ", -1);
      if (engine.equals("ours")) {
        curve.add(
            new Point(
                Long.parseLong(words[0]),
                Double.parseDouble(words[1]),
                Double.parseDouble(words[2])));
      } else { // a loss in nats a character, and the seconds
        double bits = Double.parseDouble(words[0]) / Math.log(2);
        double perByte = (double) Files.readString(file).length() / Files.size(file);
        curve.add(new Point(2000, Double.parseDouble(words[1]), bits * perByte));
      }
    }
    return curve;
  }

  private ProcessBuilder program(String engine, Path file, String seed) throws IOException {
    String threads = arguments.text("threads");
    return switch (engine) {
      case "ours" ->
          Programs.ours(
              Path.of(arguments.text("java")),
              arguments.text("jvm"),
              OurMinute.class,
              file.toString(),
              seed,
              threads,
              arguments.text("seconds"));
      case "pytorch" ->
          Programs.pytorch(
              arguments.text("python"),
              Integer.parseInt(threads),
              "quality",
              "text=" + file,
              "seed=" + seed,
              "threads=" + threads,
              "architecture=gpt2");
      default -> throw new IllegalArgumentException(engine + " is neither ours nor pytorch");
    };
  }

  private static List<String> lines(ProcessBuilder program)
      throws IOException, InterruptedException {
    Process process = program.start();
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), UTF_8).lines().toList();
    if (process.waitFor() != 0 || lines.isEmpty()) {
      throw new IllegalStateException("nothing came of " + program.command());
    }
    return lines;
  }
}
