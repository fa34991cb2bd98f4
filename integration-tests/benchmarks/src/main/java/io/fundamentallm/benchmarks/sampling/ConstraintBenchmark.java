package io.fundamentallm.benchmarks.sampling;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.benchmarks.SharedFolder;
import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The mask of a JSON Schema over GPT-2's 50,257 tokens, and taking the token, along a document; a
 * sample is one token. {@link #steady} has seen such documents before, though not this one's text;
 * {@link #first} reads each with a schema that was just parsed, so that its slowest sample is that
 * of a first visit.
 *
 * <pre>
 * java -Dfundamentallm.shared=DIR -jar integration-tests/benchmarks/target/benchmarks.jar Constraint
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(2)
public class ConstraintBenchmark {
  private static final String SCHEMA =
      """
      {"type":"object","properties":{
       "name":{"type":"string","maxLength":80},
       "born":{"type":"string","format":"date"},
       "height":{"type":"number","minimum":0,"maximum":3},
       "tags":{"type":"array","items":{"type":"string"},"maxItems":8},
       "address":{"type":"object","properties":{
         "street":{"type":"string"},"number":{"type":"integer","minimum":1,"maximum":99999},
         "kind":{"enum":["home","work","other"]}},"required":["street","number"]},
       "notes":{"anyOf":[{"type":"string"},{"type":"null"}]}},
       "required":["name","born","tags"],"additionalProperties":false}
      """;

  /** WORD and # differ from document to document. */
  private static final String DOCUMENT =
      """
      {"name": "Ada WORD", "born": "18#2-10-1#", "height": 1.#3,
       "tags": ["poetry", "WORD", "mathematics"],
       "address": {"street": "St James's Square", "number": 1#, "kind": "home"},
       "notes": "She wrote the first \\"program\\", WORD, in 1843.\\nIt was never run."}""";

  private static final int DOCUMENTS = 16;

  private Tokenizer tokenizer;
  private int[][] documents;
  private SamplerStage.Constraining stage;
  private TokenConstraint constraint;
  private int document;
  private int at;

  /** Loads the tokenizer and splits the documents. */
  @Setup
  public void load() throws IOException {
    tokenizer = Tokenizers.load(SharedFolder.tokenizerJson("gpt2"));
    documents = new int[DOCUMENTS][];
    for (int i = 0; i < DOCUMENTS; i++) {
      String word = Integer.toString(1_000_003 * i, 36);
      String digit = Integer.toString(i % 10);
      documents[i] = tokenizer.encode(DOCUMENT.replace("WORD", word).replace("#", digit));
    }
    stage = parsed();
    constraint = bound();
  }

  private static SamplerStage.Constraining parsed() {
    for (SamplerProvider provider : ServiceLoader.load(SamplerProvider.class)) {
      if (provider.name().equals("json-schema")) {
        Options options =
            Options.of(provider.name(), Map.of("value", SCHEMA, "max-whitespace", "2"));
        return (SamplerStage.Constraining) provider.create(options);
      }
    }
    throw new IllegalStateException("fundamentallm-samplers is not on the class path");
  }

  private TokenConstraint bound() {
    int end = tokenizer.vocabulary().size() - 1;
    ModelInfo info =
        ModelInfo.builder("gpt2", tokenizer.vocabulary().size(), 1024)
            .endTokens(Set.of(end))
            .build();
    return stage.bind().apply(Binding.of(info, tokenizer));
  }

  /** A document that begins here begins with a schema that nothing is known of. */
  @State(Scope.Benchmark)
  public static class Fresh {
    /** At the beginning of a document, outside the sample. */
    @Setup(Level.Invocation)
    public void parse(ConstraintBenchmark benchmark) {
      if (benchmark.at == 0) {
        benchmark.stage = parsed();
        benchmark.constraint = benchmark.bound();
      }
    }
  }

  /** A schema whose states are known from other documents. */
  @Benchmark
  public long[] steady() {
    return step();
  }

  /** A schema that was just parsed. */
  @Benchmark
  public long[] first(Fresh fresh) {
    return step();
  }

  private long[] step() {
    long[] mask = constraint.mask();
    constraint.accept(documents[document][at++]);
    if (at == documents[document].length) {
      at = 0;
      document = (document + 1) % DOCUMENTS;
      constraint = bound();
    }
    return mask;
  }
}
