package io.fundamentallm.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** Texts of 20 characters: what a call costs by itself. The time is that of one text. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class ShortTextBenchmark {
  private static final int TEXTS = 4096;
  private static final int LENGTH = 20;

  private final String[] texts = new String[TEXTS];

  /** Takes them from all over the English text. */
  @Setup
  public void read() {
    String english = Corpora.text("english", Corpora.SIZE);
    int step = (english.length() - LENGTH) / TEXTS;
    for (int i = 0; i < TEXTS; i++) {
      texts[i] = english.substring(i * step, i * step + LENGTH);
    }
  }

  /** FundamentaLLM. */
  @Benchmark
  @OperationsPerInvocation(TEXTS)
  public void ours(Contenders.Ours ours, Blackhole blackhole) {
    encode(ours.contender, blackhole);
  }

  /** The same with jtokkit. */
  @Benchmark
  @OperationsPerInvocation(TEXTS)
  public void jtokkit(Contenders.Jtokkit jtokkit, Blackhole blackhole) {
    encode(jtokkit.contender, blackhole);
  }

  /** GPT-2's tokenizer with DJL. */
  @Benchmark
  @OperationsPerInvocation(TEXTS)
  public void djl(Contenders.Djl djl, Blackhole blackhole) {
    encode(djl.contender, blackhole);
  }

  private <T> void encode(Contender<T> contender, Blackhole blackhole) {
    for (String text : texts) {
      blackhole.consume(contender.encode(text));
    }
  }
}
