package io.fundamentallm.spark;

import io.fundamentallm.TextEmbedder;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.TextScorer;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.api.java.UDF5;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;

/**
 * Functions for SQL. The first argument of each is the model's directory, as {@linkplain
 * io.fundamentallm.spark executors see it}; each is null where the text is.
 *
 * <ul>
 *   <li>{@code llm_score(model, text)}: a struct of {@link BatchScorer#scoreType()}
 *   <li>{@code llm_embed(model, text)}: the mean of the hidden states, of length 1, as an array
 *   <li>{@code llm_tokens(model, text)}: the ids of the tokens, as an array
 *   <li>{@code llm_generate(model, prompt, sampler, max_new_tokens, seed)}: a continuation without
 *       the prompt; another seed writes another one
 * </ul>
 *
 * <p>A setting that is NULL or of another type, and a row that fails, fail the query; the message
 * names function and argument. Numbers are whole: {@code max_new_tokens} is at least 1.
 *
 * <p>They compute row by row; {@link BatchScorer} and its like share passes over the weights
 * between the rows of a task.
 */
public final class SqlFunctions {
  private static final int MOST_SAMPLING = 64;

  /** Generators with samplers, least recently used first. */
  private static final Map<Sampling, TextGenerator> SAMPLING =
      Collections.synchronizedMap(
          new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Sampling, TextGenerator> eldest) {
              return size() > MOST_SAMPLING;
            }
          });

  private SqlFunctions() {}

  /** By the generator itself: another session may have another model under the same name. */
  private record Sampling(TextGenerator generator, String sampler) {}

  /** Registers them in a session, and replaces what has these names there. */
  public static void register(SparkSession spark) {
    spark
        .udf()
        .register(
            "llm_score", (UDF2<Object, Object, Row>) SqlFunctions::score, BatchScorer.scoreType());
    spark
        .udf()
        .register(
            "llm_embed",
            (UDF2<Object, Object, Float[]>) SqlFunctions::embed,
            DataTypes.createArrayType(DataTypes.FloatType, false));
    spark
        .udf()
        .register(
            "llm_tokens",
            (UDF2<Object, Object, Integer[]>) SqlFunctions::tokens,
            DataTypes.createArrayType(DataTypes.IntegerType, false));
    spark
        .udf()
        .register(
            "llm_generate",
            (UDF5<Object, Object, Object, Object, Object, String>) SqlFunctions::generate,
            DataTypes.StringType);
  }

  private static @Nullable Row score(@Nullable Object model, @Nullable Object text)
      throws IOException {
    if (text == null) {
      return null;
    }
    String read = text("llm_score", "text", text);
    TextGenerator loaded = model("llm_score", model).generator();
    return BatchScorer.score(TextScorer.of(loaded.tokenizer(), loaded.model()), read);
  }

  private static Float @Nullable [] embed(@Nullable Object model, @Nullable Object text)
      throws IOException {
    if (text == null) {
      return null;
    }
    String read = text("llm_embed", "text", text);
    TextGenerator loaded = model("llm_embed", model).generator();
    return BatchEmbedder.vector(TextEmbedder.of(loaded.tokenizer(), loaded.model()), read);
  }

  private static Integer @Nullable [] tokens(@Nullable Object model, @Nullable Object text)
      throws IOException {
    if (text == null) {
      return null;
    }
    String read = text("llm_tokens", "text", text);
    return BatchTokenizer.ids(model("llm_tokens", model).tokenizer(), read);
  }

  private static @Nullable String generate(
      @Nullable Object model,
      @Nullable Object prompt,
      @Nullable Object sampler,
      @Nullable Object maxNewTokens,
      @Nullable Object seed)
      throws IOException {
    if (prompt == null) {
      return null;
    }
    String function = "llm_generate";
    String begun = text(function, "prompt", prompt);
    if (!(sampler instanceof String spec)) {
      throw refused(function, "sampler", sampler, "a spec, such as 'temperature=0.8'");
    }
    long most = whole(function, "max_new_tokens", maxNewTokens);
    if (most < 1 || most > Integer.MAX_VALUE) {
      throw refused(function, "max_new_tokens", most, "1 to " + Integer.MAX_VALUE);
    }
    long seeded = whole(function, "seed", seed);
    return sampling(model(function, model).generator(), spec)
        .withMaxNewTokens((int) most)
        .with(options -> options.seed(seeded))
        .generate(begun);
  }

  /** The generator with a sampler, which is not parsed again for each row. */
  static TextGenerator sampling(TextGenerator generator, String sampler) {
    return SAMPLING.computeIfAbsent(
        new Sampling(generator, sampler), key -> generator.withSampler(sampler));
  }

  private static ExecutorModel model(String function, @Nullable Object model) {
    if (model instanceof String path) {
      return new ExecutorModel(path, null);
    }
    throw refused(function, "model", model, "the model's directory");
  }

  private static String text(String function, String argument, Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw refused(function, argument, "of type " + value.getClass().getSimpleName(), "a text");
  }

  private static long whole(String function, String argument, @Nullable Object value) {
    if (value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    throw refused(function, argument, value, "a whole number");
  }

  private static IllegalArgumentException refused(
      String function, String argument, @Nullable Object value, String expected) {
    return new IllegalArgumentException(
        function
            + ": "
            + argument
            + " is "
            + (value == null ? "NULL" : value)
            + "; expected "
            + expected);
  }
}
