package io.fundamentallm.benchmarks.sampling;

import io.fundamentallm.Samplers;
import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.decoding.TokenBuffer;
import io.fundamentallm.model.ModelInfo;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * From a row of logits to a token, warm, on one thread. The chains that the targets are about write
 * nothing into the row, so it is not copied for each token.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
@State(Scope.Thread)
public class SamplingBenchmark {
  /** How the logits lie: about equal, as a model's are on the whole, or one far above all. */
  @Param({"normal"})
  public String row;

  /** Size of the vocabulary, then the chain. */
  @Param({
    "50257 top-k=40,top-p=0.9,temperature=0.8",
    "50257 temperature=0.8",
    "128256 top-p=0.9",
  })
  public String chain;

  private final TokenBuffer history =
      TokenBuffer.ofPrompt(new Random(2).ints(512, 0, 900).toArray());
  private float[] logits = {};
  private Sampler sampler =
      Samplers.draw().bind(Binding.of(ModelInfo.builder("none", 1, 1).build()));
  private Step step = step(1);
  private long seed;

  private Step step(int vocabularySize) {
    ModelInfo model = ModelInfo.builder("row", vocabularySize, 1024).build();
    return new Step(model, history, new Randomness(seed++, 0));
  }

  /** Makes the row and binds the chain. */
  @Setup
  public void prepare() {
    String[] parts = chain.split(" ", 2);
    logits = row(Integer.parseInt(parts[0]));
    step = step(logits.length);
    sampler = Samplers.parse(parts[1]).bind(Binding.of(step.model()));
  }

  private float[] row(int size) {
    double deviation =
        switch (row) {
          case "flat" -> 0.1;
          case "peaked" -> 3;
          default -> 2;
        };
    Random random = new Random(1);
    float[] made = new float[size];
    for (int i = 0; i < size; i++) {
      made[i] = (float) (deviation * random.nextGaussian());
    }
    if (row.equals("peaked")) {
      made[size / 3] = 30;
    }
    return made;
  }

  /** One token. */
  @Benchmark
  public int token() {
    return sampler.sample(step.reset(logits));
  }
}
