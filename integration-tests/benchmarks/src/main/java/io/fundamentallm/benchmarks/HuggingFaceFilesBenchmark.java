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

/**
 * Encoding with {@code tokenizer.json} files: BPE in SentencePiece's style, Unigram, WordPiece and
 * byte-level BPE. DJL gets a tenth of the text, in the same documents.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(value = 1, jvmArgsAppend = "-Xmx4g")
public class HuggingFaceFilesBenchmark {
  /** What both read. */
  @State(Scope.Benchmark)
  public static class Input {
    /** Which {@code tokenizer.json}. */
    @Param({"mistral-v1", "t5", "bert-base-uncased", "qwen3", "gpt2"})
    public String file;

    /** Which text: see {@link Corpora}. */
    @Param("english")
    public String text;

    /** One string, or documents of 4 KB. */
    @Param("documents")
    public String shape;
  }

  /** Our tokenizer and text. */
  @State(Scope.Benchmark)
  public static class Ours {
    private OurContender contender;
    private Sample sample;

    /** Loads both. */
    @Setup
    public void load(Input input) {
      contender = OurContender.open(input.file);
      sample = Sample.of(input.text, input.shape, Corpora.SIZE);
    }
  }

  /** DJL's tokenizer and text. */
  @State(Scope.Benchmark)
  public static class Djl {
    private DjlContender contender;
    private Sample sample;

    /** Loads both. */
    @Setup
    public void load(Input input) {
      contender = DjlContender.open(input.file);
      sample = Sample.of(input.text, input.shape, Corpora.SIZE / 10);
    }
  }

  /** FundamentaLLM. */
  @Benchmark
  public void ours(Ours ours, Rate rate, Blackhole blackhole) {
    encode(ours.contender, ours.sample, rate, blackhole);
  }

  /** The same with DJL. */
  @Benchmark
  public void djl(Djl djl, Rate rate, Blackhole blackhole) {
    encode(djl.contender, djl.sample, rate, blackhole);
  }

  private static <T> void encode(
      Contender<T> contender, Sample sample, Rate rate, Blackhole blackhole) {
    for (String document : sample.documents()) {
      blackhole.consume(contender.encode(document));
    }
    rate.megabytes += sample.megabytes();
  }
}
