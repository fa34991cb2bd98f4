package io.fundamentallm.benchmarks;

import io.fundamentallm.Registry;
import io.fundamentallm.Tokenizers;
import java.util.List;
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
 * Learning byte-level BPE from 10 MB of English, line by line. {@code -wi 0 -i 1 -f 5} shows the
 * first time in a fresh JVM; {@code -jvmArgsAppend -Xmx300m} whether so much heap is enough.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5)
@Measurement(iterations = 5)
@Fork(1)
public class TrainBenchmark {
  /** How many tokens. */
  @Param({"1024", "8192", "32768"})
  public int vocabulary;

  private List<String> lines;

  /** Reads the text. */
  @Setup
  public void read() {
    lines = Corpora.lines(Corpora.text("english", Corpora.SIZE));
  }

  /** FundamentaLLM. */
  @Benchmark
  public Object ours() {
    return Tokenizers.learn("bpe(vocab-size=" + vocabulary + ")", lines, Registry.standard());
  }
}
