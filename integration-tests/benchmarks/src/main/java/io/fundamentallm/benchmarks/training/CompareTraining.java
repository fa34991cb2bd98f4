package io.fundamentallm.benchmarks.training;

import io.fundamentallm.benchmarks.rotation.Arguments;
import io.fundamentallm.benchmarks.rotation.Arithmetic;
import io.fundamentallm.benchmarks.rotation.Figure;
import io.fundamentallm.benchmarks.rotation.Machine;
import io.fundamentallm.benchmarks.rotation.Rotation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Milliseconds a training step (forward, backward, clipping, AdamW) beside PyTorch and DJL, each in
 * a process of its own, by turns. Between its turns a process sleeps.
 *
 * <p>Arguments are {@code key=value}, with lists of some. Their defaults:
 *
 * <pre>
 * shape=A,B,C
 * threads=2          for 1,2 all processes of a shape take turns together, which for C needs 24 GB
 * engines=ours,pytorch,djl,pytorch-bf16     djl where the jar was built with -Ppeers; also ours-bf16,
 *                    where it was built with -Ponednn, and ours-low, with memory=low
 * rounds=5
 * seconds=5          of a turn, after as many that are not measured
 * warmup=15          seconds for each
 * java=HOME          of the JVMs of ours, one after the other; the first is DJL's too; by default
 *                    this one's
 * jvm=-XX:+UseG1GC     flags of ours, with blanks between them
 * python=/usr/bin/python3
 * </pre>
 */
public final class CompareTraining {
  private CompareTraining() {}

  /** Compares what the arguments say. */
  public static void main(String[] commandLine) throws IOException {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("shape", "A,B,C");
    defaults.put("threads", "2");
    defaults.put("engines", "ours,pytorch,djl,pytorch-bf16");
    defaults.put("rounds", "5");
    defaults.put("seconds", "5");
    defaults.put("warmup", "15");
    defaults.put("java", System.getProperty("java.home"));
    defaults.put("jvm", "-XX:+UseG1GC");
    defaults.put("python", "/usr/bin/python3");
    Arguments arguments = Arguments.of(commandLine, defaults);
    List<String> threads = arguments.list("threads");
    int most = threads.stream().mapToInt(Integer::parseInt).max().orElse(1);
    double peak = Arithmetic.measure(most);
    System.out.printf(
        Locale.ROOT, "multiply-adds of f32 alone, threads %d: %.0f GFLOP/s%n", most, peak);
    for (String name : arguments.list("shape")) {
      TrainingShape shape = TrainingShape.valueOf(name);
      compare(shape, arguments);
      Figure.add("shape " + shape, Figure.LIMIT, shape.operations() / peak * 1e-6);
    }
  }

  private static void compare(TrainingShape shape, Arguments arguments) throws IOException {
    double before = Machine.load();
    Map<String, Contestant> contestants = new LinkedHashMap<>();
    try {
      for (String threads : arguments.list("threads")) {
        start(shape, Integer.parseInt(threads), arguments, contestants);
      }
      Rotation rotation = new Rotation();
      for (Map.Entry<String, Contestant> contestant : contestants.entrySet()) {
        contestant.getValue().train(arguments.real("warmup"));
        double seconds = arguments.real("seconds");
        rotation.add(contestant.getKey(), () -> contestant.getValue().train(seconds));
      }
      rotation.run(arguments.number("rounds"));
      System.out.printf(
          Locale.ROOT,
          "%nShape %s, %s, flags %s; load average %.1f before, %.1f after%n",
          shape,
          Machine.description(),
          arguments.text("jvm"),
          before,
          Machine.load());
      print(shape, rotation, contestants);
    } finally {
      contestants.values().forEach(Contestant::close);
    }
  }

  private static void start(
      TrainingShape shape, int threads, Arguments arguments, Map<String, Contestant> contestants)
      throws IOException {
    List<String> homes = arguments.list("java");
    for (String engine : arguments.list("engines")) {
      switch (engine) {
        case "ours", "ours-bf16", "ours-low" -> {
          String precision = engine.equals("ours-bf16") ? "bf16" : "f32";
          String memory = engine.equals("ours-low") ? "low" : "full";
          for (String home : homes) {
            ProcessBuilder program =
                Programs.ours(
                    Path.of(home),
                    arguments.text("jvm"),
                    OurSpeed.class,
                    shape + "",
                    threads + "",
                    precision,
                    memory);
            contestants.put(
                name(engine + ", JDK " + Programs.version(Path.of(home)), threads),
                Contestant.start(program));
          }
        }
        case "djl" ->
            contestants.put(
                name(engine, threads),
                Contestant.start(Programs.djl(Path.of(homes.get(0)), threads, shape + "")));
        case "pytorch", "pytorch-bf16" ->
            contestants.put(
                name(engine, threads),
                Contestant.start(
                    Programs.pytorch(
                        arguments.text("python"),
                        threads,
                        "speed",
                        "shape=" + shape,
                        "threads=" + threads,
                        "precision=" + (engine.equals("pytorch") ? "f32" : "bf16"))));
        default ->
            throw new IllegalArgumentException(
                engine + " is none of ours, ours-bf16, ours-low, pytorch, djl, pytorch-bf16");
      }
    }
  }

  private static String name(String engine, int threads) {
    return engine + ", threads " + threads;
  }

  /** A table in Markdown. How fast the first is, is the ratio of medians. */
  private static void print(
      TrainingShape shape, Rotation rotation, Map<String, Contestant> contestants)
      throws IOException {
    System.out.println("| shape | | ms a step | least to most | the first is | peak MB |");
    System.out.println("|---|---|---|---|---|---|");
    String first = contestants.keySet().iterator().next();
    for (Map.Entry<String, Contestant> contestant : contestants.entrySet()) {
      String name = contestant.getKey();
      Figure.add("shape " + shape, name, rotation.median(name));
      System.out.printf(
          Locale.ROOT,
          "| %s | %s | %.1f | %.1f to %.1f | %.2f times as fast | %,.0f |%n",
          shape,
          name,
          rotation.median(name),
          rotation.minimum(name),
          rotation.maximum(name),
          rotation.median(name) / rotation.median(first),
          contestant.getValue().peakMegabytes());
    }
  }
}
