package io.fundamentallm.benchmarks.inference;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.benchmarks.models.ModelFiles;
import io.fundamentallm.benchmarks.models.Shape;
import io.fundamentallm.benchmarks.rotation.Arguments;
import io.fundamentallm.benchmarks.rotation.Figure;
import io.fundamentallm.benchmarks.rotation.Machine;
import io.fundamentallm.benchmarks.rotation.ReadBandwidth;
import io.fundamentallm.benchmarks.rotation.Rotation;
import io.fundamentallm.runtime.cpu.onnx.OnnxWeights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Decoding with weights in the bytes of the file: this library with {@code weights=auto}, llama.cpp
 * of 2026 through node, llama.cpp of 2025 through its Java binding, and for 4 bits ONNX Runtime on
 * this library's export. By turns with a measurement of the speed of memory over 1 GiB. Prints
 * tokens a second, how many bytes of weights that is a second and which part of memory's speed. A
 * contestant that isn't there is left out with a line that says why.
 *
 * <p>All but ONNX Runtime read one file, and should continue most prompts by the same token. ONNX
 * Runtime has the same weights in 4 bits of its own kind; of random weights that is another model.
 *
 * <p>Arguments are {@code key=value}, lists with commas. Their defaults:
 *
 * <pre>
 * shape=M,TINY_LLAMA           also S, QWEN3_MOE
 * form=BF16,Q8_0,Q6_K,Q4_K_M
 * engines=ours,llama,binding,onnx
 * tokens=64                    after a prompt of 8
 * rounds=5
 * warmup=2                     seconds for each
 * threads=0                    as many as processors
 * node=integration-tests/oracles/target/oracles/llama   a folder with node-llama-cpp
 * work=DIR                     where the models are kept; a folder of the system's temporary one
 * </pre>
 *
 * <p>The files of the larger shape take 8 GB, and writing them takes minutes.
 */
public final class CompareFormats {
  private static final String MEMORY = "memory";
  private static final long WORKING_SET = 1L << 30;
  private static final int PROMPT = 8;
  private static final int COMPARED = 8;

  private final Arguments arguments;
  private final ModelFiles files;
  private final int threads;
  private final ReadBandwidth memory;

  private CompareFormats(Arguments arguments) {
    this.arguments = arguments;
    files = new ModelFiles(Path.of(arguments.text("work")));
    int given = arguments.number("threads");
    threads = given == 0 ? Runtime.getRuntime().availableProcessors() : given;
    memory = new ReadBandwidth(WORKING_SET, threads);
  }

  /** Compares what the arguments say. */
  public static void main(String[] commandLine) throws IOException {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("shape", "M,TINY_LLAMA");
    defaults.put("form", "BF16,Q8_0,Q6_K,Q4_K_M");
    defaults.put("engines", "ours,llama,binding,onnx");
    defaults.put("tokens", "64");
    defaults.put("rounds", "5");
    defaults.put("warmup", "2");
    defaults.put("threads", "0");
    defaults.put("node", "integration-tests/oracles/target/oracles/llama");
    defaults.put("work", Path.of(System.getProperty("java.io.tmpdir"), "random-models").toString());
    new CompareFormats(Arguments.of(commandLine, defaults)).run();
    // llama.cpp leaves threads behind that would keep the process alive.
    System.exit(0);
  }

  private void run() throws IOException {
    System.out.println(Machine.description() + ", threads " + threads);
    for (String shape : arguments.list("shape")) {
      for (String form : arguments.list("form")) {
        compare(Shape.valueOf(shape), FileForm.valueOf(form));
      }
    }
  }

  private void compare(Shape shape, FileForm form) throws IOException {
    Map<String, Engine> engines = new LinkedHashMap<>();
    for (String name : arguments.list("engines")) {
      if (!name.equals("onnx") || form.fourBits()) {
        try {
          engines.put(name, open(name, shape, form));
        } catch (IOException | RuntimeException e) {
          System.out.println(name + " is left out of " + shape + " " + form + ": " + e);
        }
      }
    }
    try {
      printAgreement(shape, engines);
      Rotation rotation = new Rotation();
      int tokens = arguments.number("tokens");
      int[] prompt = Prompts.random(shape, PROMPT, 0);
      engines.forEach((name, engine) -> rotation.add(name, () -> engine.decode(prompt, tokens)));
      rotation.add(MEMORY, memory::measure);
      rotation.warmUp(arguments.real("warmup"));
      rotation.run(arguments.number("rounds"));
      print(shape, form, rotation);
    } finally {
      engines.values().forEach(Engine::close);
    }
  }

  private Engine open(String name, Shape shape, FileForm form) throws IOException {
    Path file = files.gguf(shape, form.weights());
    return switch (name) {
      case "ours" ->
          new OurEngine(LanguageModels.load(file, "cpu(threads=" + threads + ",weights=auto)"));
      case "llama" -> NodeEngine.open(file, threads, Path.of(arguments.text("node")));
      case "binding" -> LlamaCppEngine.open(file, threads);
      case "onnx" -> {
        Path graph = files.exported(shape, OnnxWeights.INT4.withRoundedInputs());
        yield new OurEngine(LanguageModels.load(graph, "gpu(device=cpu,threads=" + threads + ")"));
      }
      default -> throw new IllegalArgumentException("no such engine: " + name);
    };
  }

  /** How many of some prompts each continues by the token that the first does. */
  private static void printAgreement(Shape shape, Map<String, Engine> engines) {
    List<Integer> first = new ArrayList<>();
    engines.forEach(
        (name, engine) -> {
          int alike = 0;
          for (int seed = 0; seed < COMPARED; seed++) {
            int token = engine.continuation(Prompts.random(shape, PROMPT, seed), 1)[0];
            if (first.size() <= seed) {
              first.add(token);
            }
            alike += first.get(seed) == token ? 1 : 0;
          }
          System.out.printf(
              Locale.ROOT, "  %-8s continues %d of %d prompts alike%n", name, alike, COMPARED);
        });
  }

  private void print(Shape shape, FileForm form, Rotation rotation) throws IOException {
    long bytes = form.bytesRead(shape, files.gguf(shape, form.weights()));
    double limit = rotation.median(MEMORY);
    String subject = shape + " " + form;
    System.out.printf(
        Locale.ROOT,
        "%s: %.1f MB a token, load average %.1f; memory reads %.1f GB/s (%.1f to %.1f)%n",
        subject,
        bytes * 1e-6,
        Machine.load(),
        limit,
        rotation.minimum(MEMORY),
        rotation.maximum(MEMORY));
    String first = rotation.names().iterator().next();
    for (String name : rotation.names()) {
      if (!name.equals(MEMORY)) {
        double seconds = rotation.median(name);
        Figure.add(subject, name, 1 / seconds);
        System.out.printf(
            Locale.ROOT,
            "  %-8s %8.2f tokens/s (%.2f to %.2f)  %s is %.2f x%s%n",
            name,
            1 / seconds,
            1 / rotation.maximum(name),
            1 / rotation.minimum(name),
            first,
            rotation.medianRatio(name, first),
            name.equals("onnx")
                ? "" // a file of its own
                : String.format(
                    Locale.ROOT,
                    "  %.1f GB/s, %.2f of memory's",
                    bytes * 1e-9 / seconds,
                    bytes * 1e-9 / seconds / limit));
      }
    }
    Figure.add(subject, Figure.LIMIT, limit * 1e9 / bytes);
  }
}
