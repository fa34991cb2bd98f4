package io.fundamentallm.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.xxhash64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.spark.ml.TextGeneration;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LocalCluster.class)
class BatchGeneratorTest {
  private static final String SAMPLER = "temperature=0.9,top-k=20";

  // no constant: executors, which get the lambda, would make it too, and train the model for it
  private static BatchGenerator generator() {
    return BatchGenerator.of(Novel.model().toString())
        .withRuntime("cpu(threads=1)")
        .withSeed(7)
        .with(generator -> generator.withSampler(SAMPLER).withMaxNewTokens(12));
  }

  /** Prompts of which many are alike, with keys of their own. */
  private static Dataset<Row> prompts(int partitions) {
    return LocalCluster.spark()
        .range(40)
        .withColumn("prompt", expr("array('It is', 'My dear ', 'However')[id % 3]"))
        .repartition(partitions);
  }

  private static Map<Long, String> texts(Dataset<Row> rows) {
    Map<Long, String> texts = new TreeMap<>();
    for (Row row : rows.collectAsList()) {
      texts.put(row.getAs("id"), row.getAs("text"));
    }
    return texts;
  }

  @Test
  void each_row_gets_the_text_that_a_generator_here_writes_whatever_the_partitions()
      throws IOException {
    Map<Long, String> texts = texts(generator().generate(prompts(2), "prompt", "id", "text"));

    assertThat(texts).hasSize(40);
    assertThat(texts(generator().generate(prompts(5), "prompt", "id", "text"))).isEqualTo(texts);
    try (TextGenerator local = TextGenerator.load(Novel.model())) {
      TextGenerator seeded = local.withSampler(SAMPLER).withMaxNewTokens(12).withSeed(7);
      for (Row row : prompts(1).collectAsList()) {
        long key = row.getAs("id");
        String alone = seeded.with(o -> o.sequence(key)).generate(row.getAs("prompt"));
        assertThat(texts.get(key)).isEqualTo(alone);
      }
    }
    assertThat(texts.get(0L)).isNotEqualTo(texts.get(3L)); // one prompt, two keys
    assertThat(texts(generator().withSeed(8).generate(prompts(2), "prompt", "id", "text")))
        .isNotEqualTo(texts);
  }

  @Test
  void rows_without_prompt_have_no_text_and_need_no_key() {
    Dataset<Row> rows =
        prompts(1).limit(1).selectExpr("cast(null as string) as prompt", "cast(null as int) as id");
    Row row = generator().generate(rows, "prompt", "id", "text").first();
    assertThat(row.isNullAt(2)).isTrue();
  }

  @Test
  void a_key_that_is_no_number_is_refused_and_its_hash_is_not() {
    Dataset<Row> named = prompts(1).limit(3).withColumn("name", col("id").cast("string"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> generator().generate(named, "prompt", "name", "text"))
        .withMessageContaining("column \"name\" is of type STRING")
        .withMessageContaining("xxhash64");
    Dataset<Row> hashed = named.withColumn("key", xxhash64(col("name")));
    assertThat(texts(generator().generate(hashed, "prompt", "key", "text"))).hasSize(3);
  }

  @Test
  void without_a_column_of_keys_the_prompts_hash_is_the_key() {
    TextGeneration stage =
        new TextGeneration()
            .setModel(Novel.model().toString())
            .setRuntime("cpu(threads=1)")
            .setInputCol("document.body")
            .setOutputCol("text")
            .setSeed(7)
            .setSampler(SAMPLER)
            .setMaxNewTokens(12);
    Dataset<Row> keyed = prompts(2).withColumn("key", xxhash64(col("prompt")));
    Map<Long, String> texts = texts(generator().generate(keyed, "prompt", "key", "text"));
    assertThat(Set.copyOf(texts.values())).hasSize(3);

    assertThat(texts(generator().generate(prompts(2), "prompt", "text"))).isEqualTo(texts);
    Dataset<Row> nested =
        prompts(2).select(col("id"), struct(col("prompt").as("body")).as("document"));
    assertThat(texts(stage.transform(nested))).isEqualTo(texts);
    // a column whose name has the dot, beside one with such a field
    Dataset<Row> dotted =
        prompts(2)
            .withColumnRenamed("prompt", "document.body")
            .withColumn("document", struct(lit("another").as("body")));
    assertThat(texts(stage.transform(dotted))).isEqualTo(texts);
    stage.setInputCol("`document.body`");
    assertThat(texts(stage.transform(dotted))).isEqualTo(texts);
    stage.setInputCol("`document`.`body`");
    assertThat(texts(stage.transform(nested))).isEqualTo(texts);
    stage.setInputCol("`document");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stage.transform(nested))
        .withMessageContaining("\"`document\" is no name of a column: ");
  }

  @Test
  void a_row_that_fails_is_named_by_its_key() {
    Dataset<Row> empty =
        LocalCluster.spark()
            .range(17, 18)
            .selectExpr("id", "repeat('It is a truth ', 40) as prompt");
    Dataset<Row> written = generator().generate(empty, "prompt", "id", "text");
    assertThatThrownBy(written::collectAsList).hasStackTraceContaining("the row with key 17: ");
  }
}
