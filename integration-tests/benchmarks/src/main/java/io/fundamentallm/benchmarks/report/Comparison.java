package io.fundamentallm.benchmarks.report;

import io.fundamentallm.benchmarks.QuickCompare;
import io.fundamentallm.benchmarks.decoding.CompareSpeculation;
import io.fundamentallm.benchmarks.inference.CompareBatching;
import io.fundamentallm.benchmarks.inference.CompareFormats;
import io.fundamentallm.benchmarks.inference.CompareInference;
import io.fundamentallm.benchmarks.inference.CompareOnnx;
import io.fundamentallm.benchmarks.loading.MeasureLoading;
import io.fundamentallm.benchmarks.products.CompareProducts;
import io.fundamentallm.benchmarks.training.CompareTraining;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A comparison of the suite.
 *
 * @param name of its section, its chart and in {@code only=}
 * @param unit of its figures
 * @param more whether more of it is better
 * @param main the class that compares
 * @param arguments its command line
 */
record Comparison(
    String name, String title, String unit, boolean more, Class<?> main, List<String> arguments) {

  /** The one that reads files which are not in this repository. */
  static final String TOKENIZERS = "tokenizers";

  /** Those that write files of many gigabytes first. They run only if they are named. */
  static final Set<String> LARGE = Set.of("formats", "memory", "loading");

  /**
   * All, in the order in which they run.
   *
   * @param python that has PyTorch; an empty text leaves PyTorch out
   */
  static List<Comparison> all(String python) {
    List<String> engines =
        python.isEmpty()
            ? List.of("engines=ours")
            : List.of("engines=ours,pytorch,pytorch-bf16", "python=" + python);
    return List.of(
        more(TOKENIZERS, "Encoding", "MB of UTF-8 a second", QuickCompare.class)
            .with("libraries=ours,jtokkit", "megabytes=5", "rounds=7", "warmup=2"),
        less("training", "A training step", "ms", CompareTraining.class)
            .with("shape=A,B,C", "rounds=3", "warmup=10")
            .with(engines.toArray(String[]::new)),
        more("running", "Running a model of 15M parameters", "tokens/s", CompareInference.class)
            .with("weights=f32,int8,int4", "task=decode,prefill,batch", "rounds=9"),
        more(
                "running-110m",
                "Running a model of 110M parameters",
                "tokens/s",
                CompareInference.class)
            .with("shape=M", "weights=f32,int8,int4", "task=decode,prefill,batch", "rounds=3"),
        more("callers", "One model, many callers", "tokens/s", CompareBatching.class)
            .with("sampler=temperature=0.8,top-k=40"),
        more("speculation", "Guessing by the prompt", "tokens/s", CompareSpeculation.class),
        less("onnx-context", "ONNX: a token after so many", "ms", CompareOnnx.class)
            .with("task=context", "exports=attention,grouped"),
        more("onnx-batch", "ONNX: sessions together", "tokens/s", CompareOnnx.class)
            .with("task=batch"),
        less("onnx-overhead", "ONNX: a token beside calls by hand", "ms", CompareOnnx.class)
            .with("task=overhead", "exports=attention,grouped"),
        more("products", "Matrix products", "GFLOP/s", CompareProducts.class),
        less("sampling", "From logits to a token", "µs", MicroBenchmarks.class)
            .with("SamplingBenchmark.*", "-p", "row=normal,flat,peaked")
            .with("-f", "1", "-wi", "3", "-i", "4", "-w", "1", "-r", "1"),
        more("formats", "Decoding in the bytes of the file", "tokens/s", CompareFormats.class),
        less("memory", "Memory of a loaded model", "MB", MeasureLoading.class),
        less("loading", "Loading a model", "s", MeasureLoading.class).with("figure=seconds"));
  }

  private static Comparison more(String name, String title, String unit, Class<?> main) {
    return new Comparison(name, title, unit, true, main, List.of());
  }

  private static Comparison less(String name, String title, String unit, Class<?> main) {
    return new Comparison(name, title, unit, false, main, List.of());
  }

  private Comparison with(String... added) {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of(added));
    return new Comparison(name, title, unit, more, main, List.copyOf(all));
  }
}
