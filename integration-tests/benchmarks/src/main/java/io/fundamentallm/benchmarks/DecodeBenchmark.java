package io.fundamentallm.benchmarks;

import java.util.ArrayList;
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
import org.openjdk.jmh.infra.Blackhole;

/** Ids back to a string, warm, on one thread. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(value = 2, jvmArgsAppend = "-Xmx4g")
public class DecodeBenchmark {
  /** The texts' tokens, once for each of the libraries, each in its own form. */
  @State(Scope.Benchmark)
  public static class Encoded {
    /** Which text: see {@link Corpora}. */
    @Param({"english", "multilingual", "code"})
    public String text;

    /** One string, or documents of 4 KB. */
    @Param({"whole", "documents"})
    public String shape;

    private double megabytes;

    <T> List<T> by(Contender<T> contender) {
      Sample sample = Sample.of(text, shape, Corpora.SIZE);
      megabytes = sample.megabytes();
      List<T> documents = new ArrayList<>();
      for (String document : sample.documents()) {
        documents.add(contender.encode(document));
      }
      return documents;
    }

    <T> void decode(List<T> documents, Contender<T> contender, Rate rate, Blackhole blackhole) {
      for (T document : documents) {
        blackhole.consume(contender.decode(document));
      }
      rate.megabytes += megabytes;
    }
  }

  /** Our tokens. */
  @State(Scope.Benchmark)
  public static class Ours {
    private List<int[]> documents;

    /** Encodes them. */
    @Setup
    public void encode(Contenders.Ours ours, Encoded encoded) {
      documents = encoded.by(ours.contender);
    }
  }

  /** The tokens of jtokkit. */
  @State(Scope.Benchmark)
  public static class Jtokkit {
    private List<com.knuddels.jtokkit.api.IntArrayList> documents;

    /** Encodes them. */
    @Setup
    public void encode(Contenders.Jtokkit jtokkit, Encoded encoded) {
      documents = encoded.by(jtokkit.contender);
    }
  }

  /** FundamentaLLM. */
  @Benchmark
  public void ours(
      Contenders.Ours ours, Ours tokens, Encoded encoded, Rate rate, Blackhole blackhole) {
    encoded.decode(tokens.documents, ours.contender, rate, blackhole);
  }

  /** The same with jtokkit. */
  @Benchmark
  public void jtokkit(
      Contenders.Jtokkit jtokkit, Jtokkit tokens, Encoded encoded, Rate rate, Blackhole blackhole) {
    encoded.decode(tokens.documents, jtokkit.contender, rate, blackhole);
  }
}
