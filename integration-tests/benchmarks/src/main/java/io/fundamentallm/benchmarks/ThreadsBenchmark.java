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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** One tokenizer on one thread and on two. The rates are those of all threads together. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(value = 2, jvmArgsAppend = "-Xmx4g")
public class ThreadsBenchmark {
  /** Which text: see {@link Corpora}. */
  @Param({"english", "multilingual", "code"})
  public String text;

  private Sample sample;

  /** Reads the text. */
  @Setup
  public void read() {
    sample = Sample.of(text, "documents", Corpora.SIZE);
  }

  /** One thread. */
  @Benchmark
  @Threads(1)
  public void one(Contenders.Ours ours, Rate rate, Blackhole blackhole) {
    encode(ours.contender, rate, blackhole);
  }

  /** Two threads. */
  @Benchmark
  @Threads(2)
  public void two(Contenders.Ours ours, Rate rate, Blackhole blackhole) {
    encode(ours.contender, rate, blackhole);
  }

  private void encode(OurContender contender, Rate rate, Blackhole blackhole) {
    for (String document : sample.documents()) {
      blackhole.consume(contender.encode(document));
    }
    rate.megabytes += sample.megabytes();
  }
}
