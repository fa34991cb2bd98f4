package io.fundamentallm.spark;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.TextEmbedder;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.TextScorer;
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
 * <p>They compute row by row; {@link BatchScorer} and its like share passes over the weights
 * between the rows of a task.
 */
public final class SqlFunctions {
  private SqlFunctions() {}

  /** Registers them in a session, and replaces what has these names there. */
  public static void register(SparkSession spark) {
    spark
        .udf()
        .register(
            "llm_score", (UDF2<String, String, Row>) SqlFunctions::score, BatchScorer.scoreType());
    spark
        .udf()
        .register(
            "llm_embed",
            (UDF2<String, String, Float[]>) SqlFunctions::embed,
            DataTypes.createArrayType(DataTypes.FloatType, false));
    spark
        .udf()
        .register(
            "llm_tokens",
            (UDF2<String, String, Integer[]>) SqlFunctions::tokens,
            DataTypes.createArrayType(DataTypes.IntegerType, false));
    spark
        .udf()
        .register(
            "llm_generate",
            (UDF5<String, String, String, Number, Number, String>) SqlFunctions::generate,
            DataTypes.StringType);
  }

  private static @Nullable Row score(String model, @Nullable String text) throws Exception {
    TextGenerator loaded = generator(model);
    return BatchScorer.score(TextScorer.of(loaded.tokenizer(), loaded.model()), text);
  }

  private static Float @Nullable [] embed(String model, @Nullable String text) throws Exception {
    TextGenerator loaded = generator(model);
    return BatchEmbedder.vector(TextEmbedder.of(loaded.tokenizer(), loaded.model()), text);
  }

  private static Integer @Nullable [] tokens(String model, @Nullable String text) throws Exception {
    return BatchTokenizer.ids(new ExecutorModel(model, null).tokenizer(), text);
  }

  private static @Nullable String generate(
      String model, @Nullable String prompt, String sampler, Number maxNewTokens, Number seed)
      throws Exception {
    if (prompt == null) {
      return null;
    }
    long seeded = requireNonNull(seed, "seed").longValue();
    return generator(model)
        .withSampler(requireNonNull(sampler, "sampler"))
        .withMaxNewTokens(requireNonNull(maxNewTokens, "max_new_tokens").intValue())
        .with(options -> options.seed(seeded))
        .generate(prompt);
  }

  private static TextGenerator generator(String model) throws Exception {
    return new ExecutorModel(model, null).generator();
  }
}
