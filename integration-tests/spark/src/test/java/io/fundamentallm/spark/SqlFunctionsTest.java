package io.fundamentallm.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.TextGenerator;
import java.io.IOException;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the functions refuse, and texts that are NULL. */
@ExtendWith(LocalCluster.class)
class SqlFunctionsTest {
  private final String model = "'" + Novel.model() + "'";

  @BeforeAll
  static void register() {
    SqlFunctions.register(LocalCluster.spark());
  }

  /** The value of an expression in which {@code text} is a text, or NULL, on an executor. */
  private static Object value(String expression, String text) {
    Dataset<Row> one =
        LocalCluster.spark()
            .range(1)
            .repartition(1)
            .selectExpr("id", "string(" + text + ") as text");
    return one.selectExpr(expression).collectAsList().get(0).get(0);
  }

  private void assertRefused(String expression, String message) {
    assertThatThrownBy(() -> value(expression, "'It is'"))
        .as(expression)
        .hasStackTraceContaining("java.lang.IllegalArgumentException: " + message);
  }

  @Test
  void a_null_text_has_a_null_result() {
    for (String function : List.of("llm_score", "llm_embed", "llm_tokens")) {
      assertThat(value(function + "(" + model + ", text)", "NULL")).as(function).isNull();
      assertThat(value(function + "(" + model + ", text)", "'It'")).as(function).isNotNull();
    }
    assertThat(value("llm_generate(" + model + ", text, 'greedy', 3, 1)", "NULL")).isNull();
  }

  @Test
  void a_null_setting_is_named_with_its_function() {
    for (String function : List.of("llm_score", "llm_embed", "llm_tokens")) {
      assertRefused(
          function + "(NULL, text)", function + ": model is NULL; expected the model's directory");
    }
    String message = "llm_generate: ";
    assertRefused(
        "llm_generate(NULL, text, 'greedy', 3, 1)",
        message + "model is NULL; expected the model's directory");
    assertRefused(
        "llm_generate(" + model + ", text, NULL, 3, 1)",
        message + "sampler is NULL; expected a spec, such as 'temperature=0.8'");
    assertRefused(
        "llm_generate(" + model + ", text, 'greedy', NULL, 1)",
        message + "max_new_tokens is NULL; expected a whole number");
    assertRefused(
        "llm_generate(" + model + ", text, 'greedy', 3, NULL)",
        message + "seed is NULL; expected a whole number");
  }

  @Test
  void numbers_are_whole_and_do_not_wrap() {
    assertRefused(
        "llm_generate(" + model + ", text, 'greedy', 2.5, 1)",
        "llm_generate: max_new_tokens is 2.5; expected a whole number");
    assertRefused(
        "llm_generate(" + model + ", text, 'greedy', 3, 1e0)",
        "llm_generate: seed is 1.0; expected a whole number");
    assertRefused(
        "llm_generate(" + model + ", text, 'greedy', 4294967299, 1)",
        "llm_generate: max_new_tokens is 4294967299; expected 1 to 2147483647");
    assertRefused(
        "llm_generate(" + model + ", text, 'greedy', 0, 1)",
        "llm_generate: max_new_tokens is 0; expected 1 to 2147483647");
    String written = (String) value("llm_generate(" + model + ", text, 'greedy', 3, 1)", "'It'");
    assertThat(value("llm_generate(" + model + ", text, 'greedy', 3L, 1S)", "'It'"))
        .isEqualTo(written);
  }

  @Test
  void an_argument_of_another_type_is_named() {
    assertRefused("llm_tokens(7, text)", "llm_tokens: model is 7; expected the model's directory");
    assertRefused(
        "llm_score(" + model + ", id)", "llm_score: text is of type Long; expected a text");
    assertRefused(
        "llm_generate(" + model + ", text, 'greedy', '3', 1)",
        "llm_generate: max_new_tokens is 3; expected a whole number");
  }

  @Test
  void a_row_that_fails_fails_the_query() {
    assertThatThrownBy(
            () -> value("llm_embed(" + model + ", text)", "repeat('It is a truth ', 40)"))
        .hasStackTraceContaining("the model's context holds 64");
    assertThatThrownBy(() -> value("llm_generate(" + model + ", text, 'nosuch', 3, 1)", "'It'"))
        .hasStackTraceContaining("nosuch");
  }

  @Test
  void a_sampler_is_parsed_once_and_few_are_kept() throws IOException {
    TextGenerator generator = new ExecutorModel(Novel.model().toString(), null).generator();
    TextGenerator greedy = SqlFunctions.sampling(generator, "greedy");
    for (int i = 1; i < 64; i++) {
      SqlFunctions.sampling(generator, "temperature=0." + i);
    }
    assertThat(SqlFunctions.sampling(generator, "greedy")).isSameAs(greedy);
    for (int i = 1; i <= 64; i++) {
      SqlFunctions.sampling(generator, "top-k=" + i);
    }
    assertThat(SqlFunctions.sampling(generator, "greedy")).isNotSameAs(greedy);
  }
}
