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

/** One unit a hundred thousand times: no split to help, so merging must not be quadratic. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class LongRunsBenchmark {
  private static final int TIMES = 100_000;

  /** Letters, white space, digits and marks of one to four bytes, by their code points. */
  @Param({"61", "61 62", "5A", "20", "0A", "09", "30", "3D", "E9", "430", "4E2D", "301", "1F642"})
  public String unit;

  private String text;

  /** Writes the text. */
  @Setup
  public void write() {
    StringBuilder one = new StringBuilder();
    for (String codePoint : unit.split(" ", -1)) {
      one.appendCodePoint(Integer.parseInt(codePoint, 16));
    }
    text = one.toString().repeat(TIMES);
  }

  /** FundamentaLLM. */
  @Benchmark
  public Object ours(Contenders.Ours ours) {
    return ours.contender.encode(text);
  }

  /** The same with jtokkit. */
  @Benchmark
  public Object jtokkit(Contenders.Jtokkit jtokkit) {
    return jtokkit.contender.encode(text);
  }

  /** GPT-2's tokenizer with DJL. */
  @Benchmark
  public Object djl(Contenders.Djl djl) {
    return djl.contender.encode(text);
  }
}
