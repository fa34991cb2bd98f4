package io.fundamentallm.benchmarks;

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
import org.openjdk.jmh.infra.Blackhole;

/** Encoding, warm, on one thread. With {@code -prof gc} it shows what is allocated. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(value = 2, jvmArgsAppend = "-Xmx4g")
public class EncodeBenchmark {
  /** Which text: see {@link Corpora}. */
  @Param({"english", "multilingual", "code"})
  public String text;

  /** One string, or documents of 4 KB. */
  @Param({"whole", "documents"})
  public String shape;

  private Sample sample;

  /** Reads the text. */
  @Setup
  public void read() {
    sample = Sample.of(text, shape, Corpora.SIZE);
  }

  /** FundamentaLLM. */
  @Benchmark
  public void ours(Contenders.Ours ours, Rate rate, Blackhole blackhole) {
    encode(ours.contender, rate, blackhole);
  }

  /** The same with jtokkit. */
  @Benchmark
  public void jtokkit(Contenders.Jtokkit jtokkit, Rate rate, Blackhole blackhole) {
    encode(jtokkit.contender, rate, blackhole);
  }

  /** GPT-2's tokenizer with DJL. */
  @Benchmark
  public void djl(Contenders.Djl djl, Rate rate, Blackhole blackhole) {
    encode(djl.contender, rate, blackhole);
  }

  private <T> void encode(Contender<T> contender, Rate rate, Blackhole blackhole) {
    for (String document : sample.documents()) {
      blackhole.consume(contender.encode(document));
    }
    rate.megabytes += sample.megabytes();
  }
}
