package io.fundamentallm.benchmarks;

import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What is measured, loaded once a trial. Each library has the files that it can read. */
public class Contenders {
  private Contenders() {}

  /** OpenAI's rank files, read by us. */
  @State(Scope.Benchmark)
  public static class Ours {
    /** Which. */
    @Param({"r50k", "cl100k", "o200k"})
    public String tokenizer;

    OurContender contender;

    /** Loads it. */
    @Setup
    public void load() {
      contender = OurContender.open(tokenizer);
    }
  }

  /** The same, which jtokkit brings along. */
  @State(Scope.Benchmark)
  public static class Jtokkit {
    /** Which. */
    @Param({"r50k", "cl100k", "o200k"})
    public String tokenizer;

    JtokkitContender contender;

    /** Loads it. */
    @Setup
    public void load() {
      contender = JtokkitContender.open(tokenizer);
    }
  }

  /** GPT-2's {@code tokenizer.json}, whose ids are those of r50k, read by DJL. */
  @State(Scope.Benchmark)
  public static class Djl {
    DjlContender contender;

    /** Loads it. */
    @Setup
    public void load() {
      contender = DjlContender.open("gpt2");
    }
  }
}
