package io.fundamentallm.benchmarks;

import com.knuddels.jtokkit.Encodings;
import io.fundamentallm.Tokenizers;
import java.io.IOException;
import java.nio.file.Path;
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
 * Loading, once in a fresh JVM: classes and all. For loading in a JVM that has loaded before,
 * {@code -wi 10 -i 10 -f 1}.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
@Fork(10)
public class LoadBenchmark {
  /** A rank file or a {@code tokenizer.json}, unzipped. */
  @State(Scope.Benchmark)
  public static class OurFile {
    /** Which. */
    @Param({"r50k", "gpt2", "cl100k", "o200k"})
    public String tokenizer;

    private Path path;

    /** Unzips it. */
    @Setup
    public void unzip() {
      path =
          SharedFolder.isRankFile(tokenizer)
              ? SharedFolder.rankFile(tokenizer)
              : SharedFolder.tokenizerJson(tokenizer);
    }
  }

  /** GPT-2's {@code tokenizer.json}, unzipped. */
  @State(Scope.Benchmark)
  public static class Gpt2File {
    private Path path;

    /** Unzips it. */
    @Setup
    public void unzip() {
      path = SharedFolder.tokenizerJson("gpt2");
    }
  }

  /** One of jtokkit's own. */
  @State(Scope.Benchmark)
  public static class JtokkitName {
    /** Which. */
    @Param({"r50k", "cl100k", "o200k"})
    public String tokenizer;
  }

  /** FundamentaLLM. */
  @Benchmark
  public Object ours(OurFile file) throws IOException {
    return Tokenizers.load(file.path);
  }

  /** One of jtokkit's encodings. */
  @Benchmark
  public Object jtokkit(JtokkitName name) {
    return JtokkitContender.open(name.tokenizer);
  }

  /** All of jtokkit's encodings: its default registry. */
  @Benchmark
  public Object jtokkitRegistry() {
    return Encodings.newDefaultEncodingRegistry();
  }

  /** GPT-2's tokenizer with DJL, its native library's unpacking included where that is new. */
  @Benchmark
  public Object djl(Gpt2File file) {
    return DjlContender.load(file.path);
  }
}
