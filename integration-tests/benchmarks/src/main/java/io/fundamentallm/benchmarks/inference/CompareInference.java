package io.fundamentallm.benchmarks.inference;

import io.fundamentallm.benchmarks.models.ModelFiles;
import io.fundamentallm.benchmarks.models.Shape;
import io.fundamentallm.benchmarks.models.Weights;
import io.fundamentallm.benchmarks.rotation.Arguments;
import io.fundamentallm.benchmarks.rotation.Arithmetic;
import io.fundamentallm.benchmarks.rotation.Figure;
import io.fundamentallm.benchmarks.rotation.Machine;
import io.fundamentallm.benchmarks.rotation.ReadBandwidth;
import io.fundamentallm.benchmarks.rotation.Rotation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Runtimes by turns in one process, on random models. Prints tokens a second, how many times as
 * fast the first engine is, and for decoding how many bytes of weights that is a second (scales
 * left out, every matrix at the same size), between two measurements of the read bandwidth over as
 * many bytes.
 *
 * <p>Arguments are {@code key=value}, lists with commas. Their defaults:
 *
 * <pre>
 * shape=S                      also M, G
 * weights=f32                  also int8, int4
 * task=decode,prefill          also batch, prefill-2048 and the like
 * engines=ours,llama,onnx      also ours-f32, ours-bf16: the precision of products by oneDNN
 * rounds=5
 * warmup=2                     seconds for each
 * threads=2
 * work=DIR                     where the models are kept; a folder of the system's temporary one
 * </pre>
 *
 * <p>{@code decode} is 256 tokens after a prompt of 8; {@code prefill} is the time to the first
 * token after a prompt of 512, or of as many as follow the name; {@code batch} is 64 tokens for
 * each of 16 sessions, all tokens counted.
 */
public final class CompareInference {
  private static final int PROMPT = 8;
  private static final int DECODED = 256;
  private static final int PREFILLED = 512;
  private static final String LONG = "prefill-";
  private static final int SESSIONS = 16;
  private static final int BATCHED = 64;
  private static final int COMPARED = 8;

  private final Arguments arguments;
  private final ModelFiles files;
  private final int threads;
  private final double peak;

  private CompareInference(Arguments arguments) {
    this.arguments = arguments;
    this.files = new ModelFiles(Path.of(arguments.text("work")));
    this.threads = arguments.number("threads");
    this.peak = Arithmetic.measure(threads) * 1e9;
  }

  /** Compares what the arguments say. */
  public static void main(String[] commandLine) {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("shape", "S");
    defaults.put("weights", "f32");
    defaults.put("task", "decode,prefill");
    defaults.put("engines", "ours,llama,onnx");
    defaults.put("rounds", "5");
    defaults.put("warmup", "2");
    defaults.put("threads", "2");
    defaults.put("work", Path.of(System.getProperty("java.io.tmpdir"), "random-models").toString());
    new CompareInference(Arguments.of(commandLine, defaults)).run();
    // llama.cpp leaves threads behind that would keep the process alive.
    System.exit(0);
  }

  private void run() {
    System.out.println(Machine.description() + ", threads " + threads);
    System.out.printf(Locale.ROOT, "multiply-adds of f32 alone: %.0f GFLOP/s%n", peak * 1e-9);
    for (String shape : arguments.list("shape")) {
      for (String weights : arguments.list("weights")) {
        compare(Shape.valueOf(shape), Weights.valueOf(weights.toUpperCase(Locale.ROOT)));
      }
    }
  }

  private void compare(Shape shape, Weights weights) {
    Map<String, Engine> engines = new LinkedHashMap<>();
    for (String name : arguments.list("engines")) {
      try {
        engines.put(name, open(name, shape, weights));
      } catch (IOException | RuntimeException e) {
        System.out.println(
            name + " does not load " + shape + " " + weights + ": " + e.getMessage());
      }
    }
    printContinuations(shape, engines);
    for (String task : arguments.list("task")) {
      compare(shape, weights, task, engines);
    }
    engines.values().forEach(Engine::close);
  }

  private Engine open(String name, Shape shape, Weights weights) throws IOException {
    return switch (name) {
      case "ours" -> OurEngine.open(files.huggingFace(shape), weights, threads);
      case "ours-f32", "ours-bf16" ->
          OurEngine.open(files.huggingFace(shape), weights, threads, name.substring(5));
      case "llama" -> LlamaCppEngine.open(files.gguf(shape, weights.gguf()), threads);
      case "onnx" -> OnnxEngine.open(files.onnx(shape, weights), shape, threads);
      default -> throw new IllegalArgumentException("no such engine: " + name);
    };
  }

  /** The first tokens after some prompts, one of them with nothing cached: the same for all. */
  private static void printContinuations(Shape shape, Map<String, Engine> engines) {
    engines.forEach(
        (name, engine) -> {
          StringBuilder tokens = new StringBuilder();
          for (int seed = 0; seed < COMPARED; seed++) {
            int[] prompt = Prompts.random(shape, PROMPT, seed);
            tokens.append(Arrays.toString(engine.continuation(prompt, 2)));
          }
          System.out.printf(Locale.ROOT, "%-9s goes on %s%n", name, tokens);
        });
  }

  private void compare(Shape shape, Weights weights, String task, Map<String, Engine> engines) {
    Rotation rotation = new Rotation();
    engines.forEach(
        (name, engine) -> {
          try {
            seconds(shape, task, engine);
            rotation.add(name, () -> seconds(shape, task, engine));
          } catch (UnsupportedOperationException e) {
            System.out.println(name + " has no " + task + ": " + e.getMessage());
          }
        });
    rotation.warmUp(arguments.real("warmup"));
    long bytes = (long) (shape.weightsRead() * weights.bytes());
    double before = ReadBandwidth.measure(bytes, threads);
    rotation.run(arguments.number("rounds"));
    double after = ReadBandwidth.measure(bytes, threads);
    System.out.printf(
        Locale.ROOT,
        "%s %s %s, load average %.1f, read bandwidth over %d MB: %.0f GB/s before, %.0f after%n",
        shape,
        weights.name().toLowerCase(Locale.ROOT),
        task,
        Machine.load(),
        bytes / 1_000_000,
        before,
        after);
    String first = rotation.names().stream().findFirst().orElse("");
    String subject = shape + " " + weights.name().toLowerCase(Locale.ROOT) + " " + task;
    for (String name : rotation.names()) {
      double median = rotation.median(name);
      Figure.add(subject, name, 1 / median);
      System.out.printf(
          Locale.ROOT,
          "  %-9s %9.1f tokens/s  best %9.1f  %s is %.2f x%s%n",
          name,
          1 / median,
          1 / rotation.minimum(name),
          first,
          median / rotation.median(first),
          task.equals("decode")
              ? String.format(Locale.ROOT, "  reads %.1f GB/s", bytes / median * 1e-9)
              : "");
    }
    double reading = bytes / ((before + after) / 2 * 1e9);
    Figure.add(subject, Figure.LIMIT, 1 / least(shape, task, reading));
  }

  /**
   * The seconds a token that the machine needs at least: for reading the weights once a pass, and
   * for its multiply-adds if they are of 32-bit floats.
   */
  private double least(Shape shape, String task, double reading) {
    if (task.equals("decode")) {
      return reading;
    }
    if (task.equals("batch")) {
      double seen = PROMPT + BATCHED / 2.0;
      double computing = (shape.operations(seen) + shape.headOperations()) / peak;
      return Math.max(reading / SESSIONS, computing);
    }
    int tokens = task.equals("prefill") ? PREFILLED : longPrefill(task);
    return shape.operations((tokens + 1) / 2.0) / peak;
  }

  /** The seconds a token. */
  private static double seconds(Shape shape, String task, Engine engine) {
    return switch (task) {
      case "decode" -> engine.decode(Prompts.random(shape, PROMPT, 0), DECODED);
      case "prefill" -> prefill(shape, PREFILLED, engine);
      case "batch" -> {
        int[][] prompts = new int[SESSIONS][];
        Arrays.setAll(prompts, session -> Prompts.random(shape, PROMPT, session));
        yield engine.decode(prompts, BATCHED);
      }
      default -> prefill(shape, longPrefill(task), engine);
    };
  }

  /** The length of another prompt, of {@code prefill-2048} and the like. */
  private static int longPrefill(String task) {
    if (!task.startsWith(LONG)) {
      throw new IllegalArgumentException("no such task: " + task);
    }
    return Integer.parseInt(task.substring(LONG.length()));
  }

  private static double prefill(Shape shape, int tokens, Engine engine) {
    return engine.prefill(Prompts.random(shape, tokens, 0)) / tokens;
  }
}
